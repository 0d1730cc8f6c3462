"""Who may make how much: pure rules over numbers.

What a generation holds follows from its state alone (`held`), so every transition takes and gives
exactly the difference: nothing can be given back twice or forgotten.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from bot.models import (
    AT_PROVIDER,
    UNTIL_PROVIDER_IS_DONE,
    WITHOUT_FILM,
    Cost,
    Generation,
    Hold,
    Limit,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

PLACE = Cost(videos=1)
"""One of the things that may be under way at once."""
NOW = "now"


UNLIMITED = Limit()
BY_DEFAULT = Limit(videos=10, seconds=100)


@dataclass(frozen=True, slots=True)
class Limits:
    """Every limit that the operator set."""

    user_day: Limit = BY_DEFAULT
    user_month: Limit = UNLIMITED
    server_day: Limit = UNLIMITED
    server_month: Limit = UNLIMITED
    bot_day: Limit = UNLIMITED
    bot_month: Limit = UNLIMITED
    at_once: int | None = 2
    """Of one member, from the command until the provider is done."""

    @property
    def on_credits(self) -> bool:
        """Whether any limit counts credits, so that an unknown price can't be let through."""
        of_all = (
            self.user_day, self.user_month, self.server_day, self.server_month, self.bot_day, self.bot_month,
        )  # fmt: skip
        return any(limit.credits is not None for limit in of_all)


def day_of(moment: datetime) -> str:
    """Return the UTC day, as counters name it."""
    return moment.astimezone(UTC).strftime("%Y-%m-%d")


def month_of(moment: datetime) -> str:
    """Return the UTC month, as counters name it."""
    return moment.astimezone(UTC).strftime("%Y-%m")


def next_day(moment: datetime) -> datetime:
    """Return when the daily counters begin anew."""
    midnight = moment.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    return midnight + timedelta(days=1)


def next_month(moment: datetime) -> datetime:
    """Return when the monthly counters begin anew."""
    first = moment.astimezone(UTC).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    return (first + timedelta(days=32)).replace(day=1)


def resets(period: str, now: datetime) -> datetime | None:
    """Return when a counter of this period begins anew; None for things at once."""
    if period == NOW:
        return None
    return next_day(now) if period == day_of(now) else next_month(now)


def _amounts(generation: Generation) -> list[Hold]:
    scopes = [("user", generation.member), ("bot", "")]
    if generation.place.guild_id is not None:
        scopes.append(("server", str(generation.place.guild_id)))
    periods = (day_of(generation.created_at), month_of(generation.created_at))
    return [Hold(scope, subject, period, generation.cost) for scope, subject in scopes for period in periods]


def counts(generation: Generation) -> bool:
    """Return whether it counts against its member: always, but for one that ended without a film.

    One that was cancelled where the provider doesn't confirm it ended without a film too, and counts.
    """
    return generation.status not in WITHOUT_FILM or generation.counts_in_full


def held(generation: Generation) -> list[Hold]:
    """Return every counter that a generation in this state holds, without limits."""
    holds = _amounts(generation) if counts(generation) else []
    if generation.status in UNTIL_PROVIDER_IS_DONE or generation.watch:
        holds.append(Hold("user", generation.member, NOW, PLACE))
    if generation.status in AT_PROVIDER or generation.watch:
        holds.append(Hold("provider", generation.request.provider or "", NOW, PLACE))
    return holds


def limited(hold: Hold, limits: Limits) -> Hold:
    """Return the hold with the limit that the operator set for its counter."""
    if hold.period == NOW:
        return replace(hold, limit=Limit(videos=limits.at_once)) if hold.scope == "user" else hold
    length = "month" if len(hold.period) == len("2026-11") else "day"
    return replace(hold, limit=getattr(limits, f"{hold.scope}_{length}"))


def slots(hold: Hold, concurrency: Mapping[str, int]) -> Hold:
    """Return the hold with the number of places at its provider, if it is one of those."""
    if hold.scope != "provider":
        return hold
    return replace(hold, limit=Limit(videos=concurrency.get(hold.subject)))


def difference(before: list[Hold], after: list[Hold]) -> tuple[list[Hold], list[Hold]]:
    """Return what a transition takes and what it gives back."""
    take, give = Counter(after), Counter(before)
    take.subtract(before)
    give.subtract(after)
    return list((+take).elements()), list((+give).elements())
