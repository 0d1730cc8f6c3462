"""Matinee without a Discord account, a token or a key."""
