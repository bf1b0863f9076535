"""Pictures made from results: comparisons, films, contact sheets."""
