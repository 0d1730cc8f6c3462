"""One file per family of slash commands; the client loads them by name."""
