"""How far this machine's clock is from a provider's, by the Date of its answers (RFC 9110, section 6.6.1).

Deadlines, limits by the day and signed links all go by this machine's clock.
"""

from __future__ import annotations

from datetime import UTC, timedelta
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Final

import structlog

if TYPE_CHECKING:
    from datetime import datetime

ALARMING: Final = timedelta(minutes=2)
"""More than an answer is ever on its way."""
EVERY: Final = timedelta(hours=1)
"""Between two lines in the log about one provider."""
log = structlog.get_logger("matinee.providers")


def complaint(provider: str, ahead: timedelta | None) -> str | None:
    """Say what is wrong with this machine's clock, if a provider's shows that anything is."""
    if ahead is None or abs(ahead) <= ALARMING:
        return None
    off = f"{abs(ahead).total_seconds():.0f} s {'ahead of' if ahead > timedelta() else 'behind'}"
    return f"this machine's clock is {off} that of {provider}; set it by NTP"


class Drift:
    """Looks at the date of every answer, and complains once an hour."""

    def __init__(self) -> None:
        self.off: timedelta | None = None
        """How far we were ahead at the last answer that was dated."""
        self._told_at: datetime | None = None

    def note(self, provider: str, date: str | None, now: datetime) -> None:
        """Compare an answer's date with ours."""
        try:
            there = parsedate_to_datetime(date or "")
            self.off = now - (there if there.tzinfo else there.replace(tzinfo=UTC))
        except (ValueError, TypeError, IndexError, OverflowError):
            return
        told_lately = self._told_at is not None and abs(now - self._told_at) < EVERY
        wrong = complaint(provider, self.off)
        if wrong and not told_lately:
            self._told_at = now
            log.error(wrong)
