"""Which providers are worth asking just now."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

FAILURES = 5
WITHIN = timedelta(seconds=60)
PROBE_EVERY = timedelta(seconds=30)


@dataclass(slots=True)
class _Record:
    failures: deque[datetime] = field(default_factory=lambda: deque(maxlen=FAILURES))
    closed_until: datetime | None = None
    """The breaker is open; at this moment one probe may pass."""
    paused_until: datetime | None = None


class Health:
    """A breaker per provider: five failures in a row within a minute open it, one success closes it.

    While it is open, one call every 30 seconds may pass. A pause is the provider's own wish (429), or a
    matter for the operator (401, 402): nothing passes until it ends.
    """

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self._records: dict[str, _Record] = {}

    def healthy(self, provider: str) -> bool:
        """Return whether it may be asked now. Asking changes nothing."""
        record, now = self._record(provider), self._clock()
        return all(until is None or until <= now for until in (record.closed_until, record.paused_until))

    def trying(self, provider: str) -> None:
        """Say that a call leaves now: while the breaker is open, no other may follow for a while."""
        record = self._record(provider)
        if record.closed_until is not None:
            record.closed_until = self._clock() + PROBE_EVERY

    def succeeded(self, provider: str) -> None:
        """Close the breaker. A pause stays."""
        record = self._record(provider)
        record.failures.clear()
        record.closed_until = None

    def failed(self, provider: str) -> None:
        """Count a failure that is the provider's own: out of order, or not to be reached."""
        record, now = self._record(provider), self._clock()
        record.failures.append(now)
        storm = len(record.failures) == FAILURES and now - record.failures[0] <= WITHIN
        if storm or record.closed_until is not None:
            record.closed_until = now + PROBE_EVERY

    def pause(self, provider: str, until: datetime) -> None:
        """Let nothing pass until then; a shorter pause never ends a longer one."""
        record = self._record(provider)
        record.paused_until = max(until, record.paused_until or until)

    def paused_until(self, provider: str) -> datetime | None:
        """Return when a pause ends, if there is one."""
        until = self._record(provider).paused_until
        return until if until is not None and until > self._clock() else None

    def _record(self, provider: str) -> _Record:
        return self._records.setdefault(provider, _Record())
