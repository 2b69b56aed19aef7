"""The tracker behind MLflow, and the only home of MLflow."""
