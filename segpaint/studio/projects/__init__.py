"""Projects: a piece of work in one file, saved by itself from then on."""
