"""Moves each generation one step at a time, from the command to the film.

A row that is due is claimed, advanced one step, and given back. Waiting costs nothing but a `due_at`;
a callback, a poll, a restart and a second machine are all the same thing: a row that is due.
"""

from bot.tracker.context import Context
from bot.tracker.loop import Tracker

__all__ = ["Context", "Tracker"]
