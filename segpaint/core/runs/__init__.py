"""Runs: the steps of a request, their branches and the budget that keeps them."""
