"""Looking at a scan: its slices, the frame on them, and where they lie."""
