"""The panes on which masks and images are drawn."""
