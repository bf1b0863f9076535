"""Edits of real slices: how far images follow them, and how true they are."""
