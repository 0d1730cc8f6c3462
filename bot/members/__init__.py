"""What members decide for themselves: preferences, presets, and what is kept of them."""
