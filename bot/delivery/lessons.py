"""What Discord has taught us about its channels: remembered for a while, so that it needn't say so again.

Each call that it refuses counts against the bot's address: 10,000 within ten minutes, and it is shut out
(topics/rate-limits, "Invalid Request Limit").
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

CLOSED_FOR = timedelta(hours=1)
"""A channel that refused us is tried again after this, or as soon as our permissions there change."""
CLOSED_UNSEEN_FOR = timedelta(minutes=10)
"""As long where nobody tells us of our permissions: not each channel's refusals may count against us."""
LOWER_FOR = timedelta(days=1)
"""How long a lower upload limit is believed."""
TOLD_FOR = timedelta(minutes=1)
"""How long a server's own limit is believed where it has to be asked for."""
SEEN_FOR = timedelta(seconds=10)
"""How long a channel's age limit is: shorter, since it may be lifted at any moment."""
Key = TypeVar("Key")
Value = TypeVar("Value")
MOST = 1_000
"""So many of each are remembered; then the oldest is forgotten."""


@dataclass(frozen=True, slots=True)
class _Lesson:
    """What was learned."""

    since: datetime
    seen: int | None
    """What Discord's gateway had said at that time: permissions, or the server's limit."""
    value: int


class Heard(Generic[Key, Value]):
    """What Discord answered, believed for a moment: a process without its gateway asks for it each time."""

    def __init__(self, clock: Callable[[], datetime], span: timedelta) -> None:
        self._clock = clock
        self._span = span
        self._answers: dict[Key, tuple[datetime, Value]] = {}

    def get(self, key: Key) -> Value | None:
        """Return the answer, while it holds: never after the clock was set back."""
        since, value = self._answers.get(key, (None, None))
        fresh = since is not None and timedelta() <= self._clock() - since < self._span
        return value if fresh else None

    def put(self, key: Key, value: Value) -> Value:
        """Remember an answer, and return it."""
        _keep(self._answers, key, (self._clock(), value))
        return value


class Lessons:
    """Which channels are closed to us, and which servers take less than they say; nothing is written down."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self._closed: dict[tuple[int, bool], _Lesson] = {}
        self._limits: dict[int, _Lesson] = {}
        self.server_limits: Heard[int, int] = Heard(clock, TOLD_FOR)
        """Bytes that servers take, as they told when asked."""
        self.age_limits: Heard[int, bool] = Heard(clock, SEEN_FOR)
        """Whether channels have one, as they told when asked."""

    def close(self, channel_id: int, *, file: bool, permissions: int | None, code: int) -> None:
        """Remember that a message, with or without a file, was refused there with `code` (403)."""
        _keep(self._closed, (channel_id, file), _Lesson(self._clock(), permissions, code))

    def closed(self, channel_id: int, *, file: bool, permissions: int | None) -> int | None:
        """Return the code with which it would be refused again, or None: nothing speaks against trying."""
        lesson = self._closed.get((channel_id, file))
        return self._believed(lesson, CLOSED_UNSEEN_FOR if permissions is None else CLOSED_FOR, permissions)

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


def _keep(lessons: dict[Key, Value], key: Key, lesson: Value) -> None:
    lessons.pop(key, None)
    lessons[key] = lesson
    if len(lessons) > MOST:
        del lessons[next(iter(lessons))]
