"""Qt parts that the whole studio uses."""
