"""Comparisons, and their report."""
