"""What is trained: the configuration, its rules, and the spaces that are searched."""
