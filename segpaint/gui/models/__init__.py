"""The model in use: its panel and its card."""
