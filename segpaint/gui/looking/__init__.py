"""Looking at images: comparison, window and level, findings."""
