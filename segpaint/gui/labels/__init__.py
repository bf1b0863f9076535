"""The list of labels."""
