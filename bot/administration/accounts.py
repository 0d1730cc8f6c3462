"""Money for admins: limits on their server, grants, refunds, and who used how much."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Self

from bot import quotas
from bot.errors import Conflict, RequestRefused
from bot.models import Cost, Hold, Limit
from bot.quotas import Stand
from bot.servers import LimitRule, Scope, ServerRules
from bot.store.books import Books
from bot.store.grants import Grants

if TYPE_CHECKING:
    from collections.abc import Callable, Collection
    from datetime import datetime

    from bot.models import Generation
    from bot.servers import Deed
    from bot.store import Store
    from bot.store.books import Account, Line

MOST_RULES = 50
"""Limits of one server: more would make each command slow, and nobody could read them."""
MOST_LINES = 20_000
"""Generations in one sheet: some megabytes."""
TRIES = 8
"""For a change that others are making at the same time."""


@dataclass(frozen=True, slots=True)
class Told:
    """What an admin says of a limit; what isn't said stays."""

    period: str = "day"
    """`day` or `month`."""
    videos: int | None = None
    seconds: int | None = None
    credits: int | None = None
    """Millionths."""
    at_once: int | None = None

    def __bool__(self) -> bool:
        """Return whether anything is said."""
        return any(value is not None for value in (self.videos, self.seconds, self.credits, self.at_once))


@dataclass(frozen=True, slots=True)
class Accounts:
    """What admins may do about money. Everything raises `StoreUnavailable` when the database is away."""

    store: Store
    grants: Grants
    books: Books
    pseudonym: Callable[[int], str]
    clock: Callable[[], datetime]

    @classmethod
    def over(cls, store: Store, pseudonym: Callable[[int], str], clock: Callable[[], datetime]) -> Self:
        """Put them together over one store."""
        return cls(store, Grants(store.engine), Books(store.engine), pseudonym, clock)

    async def standing(self, guild_id: int, user_id: int, rule: LimitRule) -> tuple[Stand, ...]:
        """Return where a member stands on a server today and this month, under the rule that applies."""
        subject = quotas.member_on(guild_id, self.pseudonym(user_id))
        periods = self._periods()
        found = await self.grants.standing(
            [Hold("member", subject, each, Cost()) for each in periods.values()]
        )
        return tuple(
            Stand(name, used, granted, getattr(rule, name))
            for name, (used, granted) in zip(periods, found, strict=True)
        )

    def _periods(self) -> dict[str, str]:
        now = self.clock()
        return {"day": quotas.day_of(now), "month": quotas.month_of(now)}

    async def grant(
        self,
        guild_id: int | None,
        user_id: int,
        more: Cost,
        period: str,
        *,
        interaction_id: int,
        actor_id: int,
        deed: Deed | None = None,
    ) -> tuple[Cost, Cost]:
        """Put more on top of a member's limit for this `day` or `month`: on a server, or for None everywhere.

        Returns what they used, and all that was granted. The same interaction grants once.
        """
        member = self.pseudonym(user_id)
        scope = "user" if guild_id is None else "member"
        subject = member if guild_id is None else quotas.member_on(guild_id, member)
        hold = Hold(scope, subject, self._periods()[period], more)
        await self.grants.grant(
            hold,
            id=str(interaction_id),
            guild_id=guild_id,
            member=member,
            actor_id=actor_id,
            now=self.clock(),
            deed=deed,
        )
        (stands,) = await self.grants.standing([hold])
        return stands

    async def refund(
        self,
        id: str,  # noqa: A002 - the field's own name
        guild_id: int | None,
        deed: Deed | None = None,
    ) -> Generation:
        """Give back what a settled generation of this server (None: of any) cost its member.

        The deed is written down where the generation belongs.
        Raises `RequestRefused` where there is no such generation, or nothing to give back, or not yet.
        """
        for _ in range(TRIES):
            generation = await self.store.get(id)
            if generation is None or guild_id not in {None, generation.place.guild_id}:
                raise RequestRefused("refund_unknown", value=id)
            _demand_refundable(generation)
            after = replace(generation, refunded=True)
            _, give = quotas.difference(quotas.held(generation), quotas.held(after))
            done = deed and replace(deed, guild_id=generation.place.guild_id)
            try:
                await self.books.refund(generation, give, self.clock(), done)
            except Conflict:  # it was moved meanwhile, or refunded: look again
                continue
            return after
        raise Conflict("refund")

    async def usage(
        self, guild_id: int | None, period: str, user_id: int | None = None
    ) -> tuple[Account, ...]:
        """Return what each member used, most first, in `day`, `month` or `last_month`; None: everywhere."""
        found = await self.books.usage(guild_id, *self.days(period), self._member(user_id))
        return tuple(sorted(found, key=lambda one: (-one.counted.seconds, -one.films, one.member)))

    async def lines(self, guild_id: int | None, period: str, user_id: int | None = None) -> tuple[Line, ...]:
        """Return the same, generation by generation, the oldest first; at most `MOST_LINES`."""
        days = self.days(period)
        return await self.books.lines(guild_id, *days, self._member(user_id), most=MOST_LINES)

    def _member(self, user_id: int | None) -> str | None:
        return None if user_id is None else self.pseudonym(user_id)

    def days(self, period: str) -> tuple[str, str]:
        """Return the first and the last UTC day of `day`, `month` (the present ones) or `last_month`."""
        now = self.clock()
        if period == "day":
            return quotas.day_of(now), quotas.day_of(now)
        end = quotas.next_month(now) - timedelta(days=1)
        if period == "last_month":
            end = end.replace(day=1) - timedelta(days=1)
        return quotas.day_of(end.replace(day=1)), quotas.day_of(end)


