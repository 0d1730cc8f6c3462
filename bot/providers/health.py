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
LONGEST_PAUSE = timedelta(minutes=15)
"""No provider is left alone for longer; what seems to last longer began before our clock was set back."""


@dataclass(slots=True)
class _Record:
    failures: deque[datetime] = field(default_factory=lambda: deque(maxlen=FAILURES))
    closed_until: datetime | None = None
    """The breaker is open; at this moment one probe may pass."""
    paused_until: datetime | None = None
    quiet_until: datetime | None = None
    trouble: str = ""
    """Why only the operator can mend it: `key` or `credit`."""


class Health:
    """A breaker per provider: five failures in a row within a minute open it, one success closes it.

    While it is open, one submit every 30 seconds may pass. A pause is the provider's own wish (429), or
    a matter for the operator (401, 402): nothing passes until it ends, and in the second case one every 30
    seconds from then on, until one is accepted, or refused for the same: then it is paused anew.
    """

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self._records: dict[str, _Record] = {}

    def healthy(self, provider: str) -> bool:
        """Return whether it may be sent something now. Asking changes nothing."""
        record = self._record(provider)
        return not (self._ahead(record.closed_until) or self._ahead(record.paused_until))

    def out_of_order(self, provider: str) -> bool:
        """Return whether it didn't work when last tried. What is sent next only shows whether it does."""
        record = self._record(provider)
        return record.closed_until is not None or bool(record.trouble)

    def trying(self, provider: str) -> None:
        """Say that a submit leaves now: while the breaker is open, no other may follow for a while."""
        if self.out_of_order(provider):
            self._record(provider).closed_until = self._clock() + PROBE_EVERY

    def succeeded(self, provider: str) -> None:
        """Close the breaker. A pause stays, and so does what only the operator can mend."""
        record = self._record(provider)
        record.failures.clear()
        if not record.trouble:
            record.closed_until = None

    def accepted(self, provider: str) -> None:
        """Note that a submit was accepted: whatever was wrong is mended."""
        self._record(provider).trouble = ""
        self.succeeded(provider)

    def failed(self, provider: str) -> None:
        """Count a failure that is the provider's own: out of order, or not to be reached."""
        record, now = self._record(provider), self._clock()
        record.failures.append(now)
        storm = len(record.failures) == FAILURES and now - record.failures[0] <= WITHIN
        if storm or record.closed_until is not None:
            record.closed_until = now + PROBE_EVERY

    def pause(self, provider: str, until: datetime) -> None:
        """Let nothing pass until then; a shorter pause never ends a longer one."""
        self._record(provider).paused_until = max(until, self.paused_until(provider) or until)

    def stop(self, provider: str, trouble: str, until: datetime) -> bool:
        """Pause it for what only the operator can mend. Return whether that is news."""
        record = self._record(provider)
        news, record.trouble = record.trouble != trouble, trouble
        self.pause(provider, until)
        return news

    def paused_until(self, provider: str) -> datetime | None:
        """Return when a pause ends, if there is one."""
        until = self._record(provider).paused_until
        return until if self._ahead(until) else None

    def ask_later(self, provider: str, until: datetime) -> None:
        """Let no task be asked for until then: the provider is asked too often."""
        self._record(provider).quiet_until = max(until, self.quiet_until(provider) or until)

    def quiet_until(self, provider: str) -> datetime | None:
        """Return when it may be asked for tasks again, if it may not now."""
        until = self._record(provider).quiet_until
        return until if self._ahead(until) else None

    def _ahead(self, moment: datetime | None) -> bool:
        now = self._clock()
        return moment is not None and now < moment <= now + LONGEST_PAUSE

    def _record(self, provider: str) -> _Record:
        return self._records.setdefault(provider, _Record())
