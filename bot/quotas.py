"""Who may make how much: pure rules over numbers.

What a generation holds follows from its state alone (`held`), so every transition takes and gives
exactly the difference: nothing can be given back twice or forgotten.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING

from bot.models import (
    AT_PROVIDER,
    UNTIL_PROVIDER_IS_DONE,
    WITHOUT_FILM,
    Cost,
    Generation,
    Hold,
    Limit,
    Status,
)
from bot.servers import LimitRule, Scope, ServerRules
from bot.shots import is_joined

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from bot.orders import Standing

PLACE = Cost(videos=1)
"""One of the things that may be under way at once."""
NOW = "now"
SETTLED = frozenset({Status.RENDERED, Status.FETCHED, Status.POSTING, Status.DELIVERED})
"""There is a film, or was one: what it costs is final."""


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
    server_at_once: int | None = None
    """The same of one server."""

    @property
    def on_credits(self) -> bool:
        """Whether any limit counts credits, so that an unknown price can't be let through."""
        of_all = (
            self.user_day, self.user_month, self.server_day, self.server_month, self.bot_day, self.bot_month,
        )  # fmt: skip
        return any(limit.credits is not None for limit in of_all)


@dataclass(frozen=True, slots=True)
class Stand:
    """Where a member stands on a server: a counter, its limit there, and what was granted on top."""

    period: str
    """`day` or `month`."""
    used: Cost
    granted: Cost
    limit: Limit


@dataclass(frozen=True, slots=True)
class Usage:
    """What a member has used, and what is under way. Of several limits it is the one with least left."""

    videos_used: int
    videos_limit: int | None
    seconds_used: int
    seconds_limit: int | None
    credits: tuple[int, int | None]
    """Used today, and the limit; in millionths."""
    month: Mapping[str, tuple[int, int | None]]
    """The same of this month, for `videos`, `seconds` and `credits`."""
    shared: Mapping[str, Mapping[str, tuple[int, int | None]]]
    """The same of what all on the server use together, in a `day` and in a `month`."""
    running: int
    waiting: int
    at_once: int | None
    resets: datetime
    month_resets: datetime
    open: tuple[Generation, ...]


FOR_ANYBODY = LimitRule(Scope.EVERYONE)
FOR_THE_SERVER = LimitRule(Scope.SERVER)


@dataclass(frozen=True, slots=True)
class Rules:
    """What a server's admins allow one member; without any rules: everything."""

    member: LimitRule = FOR_ANYBODY
    """The one rule that applies to the member, whole: nothing of a wider one is mixed in."""
    server: LimitRule = FOR_THE_SERVER
    """The rule on all members together, which comes on top."""

    @property
    def on_credits(self) -> bool:
        """Whether any of the limits counts credits."""
        limits = (self.member.day, self.member.month, self.server.day, self.server.month)
        return any(limit.credits is not None for limit in limits)


NO_RULES = Rules()


def any_on_credits(rules: ServerRules) -> bool:
    """Return whether a server limits the credits of anybody."""
    return any(limit.credits is not None for rule in rules.limits for limit in (rule.day, rule.month))


def rule_on(limits: Iterable[LimitRule], scope: Scope, subject: int = 0) -> LimitRule | None:
    """Return the rule on exactly this."""
    return next((rule for rule in limits if (rule.scope, rule.subject) == (scope, subject)), None)


def rules_for(rules: ServerRules, user_id: int, standing: Standing) -> Rules:
    """Return what applies to a member: the rule on them, else on the highest of their roles, else on all.

    Roles without a rule are passed over. No server's rule binds an operator.
    """
    if standing.operator:
        return NO_RULES
    limits = rules.limits
    narrowing = [rule_on(limits, Scope.USER, user_id)]
    narrowing += [rule_on(limits, Scope.ROLE, role) for role in standing.roles]
    narrowing.append(rule_on(limits, Scope.EVERYONE))
    found = (rule for rule in narrowing if rule is not None)
    return Rules(next(found, FOR_ANYBODY), rule_on(limits, Scope.SERVER) or FOR_THE_SERVER)


def day_of(moment: datetime) -> str:
    """Return the UTC day, as counters name it."""
    return moment.astimezone(UTC).date().isoformat()


def month_of(moment: datetime) -> str:
    """Return the UTC month, as counters name it."""
    return day_of(moment)[: len("2026-11")]


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


@lru_cache(maxsize=512)  # a generation is looked at with each of its transitions
def _amounts(member: str, guild_id: int | None, created_at: datetime, cost: Cost) -> tuple[Hold, ...]:
    scopes = [("user", member), ("bot", "")]
    if guild_id is not None:
        scopes.append(("server", str(guild_id)))
        scopes.append(("member", member_on(guild_id, member)))
    periods = (day_of(created_at), month_of(created_at))
    return tuple(Hold(scope, subject, period, cost) for scope, subject in scopes for period in periods)


