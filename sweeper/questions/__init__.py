"""Analyses of questions that need code of their own: pure functions from results to an answer."""
