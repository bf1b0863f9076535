"""The open model: its panel and its card."""
