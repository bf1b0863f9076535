"""Proof of use: whether segmenters are better for the pairs that a checkpoint makes."""
