"""A database of the version before, with everything under way in it: nothing is lost, nothing given twice."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import timedelta

import pytest
from alembic import command
from sqlalchemy import MetaData, Table

from bot import quotas
from bot.models import Cost, Hold, Place, Status
from bot.store import Entry, migrating, open_store
from bot.store.books import Books
from bot.store.rows import micros
from tests.bot.store.examples import COST, NOON, entries, generation, whole
from tests.bot.store.test_migrating import _postgres, _sqlite

MONTH_BEFORE = NOON - timedelta(days=30)
BEFORE = [
    generation(1),
    generation(2, status=Status.RUNNING, place=Place(500, 401)),
    generation(3, status=Status.DELIVERED),
    generation(4, status=Status.DELIVERED, created_at=MONTH_BEFORE),
    generation(5, status=Status.FAILED),
    generation(6, status=Status.CANCELLED, counts_in_full=True, watch=True),
    generation(7, status=Status.DELIVERED, place=Place(500), member="ben"),
]


def held_before(one):
    """Return what the version before took: nothing by server and member, no place by server."""
    return [
        hold
        for hold in quotas.held(one)
        if hold.scope != "member" and (hold.scope, hold.period) != ("server", "now")
    ]


def fill(connection):
    """Make the tables as they were, and put everything into them."""
    settings = migrating.config()
    settings.attributes["connection"] = connection
    command.upgrade(settings, "0001")
    tables = {
        name: Table(name, MetaData(), autoload_with=connection)
        for name in ("generations", "counters", "ledger")
    }
    counters = Counter()
    for one in BEFORE:
        values = {name: value for name, value in whole(one).items() if name in tables["generations"].c}
        connection.execute(tables["generations"].insert().values(values))
        end = {Status.FAILED: "release"}.get(one.status, "settle" if quotas.settled(one) else None)
        for kind in filter(None, ("reserve", end)):
            connection.execute(
                tables["ledger"].insert().values(
                    generation_id=one.id, kind=kind, member=one.member, guild_id=one.place.guild_id,
                    provider="maxapi", day=quotas.day_of(one.created_at), videos=1, seconds=5,
                    credits=COST.credits, at=micros(NOON),
                )
            )  # fmt: skip
        for hold in held_before(one):
            for unit in ("videos", "seconds", "credits"):
                counters[hold.scope, hold.subject, hold.period, unit] += getattr(hold.cost, unit)
    for scope, subject, period in {key[:3] for key in counters}:
        amounts = {unit: counters[scope, subject, period, unit] for unit in ("videos", "seconds", "credits")}
        row = {"scope": scope, "subject": subject, "period": period, **amounts}
        connection.execute(tables["counters"].insert().values(row))


@pytest.fixture(params=["sqlite", "postgres"])
async def upgraded(request, tmp_path):
    """Open a database of the version before."""
    address = request.getfixturevalue("bare_postgres_url") if request.param == "postgres" else None
    if address:
        _postgres(address, fill)
    else:
        _sqlite(tmp_path / "matinee.db", fill)
    store = await open_store(address, tmp_path)
    yield store
    await store.close()


async def demand_agreement(store):
    """Hold every counter against what the rows say that they hold."""
    expected = {}
    for one in BEFORE:
        for hold in quotas.held(await store.get(one.id)):
            key = replace(hold, cost=Cost())
            cost = expected.get(key, Cost())
            expected[key] = Cost(
                *(getattr(cost, u) + getattr(hold.cost, u) for u in ("videos", "seconds", "credits"))
            )
    assert tuple(expected.values()) == await store.used(list(expected))


async def test_what_was_made_before_counts_on_its_server(upgraded):
    """By day and by month, and in places at once: a limit that is set later knows of it."""
    await demand_agreement(upgraded)

    member = Hold("member", "400:anna", "2026-11", Cost())
    assert (Cost(3, 15, 3 * COST.credits),) == await upgraded.used([member])
    assert (Cost(2),) == await upgraded.used([Hold("server", "400", "now", Cost())])


async def test_what_was_begun_before_ends_as_ever(upgraded):
    """It gives back all that it holds now, and nothing goes below zero."""
    one = await upgraded.get(BEFORE[1].id)
    _, give = quotas.difference(quotas.held(one), quotas.held(replace(one, status=Status.FAILED)))
    await upgraded.move(one, NOON, due_at=None, status=Status.FAILED, give=give, entry=Entry("release", COST))

    await demand_agreement(upgraded)
    assert (Cost(),) == await upgraded.used([Hold("member", "401:anna", "2026-11", Cost())])


@pytest.mark.parametrize("which", [2, 3, 5, 6])
async def test_what_was_made_before_can_be_refunded(upgraded, which):
    """Of this month, of the one before, cancelled in full, in a direct message."""
    one = await upgraded.get(BEFORE[which].id)
    _, give = quotas.difference(quotas.held(one), quotas.held(replace(one, refunded=True)))
    await Books(upgraded.engine).refund(one, give, NOON)

    await demand_agreement(upgraded)
    assert "refund" in [row[0] for row in await entries(upgraded, one.id)]


async def test_the_way_back_takes_the_new_counters_along(tmp_path):
    """What the version before can't give back isn't left to it."""

    def down(connection):
        settings = migrating.config()
        settings.attributes["connection"] = connection
        command.downgrade(settings, "0001")
        table = Table("counters", MetaData(), autoload_with=connection)
        return {(row.scope, row.period) for row in connection.execute(table.select())}

    _sqlite(tmp_path / "matinee.db", fill)
    await (await open_store(None, tmp_path)).close()
    left = _sqlite(tmp_path / "matinee.db", down)

    assert ("user", "now") in left
    assert {("server", "now"), ("member", "2026-11")}.isdisjoint(left)
