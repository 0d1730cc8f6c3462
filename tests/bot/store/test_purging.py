"""Laws of `bot.store.purging`, on both databases: what is old and owes nothing goes, nothing else does."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from bot.models import Cost, Notice, Place, Status
from bot.preferences import Preferences
from bot.servers import Deed
from bot.shots import BoardStatus, film_of
from bot.store import purging
from bot.store.audit import Deeds
from bot.store.grants import Grants
from bot.store.ledger import Entry
from bot.store.members import Members
from bot.store.opening import migrate
from bot.store.purging import Purging
from bot.store.sqlite import connect
from bot.store.statements import Statement
from bot.store.storyboards import Storyboards
from bot.store.tables import metadata
from tests.bot.store.examples import COST, LEASE, NOON, generation, hold, used
from tests.bot.store.test_storyboards import ID, board, shot

OLD = NOON - timedelta(days=400)
ENDED = OLD - timedelta(days=30)
AT_REST = {"due_at": None, "status": Status.DELIVERED, "created_at": ENDED, "finished_at": ENDED}


async def purge(store):
    """Delete what ended more than 400 days ago."""
    return await Purging(store.engine).purge(OLD)


async def rows(store):
    """Return how many rows each table has, of those that have any."""
    counts = {}
    for name, table in metadata.tables.items():
        count = Statement(name, select(func.count()).select_from(table), returns=True)
        ((counts[name],),) = await store.engine.read(count, {})
    return {name: count for name, count in counts.items() if count}


@pytest.mark.parametrize("status", [s for s in Status if s in purging.TERMINAL], ids=str)
async def test_what_ended_long_ago_goes_with_its_bills(store, status):
    """However it ended, told or not; what was settled and refunded goes with it."""
    told = {"notice": Notice.TOLD, "copy": Notice.TOLD}
    first = await store.start(generation(1, **AT_REST | {"status": status}, **told), [])
    first = await store.move(first, NOON, due_at=None, entry=Entry("settle", COST))
    await store.move(first, NOON, due_at=None, refunded=True, entry=Entry("refund", COST))
    await store.start(generation(2, **AT_REST, parent_id=first.id), [])

    assert 6 == await purge(store)
    assert {} == await rows(store)
    assert 0 == await purge(store)


STAYS = {
    "younger": {"finished_at": OLD},
    "parked": {"status": Status.PARKED},
    "under way": {"status": Status.RUNNING},
    "never ended": {"finished_at": None},
    "due": {"due_at": NOON},
    "in somebody's hands": {"lease_until": NOON + LEASE},
    "watched": {"status": Status.CANCELLED, "watch": True},
    "a notice owed": {"status": Status.FAILED, "notice": Notice.OWED},
    "a notice under way": {"status": Status.FAILED, "notice": Notice.TELLING},
    "a copy owed": {"copy": Notice.OWED},
    "a copy under way": {"copy": Notice.TELLING},
}


@pytest.mark.parametrize("why", STAYS)
async def test_what_is_young_or_owes_anything_stays(store, why):
    """With its bill, and with the counters that it may yet give back to."""
    then = [replace(hold(), period=f"{ENDED:{length}}") for length in ("%Y-%m-%d", "%Y-%m")]
    kept = await store.start(generation(1, **AT_REST | STAYS[why]), then)

    assert 0 == await purge(store)
    assert kept == await store.get(kept.id)
    assert {"generations": 1, "ledger": 1, "counters": 2} == await rows(store)


async def test_counters_of_months_before_go(store):
    """Days and months that ended before; not that very month's, nor later ones, nor what holds now."""
    past = ("2025-09", "2025-09-30", "2024-12-31")
    present = ("2025-10", "2025-10-01", "2025-10-17", "2026-11", "2026-11-21", "now")
    holds = [replace(hold(), period=period) for period in (*past, *present)]
    await store.start(generation(1, **AT_REST), holds)
    assert 5 == await purge(store)

    assert [Cost()] * 3 + [COST] * 6 == [await used(store, one) for one in holds]


async def test_actions_and_grants_of_then_go(store):
    """Later ones stay, and so does what members set."""
    deeds, grants = Deeds(store.engine), Grants(store.engine)
    await Members(store.engine).change(1001, lambda _: Preferences("maxapi"), ENDED)
    for name, at in (("then", ENDED), ("later", OLD), ("now", NOON)):
        await deeds.add(Deed(name, 8, at, 42, "Ann", "words add", "word: rude"))
        one = replace(hold(cost=Cost(videos=1)), period=f"{at:%Y-%m-%d}")
        await grants.grant(one, id=name, guild_id=8, member="anna", actor_id=42, now=at)
    assert 3 == await purge(store)

    assert ["now", "later"] == [deed.id for deed in await deeds.latest(8, before=None, most=9)]
    assert {"audit": 2, "counters": 2, "grants": 2, "members": 1} == await rows(store)


