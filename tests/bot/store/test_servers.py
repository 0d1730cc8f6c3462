"""Laws of `bot.store.servers`, on both databases."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.errors import Conflict
from bot.models import Limit
from bot.servers import Deed, FilmPlace, LimitRule, Scope, ServerRules, Strikes
from bot.store.audit import Deeds
from bot.store.servers import Servers
from bot.wording import WordRules
from tests.bot.store.examples import NOON

EVERYTHING = ServerRules(
    limits=(LimitRule(Scope.ROLE, 7, Limit(3, None, 5), Limit(), 2),),
    channels=(1, 2),
    film_place=FilmPlace.GALLERY,
    gallery_id=3,
    log_channel_id=4,
    providers=("maxapi",),
    models=("seedance-2.0",),
    resolutions=("480p",),
    longest=5,
    words=WordRules(("rude",), ("ru+de",), ("rudeness",)),
    strikes=Strikes(3, (timedelta(minutes=1),)),
    age_restricted=True,
    spoiler=True,
    paused=True,
    paused_providers=("evolink",),
)


async def test_nobody_decided_anything_yet(store):
    """The defaults forbid nothing."""
    assert ServerRules() == await Servers(store.engine).rules(1)


async def test_rules_come_back_whole(store):
    """Every field, and no other server's."""
    servers = Servers(store.engine)
    await servers.change(1, lambda _: EVERYTHING, NOON)

    assert EVERYTHING == await servers.rules(1)
    assert ServerRules() == await servers.rules(2)


async def test_a_change_is_never_made_without_its_entry(store):
    """Both are written in one go, or neither: also where somebody else's change came in between."""
    servers, deeds = Servers(store.engine), Deeds(store.engine)
    deed = Deed("1", 8, NOON, 42, "Ann", "nsfw", "spoiler: True")
    await servers.change(8, lambda rules: replace(rules, spoiler=True), NOON, deed)
    assert (deed,) == await deeds.latest(8, before=None, most=9)

    async with asyncio.TaskGroup() as both:
        tasks = [both.create_task(tried(servers, replace(deed, id=f"again {number}"))) for number in range(9)]
    made = [task.result() for task in tasks if task.result()]
    assert {"1", *made} == {one.id for one in await deeds.latest(8, before=None, most=99)}
    assert 1 <= len(made)


async def tried(servers, deed):
    """Change the rules; return the entry's id, or nothing where somebody else was faster."""
    with suppress(Conflict):
        await servers.change(8, lambda rules: replace(rules, spoiler=not rules.spoiler), NOON, deed)
        return deed.id
    return None


async def test_two_admins_at_once(store):
    """Nobody's change is lost in silence: one stands, the other is told."""
    servers = Servers(store.engine)
    await servers.change(1, lambda rules: replace(rules, spoiler=True), NOON)
    outcomes = await asyncio.gather(
        *(servers.change(1, lambda rules, n=n: replace(rules, longest=n), NOON) for n in range(5)),
        return_exceptions=True,
    )
    stood = [one for one in outcomes if isinstance(one, ServerRules)]

    assert len(stood) >= 1
    assert all(isinstance(one, ServerRules | Conflict) for one in outcomes)
    assert (await servers.rules(1)) in stood
    with pytest.raises(TypeError):
        await servers.change(1, lambda rules: replace(rules, nonsense=1), NOON)
