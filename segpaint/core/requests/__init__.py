"""Requests: everything that determines an image, and judgements of the result."""
