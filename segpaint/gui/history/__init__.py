"""Earlier results, and earlier edits."""
