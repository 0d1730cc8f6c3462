"""Every exercise, by importing them all, and the menus whose entries are the same for everybody."""

from types import SimpleNamespace

from bot.i18n import speaker
from bot.messages import buttons
from bot.messages.library import _SHOWN as STATES
from bot.messages.operations import _LABELS as DECISIONS
from bot.messages.settings import NAMES
from tests.cogs.exercises import EXERCISES, boards, films, making, money, operations, own, rules

__all__ = ["ENTRIES", "EVERY_ENTRY", "EXERCISES", "MODULES", "NAMES", "STATES"]

MODULES = (making, boards, films, own, rules, money, operations)
_FILM = SimpleNamespace(id="0" * 16, request=SimpleNamespace(resolution="480p", sound=True))
EVERY_ENTRY = buttons.more(_FILM, speaker("en-US")).options
"""Of the menu below a film, below which all of it makes sense."""
ENTRIES = {
    "after.More": [option.value for option in EVERY_ENTRY],
    "after.Choose": ["ratio", "maker"],
    "library.Filter": [shown.value for shown in STATES],
    "settings.Set": list(NAMES),
    "queue.Decide": list(DECISIONS),
}
