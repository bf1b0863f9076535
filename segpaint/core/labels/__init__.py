"""Labels: tables, colours, areas, and how tables of different origin map to each other."""
