"""What fills a slot: samplers, pruners, and the space that they search."""
