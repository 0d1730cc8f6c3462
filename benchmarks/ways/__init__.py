"""What runs in a process of its own: `python -m benchmarks.ways.…`, asked and answered in JSON."""
