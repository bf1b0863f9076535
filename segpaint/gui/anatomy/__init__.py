"""The anatomy gestures: the bar that sets them, and their commands."""
