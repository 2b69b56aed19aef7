"""``python -m sweeper`` is the command ``sweeper``."""

from sweeper.cli.entry import main

if __name__ == "__main__":
    main()
