"""Processes, files, signals and clocks: what the operating system gives, with nothing of sweeper in it."""
