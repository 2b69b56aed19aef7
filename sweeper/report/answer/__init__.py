"""Answers to questions, and their report."""