def limiting(scope: Scope, subject: int, told: Told) -> Callable[[ServerRules], ServerRules]:
    """Return the change that sets a server's limit on somebody; what isn't said of it stays.

    It raises `RequestRefused` where there would be too many.
    """

    def change(rules: ServerRules) -> ServerRules:
        rule = _with(quotas.rule_on(rules.limits, scope, subject) or LimitRule(scope, subject), told)
        others = _without(rules, scope, subject)
        if len(others) >= MOST_RULES:
            raise RequestRefused("limits_many", most=MOST_RULES)
        return replace(rules, limits=(*others, rule))

    return change


def unlimiting(scope: Scope, subject: int) -> Callable[[ServerRules], ServerRules]:
    """Return the change that takes a server's limit on somebody away.

    It raises `RequestRefused` where there is none.
    """

    def change(rules: ServerRules) -> ServerRules:
        if quotas.rule_on(rules.limits, scope, subject) is None:
            raise RequestRefused("limit_missing")
        return replace(rules, limits=_without(rules, scope, subject))

    return change


def without_lost_roles(rules: ServerRules, roles: Collection[int]) -> ServerRules:
    """Return the rules without limits on roles that a server no longer has: nobody could name them.

    `roles`: all that it has; none: it isn't known.
    """
    if not roles:
        return rules
    kept = [rule for rule in rules.limits if rule.scope is not Scope.ROLE or rule.subject in roles]
    return replace(rules, limits=tuple(kept))


def _with(rule: LimitRule, told: Told) -> LimitRule:
    amounts = {"videos": told.videos, "seconds": told.seconds, "credits": told.credits}
    said = {unit: amount for unit, amount in amounts.items() if amount is not None}
    limit: Limit = replace(getattr(rule, told.period), **said)
    at_once = rule.at_once if told.at_once is None else told.at_once
    day, month = (limit, rule.month) if told.period == "day" else (rule.day, limit)
    return replace(rule, day=day, month=month, at_once=at_once)


def _without(rules: ServerRules, scope: Scope, subject: int) -> tuple[LimitRule, ...]:
    return tuple(rule for rule in rules.limits if (rule.scope, rule.subject) != (scope, subject))


def _demand_refundable(generation: Generation) -> None:
    if generation.refunded:
        raise RequestRefused("refund_twice")
    if not quotas.counts(generation):
        raise RequestRefused("refund_nothing")
    if not quotas.settled(generation):
        raise RequestRefused("refund_open")
