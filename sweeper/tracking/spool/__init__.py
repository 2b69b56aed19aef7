"""Entries that wait on disk until MLflow has them."""
