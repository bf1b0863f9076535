"""The open scan: which of its slices is painted on, and within which frame."""
