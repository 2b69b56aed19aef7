"""Servers with libraries loaded, which a user asked for: where they are found, who may use them, how they fork."""
