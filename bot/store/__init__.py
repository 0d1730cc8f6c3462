"""The database: rows that are due, the ledger, and nothing else that remembers."""

from bot.store.ledger import Entry
from bot.store.opening import migrate, open_store
from bot.store.store import Store

__all__ = ["Entry", "Store", "migrate", "open_store"]
