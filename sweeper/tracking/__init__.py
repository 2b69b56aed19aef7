"""The record of every run; the only home of MLflow."""
