"""Labels: tables, colours, areas, and the mapping between tables."""
