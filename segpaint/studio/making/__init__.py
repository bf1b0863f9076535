"""Long work beside the runs: paired sets and films."""
