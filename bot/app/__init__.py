"""Builds everything in order and takes it down in reverse: the only place that knows them all."""

from bot.app.opening import open_app, open_doorway, sync
from bot.app.parts import utc_now

__all__ = ["open_app", "open_doorway", "sync", "utc_now"]
