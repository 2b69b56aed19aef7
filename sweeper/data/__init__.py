"""Data sets, NumPy only: where they lie, how they are read and split, and the sealed test split."""
