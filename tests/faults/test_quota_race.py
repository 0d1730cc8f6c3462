"""Two hundred commands at the same moment on the last one: one gets it, whatever counts it."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from random import Random
from typing import TYPE_CHECKING

import pytest

from bot import quotas
from bot.errors import LimitReached, QuotaExceeded
from bot.models import Cost, Generation, Hold, Limit, Place, Requester
from bot.quotas import Limits
from bot.servers import LimitRule, Scope, ServerRules
from bot.store import Store, open_store
from tests.bot.desk import Desk
from tests.bot.store.examples import sizes
from tests.fakes import a_request
from tests.faults.figures import named, pieces

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

ROW = "quota race: rounds of 200 commands at once on the last one; overspent"
AT_ONCE = 200
SECONDS, PRICE = 5, 250_000
"""Of each film; the price in millionths of a credit."""
EACH = {"videos": 1, "seconds": SECONDS, "credits": PRICE}
SCOPES = [f"{whose}_{length}" for whose in ("user", "server", "bot") for length in ("day", "month")]
COUNTED = [(scope, unit) for scope in SCOPES for unit in EACH]
RULED = [("member_day", "videos"), ("server_month", "seconds"), ("member_month", "credits")]
PLACES = [("at_once", "videos"), ("server_at_once", "videos"), ("member_at_once", "videos")]
WAYS = [
    (way, by_rule) for ways, by_rule in ((COUNTED, False), (RULED, True), (PLACES, False)) for way in ways
]


@dataclass(frozen=True, slots=True)
class Race:
    """What is scarce, and how many of it are taken before the race."""

    scope: str
    unit: str
    ruled: bool
    """Whether it is the server's admins that limit it."""
    taken: int
    number: int

    @property
    def most(self) -> int:
        """The limit: one film more than is taken, and not quite another."""
        return (self.taken + 1) * EACH[self.unit] + (EACH[self.unit] - 1) // 2

    @property
    def limits(self) -> Limits:
        """What the operator allows."""
        if self.scope == "at_once":
            return Limits(user_day=Limit(), at_once=self.taken + 1)
        free = Limits(user_day=Limit(), at_once=None)
        if self.ruled or self.scope in {"server_at_once", "member_at_once"}:
            return free
        return replace(free, **{self.scope: Limit(**{self.unit: self.most})})

    @property
    def rules(self) -> ServerRules:
        """What the server's admins allow."""
        whose, _, length = self.scope.partition("_")
        scope = Scope.SERVER if whose == "server" else Scope.EVERYONE
        if length == "at_once":
            return ServerRules(limits=(LimitRule(scope, at_once=self.taken + 1),))
        rule = LimitRule(scope, **{length: Limit(**{self.unit: self.most})}) if self.ruled else None
        return ServerRules(limits=(rule,) if rule else ())

    def whose(self, command: int) -> Requester:
        """Return who gives a command: one member where theirs is scarce, else another each time."""
        one = self.scope.startswith(("user", "member", "at_once"))
        return Requester(self.number * 1000 + (0 if one else command), f"Member {command}")

    def where(self, command: int) -> Place:
        """Return where: on another server each time, where the limit isn't a server's."""
        own = self.scope.startswith(("server", "member"))
        return Place(500, self.number * 1000 + (0 if own else command))


def race(seed: int) -> Race:
    """Return the race of a seed: all ways come round in turn."""
    (scope, unit), ruled = WAYS[seed % len(WAYS)]
    return Race(scope, unit, ruled, Random(seed).randrange(4), seed + 1)


@pytest.fixture
async def stores(store: Store, database_url, tmp_path) -> AsyncIterator[list[Store]]:
    """Give one store on SQLite, and on PostgreSQL those of two machines."""
    if database_url is None:
        yield [store]
        return
    other = await open_store(database_url, tmp_path)
    yield [store, other]
    await other.close()


def machines(stores: list[Store], folder: Path, it: Race) -> list[Desk]:
    """Return who takes commands, on a day and in a month when nothing was made yet."""
    desks = [
        Desk(store, folder, it.limits, price=lambda _: PRICE, random=Random(f"{it.number}/{machine}"))
        for machine, store in enumerate(stores)
    ]
    for desk in desks:
        desk.clock.forward(days=32 * it.number)
    return desks


async def run(stores: list[Store], folder: Path, it: Race) -> int:
    """Run a race; return how many more than one got the last. Raises `AssertionError` for all else."""
    desks = machines(stores, folder, it)
    if it.rules.limits:  # on the only server that there is in such a race
        await desks[0].servers.change(it.where(0).guild_id, lambda _: it.rules, desks[0].clock())
    before = await sizes(stores[0])

    async def command(number: int) -> Generation:
        generations = desks[number % len(desks)].generations
        asked, who, where = a_request(seconds=SECONDS), it.whose(number), it.where(number)
        return await generations.start(asked, who, where, interaction_id=it.number * 1000 + number)

    for number in range(it.taken):
        await command(number)
    racing = map(command, range(it.taken, it.taken + AT_ONCE))
    outcomes = await asyncio.gather(*racing, return_exceptions=True)
    won = [one for one in outcomes if isinstance(one, Generation)]
    lost = [one for one in outcomes if isinstance(one, QuotaExceeded)]
    assert AT_ONCE == len(won) + len(lost), {repr(one) for one in outcomes if one not in won + lost}
    if len(won) > 1:
        return len(won) - 1
    made = it.taken + 1
    assert {made * EACH[it.unit]} == {one.facts["used"] for one in lost}
    assert (made, made) == tuple(
        after - first for after, first in zip(await sizes(stores[0]), before, strict=True)
    )
    today = Hold("bot", "", quotas.day_of(desks[0].clock()), Cost())
    assert [Cost(made, made * SECONDS, made * PRICE)] == [*await stores[0].used([today])]
    return 0


@pytest.mark.parametrize("seeds", pieces(24, each=12), ids=named)
async def test_nobody_overspends(stores, tmp_path, reached, seeds):
    """Videos, seconds, credits and places of members, servers and the bot: the last one goes once (T-18).

    The others are told what is used up, and leave nothing behind in any counter.
    """
    overspent = [await run(stores, tmp_path, race(seed)) for seed in seeds]
    reached(ROW, len(overspent), sum(overspent))
    assert [0] * len(seeds) == overspent


async def test_a_limit_that_is_looked_at_before_it_is_taken_from_is_noticed(store, tmp_path, monkeypatch):
    """Counting first and taking then lets more than one through, and the race sees it."""
    taking, looked, both_looked = Store.start, [], asyncio.Event()

    async def looking(self, generation, holds, **more):
        for hold, used in zip(holds, await self.used(holds), strict=True):
            if hold.limit.videos is not None and used.videos >= hold.limit.videos:
                raise LimitReached(
                    hold.scope, hold.period, "videos", used=used.videos, limit=hold.limit.videos
                )
        looked.append(generation)
        if len(looked) > 1:
            both_looked.set()
        await both_looked.wait()
        return await taking(self, generation, [replace(hold, limit=Limit()) for hold in holds], **more)

    monkeypatch.setattr(Store, "start", looking)
    assert await run([store], tmp_path, replace(race(0), taken=0)) > 0
