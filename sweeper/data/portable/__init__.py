"""Rows as people have them, read as training read its own: to numbers, to features, and to what is unlike training.

What training fixed comes as a plain document (``sweeper.data.preprocessing``). A copy of this package is in every
exported model and works where sweeper is not installed: it imports NumPy, Arrow and pandas, and its own modules by
relative imports.
"""
