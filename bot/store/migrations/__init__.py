"""How the tables came to be: one history for both databases."""
