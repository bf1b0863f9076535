"""What the pointer does on the canvas: one tool at a time."""
