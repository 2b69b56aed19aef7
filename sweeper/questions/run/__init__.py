"""How a question's experiment is run."""
