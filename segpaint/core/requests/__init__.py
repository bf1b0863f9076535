"""Requests: everything that determines an image, and what is known about the result."""