async def test_more_than_one_transaction_takes_all_goes_too(store, monkeypatch):
    """A batch after the other, each no larger than it may be, until nothing is left."""
    monkeypatch.setattr(purging, "PARTS", [(look, deletes, 2) for look, deletes, _ in purging.PARTS])
    write, touched = store.engine.write, []

    async def watched(self, steps):
        outcomes = await write(steps)
        touched.append(sum(outcome.touched for outcome in outcomes))
        return outcomes

    for number in range(1, 6):
        await store.start(generation(number, **AT_REST), [])
    monkeypatch.setattr(type(store.engine), "write", watched)

    assert 10 == await purge(store)
    assert [4, 4, 2] == touched


def test_a_batch_is_small():
    """A generation with all its entries is four rows, a storyboard's are a few dozen: 500 at most."""
    assert [5, 100, 500, 500, 500] == [most for _, _, most in purging.PARTS]


async def told(store, *, film=None, shots=({}, {}), leased=None, **changes):
    """Store a storyboard that ended long ago, with its shots and its film."""
    ended = board(
        **{
            "status": BoardStatus.DELIVERED,
            "created_at": ENDED,
            "finished_at": ENDED,
            "due_at": None,
            "joined": (generation(1).id, generation(2).id),
            **changes,
        }
    )
    made = [shot(number, **AT_REST | said) for number, said in enumerate(shots, start=1)]
    boards = Storyboards(store.engine)
    begun = await boards.start(replace(ended, version=0), made, [])
    joined = replace(film_of(begun, made, ENDED), **AT_REST | {"place": Place(500)} | (film or {}))
    await boards.put_film(begun, joined, ENDED)
    await boards.move(await boards.get(ID), ENDED, due_at=changes.get("due_at"))
    await boards.note(ID, lease_until=leased)


async def test_a_storyboard_goes_as_a_whole(store):
    """With all its shots, those that were made anew, too, their bills and its film."""
    await told(store, shots=({}, {}, {"shot": 2}))

    assert 8 == await purge(store)
    assert {} == await rows(store)


OPEN_BOARDS = {
    "younger": {"finished_at": OLD},
    "shooting": {"status": BoardStatus.SHOOTING},
    "joining": {"status": BoardStatus.JOINING},
    "due": {"due_at": NOON},
    "in somebody's hands": {"leased": NOON + LEASE},
    "a younger shot": {"shots": ({}, {"finished_at": OLD})},
    "a parked shot": {"shots": ({}, {"status": Status.PARKED, "finished_at": None})},
    "a shot that owes": {"shots": ({"notice": Notice.OWED}, {})},
    "a film of which no end is known": {"film": {"finished_at": None}},
    "a film under way": {"film": {"status": Status.POSTING, "finished_at": None}},
}


@pytest.mark.parametrize("why", OPEN_BOARDS)
async def test_nothing_of_a_storyboard_goes_before_all_of_it_may(store, why):
    """A shot of one that isn't over stays, however old it is."""
    await told(store, **OPEN_BOARDS[why])

    assert 0 == await purge(store)
    assert {"generations": 3, "ledger": 2, "storyboards": 1} == await rows(store)


PLANS = {
    "anything ended": "ix_generations_finished",
    "purge entries": "ix_generations_finished",
    "purge generations": "ix_generations_finished",
    "anything over": "ix_storyboards_finished",
    "purge shots": "ix_generations_storyboard",
    "any period past": "ix_counters_period",
    "purge counters": "ix_counters_period",
}


@pytest.mark.parametrize("name", PLANS)
async def test_what_is_old_is_found_by_an_index(tmp_path, name):
    """However much there is, the hourly look reads only what is old."""
    every = (one for look, deletes, _ in purging.PARTS for one in (look, *deletes))
    statement = next(one for one in every if one.name == name)
    await migrate(None, tmp_path)
    text, arranged = statement.told_sqlite
    said = arranged({"before": 0, "its_month": "", "most": 1})
    with closing(connect(tmp_path / "matinee.db")) as connection:
        plan = [row[-1] for row in connection.execute(f"EXPLAIN QUERY PLAN {text}", said)]
    assert any(PLANS[name] in line for line in plan), plan
