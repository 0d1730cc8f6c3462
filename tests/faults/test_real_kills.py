"""The real process, killed by SIGKILL around every commit and call, loses nothing and pays nothing twice."""

from __future__ import annotations

import random

import pytest

from tests.e2e.house import PROVIDERS
from tests.faults.figures import named, pieces
from tests.faults.killing.evening import Fate, Standstill, fate

ROW = "real SIGKILLs; films lost, doubled; charges doubled"
SEEDS_PER_EVENING = 4
DEATHS_PER_SEED = 3
FORGOTTEN = 200
"""Seconds after which Discord no longer knows a nonce."""
HOUSES = [(database, provider) for provider in PROVIDERS for database in ("sqlite", "postgres")]


@pytest.mark.parametrize("seeds", pieces(24, each=SEEDS_PER_EVENING), ids=named)
async def test_a_killed_bot_loses_nothing_and_pays_nothing_twice(theatre, request, reached, seeds):
    """Twelve deaths an evening, each at its moment, on both databases and with every provider."""
    database, provider = HOUSES[seeds[0] // SEEDS_PER_EVENING % len(HOUSES)]
    address = request.getfixturevalue("postgres_url") if database == "postgres" else None
    evening = await theatre.evening(f"{database} {provider} {named(seeds)}", address, provider)
    for seed in seeds:
        dice = random.Random(seed)
        for _ in range(DEATHS_PER_SEED):
            life = await evening.live(fate(dice))
            await evening.ask_again()
            code, _ = await evening.until_death(life)
            assert code == -9, evening.nursery.tail
            await evening.after_death(FORGOTTEN if dice.random() < 0.2 else 0)
    verdict = await evening.ended()
    killed = sum(evening.died.values())
    reached(ROW, killed, len(verdict.lost), len(verdict.doubled), len(verdict.paid_twice))
    again = f'SEEDS={named(seeds)} make prove ARGS="-n0 -k killed_bot"'
    assert [] == verdict.faults, f"again by: {again}\n{evening.story([])}"
    assert killed == len(seeds) * DEATHS_PER_SEED


@pytest.mark.parametrize(
    ("without", "provider", "at", "what"),
    [
        ("look", "evolink", "after POST /channels/{channel_id}/messages#2", "doubled"),
        ("key", "evolink", "after submit#1", "paid_twice"),
        ("unknown", "maxapi", "after submit#1", "paid_twice"),
    ],
)
async def test_a_defence_that_is_gone_is_missed(theatre, without, provider, at, what):
    """The same death that does no harm costs a second film or a second charge without a defence (D-18)."""
    found = {}
    for gone in ("", without):
        evening = await theatre.evening(f"without {gone}", None, provider, MORTAL_WITHOUT=gone)
        life = await evening.live(Fate(at))
        evening.ask("one boat")
        assert -9 == await life.end(within=20), evening.story([])
        await evening.after_death(FORGOTTEN)
        verdict = await evening.ended()
        found[gone] = {name for name in ("lost", "doubled", "paid_twice") if getattr(verdict, name)}
    assert {"": set(), without: {what}} == found


def test_what_comes_to_rest_slowly_is_no_standstill():
    """Each one that comes gives the others as long again; one that goes off and comes back gives nothing."""
    moments = iter([0, 9, 18, 27, 28, 36, 37])
    standstill = Standstill(10, lambda: next(moments))
    assert [False] * 6 + [True] == [standstill.lasts(at_rest) for at_rest in (0, 1, 2, 3, 2, 3, 3)]
