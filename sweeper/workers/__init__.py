"""Workers turn trials into results; they know nothing of the study."""
