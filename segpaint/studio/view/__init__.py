"""How the window shows things, without widgets."""
