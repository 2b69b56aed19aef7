"""The command line: signatures, rendering, and errors as one line and an exit code."""
