"""Statistics, tables, figures and documents; reads records, starts nothing."""
