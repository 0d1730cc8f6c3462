"""How often the cards of one channel are edited, all of them together.

Discord takes few edits of old messages in one channel (error 30046, topics/opcodes-and-status-codes; how many
it doesn't say, people count three in six seconds), and each one that it turns away counts against the bot.
"""

from __future__ import annotations

from collections import deque
from datetime import timedelta
from enum import IntEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

MOST = 3
"""Edits of cards in one channel within `WINDOW`."""
WINDOW = timedelta(seconds=6)
SPACING = WINDOW / MOST
FORGOTTEN = timedelta(seconds=30)
"""After its turn a card is no longer waited for: it comes with its generation's next step."""
CHANNELS = 1_000
"""So many are remembered before those that are quiet are forgotten."""


class Worth(IntEnum):
    """What an edit is worth."""

    PROGRESS = 0
    """Left out where there is no room, and one place is left free for what matters."""
    STATE = 1


class Budget:
    """The edits of each channel in this process, by the moments that it is told; nothing is written down."""

    def __init__(self) -> None:
        self._edits: dict[int, deque[datetime]] = {}
        self._turns: dict[int, dict[str, datetime]] = {}
        """When whoever found no room should come again, by channel and generation."""

    def take(self, channel_id: int, id_: str, worth: Worth, now: datetime) -> bool:
        """Take the place of one edit; where there is none, a change of state is given a turn."""
        turns = self._waiting(channel_id, now)
        room = MOST - len(self._recent(channel_id, now))
        if room > 1 - worth and (worth is Worth.STATE or not turns):
            self._edits.setdefault(channel_id, deque(maxlen=MOST)).append(now)
            turns.pop(id_, None)
            self._tidy(now)
            return True
        if worth is Worth.STATE and turns.get(id_, now) <= now:
            turns.pop(id_, None)
            turns[id_] = max(turns.values(), default=now) + SPACING
            self._turns[channel_id] = turns
        return False

    def turn(self, channel_id: int, id_: str, now: datetime) -> datetime | None:
        """Return when to come again with a change of state that found no room, or None if none did."""
        turn = self._turns.get(channel_id, {}).get(id_)
        return turn if turn is not None and turn > now else None

    def forget(self) -> None:
        """Forget the turns that were given: the clock was set back, and they may be far away."""
        self._turns.clear()

    def _recent(self, channel_id: int, now: datetime) -> list[datetime]:
        edits = self._edits.get(channel_id, ())
        return [moment for moment in edits if abs(now - moment) < WINDOW]  # the clock may be set back

    def _waiting(self, channel_id: int, now: datetime) -> dict[str, datetime]:
        turns = self._turns.pop(channel_id, {})
        kept = {id_: turn for id_, turn in turns.items() if abs(now - turn) < FORGOTTEN or turn > now}
        if kept:
            self._turns[channel_id] = kept
        return kept

    def _tidy(self, now: datetime) -> None:
        if len(self._edits) > CHANNELS:
            self._edits = {each: edits for each, edits in self._edits.items() if self._recent(each, now)}
