"""`segpaint bench gui`: what the window costs, measured in a real window."""
