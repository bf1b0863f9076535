"""Runs: the steps of a request, their branches, and the memory that they may use."""
