"""The window: where every part has its place."""
