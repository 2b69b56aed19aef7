"""What a document is, and how it is written down."""
