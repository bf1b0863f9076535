"""The run: its settings, its steps, its state."""
