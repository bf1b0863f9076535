"""Sampling: network, conditioning, samplers and inversion; the only part of `core` that uses torch."""
