"""Shows work to an audience: one picture that fills a screen."""
