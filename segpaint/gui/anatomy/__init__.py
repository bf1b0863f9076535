"""The anatomy gestures: the bar that sets them, and what starts them."""
