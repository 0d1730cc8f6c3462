"""Removes each defence in turn and shows that a test fails then; a defence without one isn't done."""
