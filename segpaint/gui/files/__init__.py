"""Opening and saving files in the window."""
