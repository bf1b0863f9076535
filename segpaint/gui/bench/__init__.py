"""`segpaint bench gui`: delays of a real window."""
