"""What a command does, apart from how it is typed and shown: each gives a plain document."""
