"""sweeper: hyperparameter sweeps on the command line, with honest results."""

__version__ = "0.1.0"
