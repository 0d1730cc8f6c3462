"""Many processes by role, on machines with lines that can be cut, over one PostgreSQL."""