def of_member(member: str, guild_id: int | None, period: str) -> list[Hold]:
    """Return the counters of a member in a day or a month: everywhere, and on a server if it is about one."""
    holds = [Hold("user", member, period, Cost())]
    if guild_id is not None:
        holds.append(Hold("member", member_on(guild_id, member), period, Cost()))
    return holds


def tightest(
    unit: str, stands: Iterable[tuple[Cost, Cost]], limits: Iterable[Limit]
) -> tuple[int, int | None]:
    """Return what is used of a unit and the limit on it, for the counter that has least left.

    `stands`: what each counter stands at, and what was granted on top of its limit.
    """
    every = [
        (getattr(used, unit), getattr(granted, unit), getattr(limit, unit))
        for (used, granted), limit in zip(stands, limits, strict=True)
    ]
    bounded = [(used, most + granted) for used, granted, most in every if most is not None]
    return min(bounded, key=lambda one: one[1] - one[0], default=(every[0][0], None))


def member_on(guild_id: int, member: str) -> str:
    """Return the subject of the counters of what a member makes on one server."""
    return f"{guild_id}:{member}"


def settled(generation: Generation) -> bool:
    """Return whether its cost is final, so that giving it back is a refund and no release."""
    made = generation.status is Status.PARKED and generation.rendered_at is not None
    return made or generation.status in SETTLED or generation.counts_in_full


def counts(generation: Generation) -> bool:
    """Return whether it counts against its member: always, but for one that ended without a film.

    One that was cancelled where the provider doesn't confirm it ended without a film too, and counts.
    What an admin refunded doesn't, whatever becomes of it. Nor does the film that is joined from a
    storyboard's shots: they have counted.
    """
    if generation.refunded or is_joined(generation):
        return False
    return generation.status not in WITHOUT_FILM or generation.counts_in_full


HOLDING = frozenset(
    {
        "status", "watch", "counts_in_full", "refunded", "shot", "released_at", "storyboard_id",
        "member", "place", "request", "cost", "created_at",
    }
)  # fmt: skip
"""The fields that decide what a generation holds: a change of others takes and gives back nothing."""


def held(generation: Generation) -> list[Hold]:
    """Return every counter that a generation in this state holds, without limits.

    Of a storyboard's shots only the one that is released takes a place among those at once.
    """
    one, guild_id = generation, generation.place.guild_id
    holds = list(_amounts(one.member, guild_id, one.created_at, one.cost)) if counts(one) else []
    unreleased = generation.shot is not None and generation.released_at is None
    if (generation.status in UNTIL_PROVIDER_IS_DONE and not unreleased) or generation.watch:
        holds.append(Hold("user", generation.member, NOW, PLACE))
        if generation.place.guild_id is not None:
            holds.append(Hold("server", str(generation.place.guild_id), NOW, PLACE))
    if generation.status in AT_PROVIDER or generation.watch:
        holds.append(Hold("provider", generation.request.provider or "", NOW, PLACE))
    return holds


def limited(hold: Hold, limits: Limits, rules: Rules = NO_RULES) -> Hold:
    """Return the hold with the limit for its counter: the operator's, the server's, or the smaller."""
    rule = rules.server if hold.scope == "server" else rules.member
    if hold.period == NOW:
        own = {"user": limits.at_once, "server": limits.server_at_once}
        most = {scope: _smaller(each, rule.at_once) for scope, each in own.items()}
        return replace(hold, limit=Limit(videos=most.get(hold.scope)))
    length = "month" if len(hold.period) == len("2026-11") else "day"
    limit: Limit = getattr(limits, f"{hold.scope}_{length}", UNLIMITED)
    if hold.scope in {"member", "server"}:
        limit = _smallest(limit, getattr(rule, length))
    return replace(hold, limit=limit)


def _smaller(one: int | None, other: int | None) -> int | None:
    if one is None or other is None:
        return one if other is None else other
    return min(one, other)


def _smallest(one: Limit, other: Limit) -> Limit:
    return Limit(
        _smaller(one.videos, other.videos),
        _smaller(one.seconds, other.seconds),
        _smaller(one.credits, other.credits),
    )


def slots(hold: Hold, concurrency: Mapping[str, int]) -> Hold:
    """Return the hold with the number of places at its provider, if it is one of those."""
    if hold.scope != "provider":
        return hold
    return replace(hold, limit=Limit(videos=concurrency.get(hold.subject)))


def difference(before: list[Hold], after: list[Hold]) -> tuple[list[Hold], list[Hold]]:
    """Return what a transition takes and what it gives back. Nothing is held twice."""
    while before and after and before[0] is after[0]:  # what stays is mostly known by that
        before, after = before[1:], after[1:]
    return [hold for hold in after if hold not in before], [hold for hold in before if hold not in after]
