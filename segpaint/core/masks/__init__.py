"""Masks: painting, shapes, and the operations on the anatomy in them."""
