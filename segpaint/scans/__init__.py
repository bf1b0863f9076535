"""Edits of whole scans, without a window."""
