"""The leaders of a search, on fresh seeds."""
