"""What Discord has taught us about its channels: remembered for a while, so that it needn't say so again.

Each call that it refuses counts against the bot's address: 10,000 within ten minutes, and it is shut out
(topics/rate-limits, "Invalid Request Limit").
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

CLOSED_FOR = timedelta(hours=1)
"""A channel that refused us is tried again after this, or as soon as our permissions there change."""
LOWER_FOR = timedelta(days=1)
"""How long a lower upload limit is believed."""
Key = TypeVar("Key")
MOST = 1_000
"""So many of each are remembered; then the oldest is forgotten."""


@dataclass(frozen=True, slots=True)
class _Lesson:
    """What was learned."""

    since: datetime
    seen: int | None
    """What Discord's gateway had said at that time: permissions, or the server's limit."""
    value: int


class Lessons:
    """Which channels are closed to us, and which servers take less than they say; nothing is written down."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self._closed: dict[tuple[int, bool], _Lesson] = {}
        self._limits: dict[int, _Lesson] = {}

    def close(self, channel_id: int, *, file: bool, permissions: int | None, code: int) -> None:
        """Remember that a message, with or without a file, was refused there with `code` (403)."""
        _keep(self._closed, (channel_id, file), _Lesson(self._clock(), permissions, code))

    def closed(self, channel_id: int, *, file: bool, permissions: int | None) -> int | None:
        """Return the code with which it would be refused again, or None: nothing speaks against trying."""
        lesson = self._closed.get((channel_id, file))
        return self._believed(lesson, CLOSED_FOR, permissions)

    def lower(self, guild_id: int, limit: int, *, told: int) -> None:
        """Remember that a server takes no more than `limit` bytes, although it `told` us more."""
        _keep(self._limits, guild_id, _Lesson(self._clock(), told, limit))

    def limit(self, guild_id: int, *, told: int) -> int:
        """Return the bytes that a server really takes."""
        lesson = self._limits.get(guild_id)
        lower = self._believed(lesson, LOWER_FOR, told)
        return told if lower is None else min(told, lower)

    def _believed(self, lesson: _Lesson | None, span: timedelta, seen: int | None) -> int | None:
        """Return what was learned, while it holds: never after the clock was set back."""
        if lesson is None or lesson.seen != seen:
            return None
        return lesson.value if timedelta() <= self._clock() - lesson.since < span else None


def _keep(lessons: dict[Key, _Lesson], key: Key, lesson: _Lesson) -> None:
    lessons.pop(key, None)
    lessons[key] = lesson
    if len(lessons) > MOST:
        del lessons[next(iter(lessons))]
