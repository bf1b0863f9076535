"""Small widgets with one job, used by several rooms."""
