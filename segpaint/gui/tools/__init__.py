"""The tools of the canvas."""
