"""What is asked: a question, its overrides, its data and its conditions."""
