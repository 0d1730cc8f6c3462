"""How often a provider's content rules refuse what it is sent: too often, and its account is at stake."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

LOOKED_AT = 20
"""Films that a provider has made or refused last."""
BEARABLE = 10
"""Refusals among them."""
WITHIN = timedelta(days=1)
"""Penalties are counted by day (maxapi, "Moderation and penalty"); what is older is forgotten."""
REST = timedelta(minutes=15)
"""What a provider gets after one refusal too many."""


@dataclass(slots=True)
class Refusals:
    """The last films of each provider: whether they were made, or refused by content rules."""

    _last: dict[str, deque[tuple[datetime, bool]]] = field(default_factory=dict)

    def noted(self, provider: str, now: datetime, *, refused: bool) -> bool:
        """Note how one ended; return whether it was a refusal too many, so that nothing is to be sent."""
        last = self._last.setdefault(provider, deque(maxlen=LOOKED_AT))
        last.append((now, refused))
        return refused and sum(bad and now - at < WITHIN for at, bad in last) > BEARABLE
