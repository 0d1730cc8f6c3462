"""The database: rows that are due, the ledger, and nothing else that remembers."""
