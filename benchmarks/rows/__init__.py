"""The rows of the table, each a module with a `ROW`, found by the module's name."""
