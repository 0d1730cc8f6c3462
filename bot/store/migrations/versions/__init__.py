"""Each step of the history, named by its number."""
