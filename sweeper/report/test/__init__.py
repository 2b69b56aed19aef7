"""What a model makes of the test split, and its report."""
