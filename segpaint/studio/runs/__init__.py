"""Runs, live painting and the worker's thread."""
