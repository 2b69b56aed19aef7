"""``python -m sweeper`` is the command ``sweeper``."""

from sweeper.cli.app import main

if __name__ == "__main__":
    main()
