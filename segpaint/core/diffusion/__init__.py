"""Sampling: the network, its conditioning, samplers and inversion. The only part of `core` with torch."""
