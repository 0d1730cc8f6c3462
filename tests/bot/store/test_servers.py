"""Laws of `bot.store.servers`, on both databases."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.errors import Conflict
from bot.models import Limit
from bot.servers import FilmPlace, LimitRule, Scope, ServerRules, Strikes
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
