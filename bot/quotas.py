"""Who may make how much: pure rules over numbers.

What a generation holds follows from its state alone (`held`), so every transition takes and gives
exactly the difference: nothing can be given back twice or forgotten.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from bot.models import AT_PROVIDER, WITHOUT_FILM, Cost, Generation, Hold, Limit, Status

if TYPE_CHECKING:
    from collections.abc import Mapping

PLACE = Cost(videos=1)
"""One of the things that may be under way at once."""
NOW = "now"
WAITING_FOR_PROVIDER = AT_PROVIDER | {Status.QUEUED}


@dataclass(frozen=True, slots=True)
class Limits:
    """Every limit that the operator set."""

    user_day: Limit = Limit(videos=10, seconds=100)
    user_month: Limit = Limit()
    server_day: Limit = Limit()
    server_month: Limit = Limit()
    bot_day: Limit = Limit()
    bot_month: Limit = Limit()
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


def _amounts(generation: Generation, limits: Limits) -> tuple[Hold, ...]:
    day, month = day_of(generation.created_at), month_of(generation.created_at)
    scopes = [("user", generation.member, limits.user_day, limits.user_month)]
    if generation.place.guild_id is not None:
        server = str(generation.place.guild_id)
        scopes.append(("server", server, limits.server_day, limits.server_month))
    scopes.append(("bot", "", limits.bot_day, limits.bot_month))
    return tuple(
        Hold(scope, subject, period, generation.cost, limit)
        for scope, subject, daily, monthly in scopes
        for period, limit in ((day, daily), (month, monthly))
    )


def counts(generation: Generation) -> bool:
    """Return whether it counts against its member: always, but for one that ended without a film.

    One that was cancelled where the provider doesn't confirm it ended without a film too, and counts.
    """
    return generation.status not in WITHOUT_FILM or generation.counts_in_full


def held(generation: Generation, limits: Limits, concurrency: Mapping[str, int]) -> tuple[Hold, ...]:
    """Return every counter that a generation in this state holds."""
    holds: list[Hold] = []
    if counts(generation):
        holds += _amounts(generation, limits)
    if generation.status in WAITING_FOR_PROVIDER or generation.watch:
        holds.append(Hold("user", generation.member, NOW, PLACE, Limit(videos=limits.at_once)))
    if generation.status in AT_PROVIDER or generation.watch:
        provider = generation.request.provider or ""
        holds.append(Hold("provider", provider, NOW, PLACE, Limit(videos=concurrency.get(provider))))
    return tuple(holds)


def difference(before: tuple[Hold, ...], after: tuple[Hold, ...]) -> tuple[list[Hold], list[Hold]]:
    """Return what a transition takes and what it gives back."""
    take, give = Counter(after), Counter(before)
    take.subtract(before)
    give.subtract(after)
    return list((+take).elements()), list((+give).elements())
