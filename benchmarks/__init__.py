"""How fast it is, in ratios: `make bench`. docs/performance.md explains every row."""
