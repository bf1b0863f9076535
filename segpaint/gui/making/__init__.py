"""Making many images: series, paired sets, animations."""
