"""How both databases go about what is asked again and again: what came to rest long ago costs nothing."""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import sqlite3

import pytest

from benchmarks import postgres
from benchmarks.filling import Crowd, fill_postgres
from bot.store import generations, ledger, migrate, overview, storyboards, timekeeping

WITHOUT_THE_PAST = "due|leased|ready|at_provider|open"
"""Indexes that have only what is under way."""
ASKED = [
    generations.BY_ID,
    generations.CLAIM,
    generations.CLAIM_READY,
    generations.DURATIONS,
    generations.HISTORY,
    generations.NEXT_DUE,
    generations.OPEN_OF,
    generations.FEW_WAIT,
    generations.PLACE,
    generations.WAKE,
    ledger.STANDING,
    overview.LEFT,
    overview.WAITING,
    storyboards.CLAIM,
    storyboards.NEXT_DUE,
    timekeeping.LATEST,
    timekeeping.READY,
    timekeeping.WAITS,
]
SELDOM = {overview.LEFT, timekeeping.LATEST, generations.DURATIONS}
EACH_ROUND = [one for one in ASKED if one not in SELDOM]
ROWS = 3000


@pytest.fixture(scope="module")
def server(postgres_server, tmp_path_factory):
    """Return the name of a PostgreSQL database in which thousands wait, or have come to rest."""
    name = f"plans_{os.getpid()}"
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(postgres._running, "server", postgres_server)
        postgres.psql("postgres", f"CREATE DATABASE {name}")
        crowd = Crowd(delivered=ROWS // 2, waiting=ROWS // 2)
        asyncio.run(fill_postgres(postgres.address(name, "asyncpg"), crowd, tmp_path_factory.mktemp("plans")))
        yield name
        postgres.psql("postgres", f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(scope="module")
def database(tmp_path_factory):
    """Return an empty database with all tables."""
    folder = tmp_path_factory.mktemp("plans")
    asyncio.run(migrate(None, folder))
    with contextlib.closing(sqlite3.connect(folder / "matinee.db")) as connection:
        yield connection


@pytest.mark.parametrize("asked", ASKED, ids=lambda asked: asked.name)
def test_nothing_reads_all_generations_that_there_ever_were(database, asked):
    """Rows are found by an index; what is gone through from end to end is an index of what is under way."""
    text, names, _ = asked.sqlite
    nothing = [0] * len(names)
    plan = [line for *_, line in database.execute(f"EXPLAIN QUERY PLAN {text}", nothing)]

    whole = [
        line for line in plan if re.match("SCAN (generations|at_provider|of_member|ledger|counters)", line)
    ]
    assert [] == [line for line in whole if not re.search(f"INDEX ix_generations_({WITHOUT_THE_PAST})", line)]
    assert plan


def test_storyboards_that_wait_are_not_gone_through(database):
    """The next is the first that is free, or the first lease to end: what is leased was due."""
    text, names, _ = storyboards.NEXT_DUE.sqlite
    plan = [line for *_, line in database.execute(f"EXPLAIN QUERY PLAN {text}", [0] * len(names))]

    first, leased = (line for line in plan if " storyboards " in line)
    by_index = "SEARCH storyboards USING INDEX ix_storyboards_due"
    assert [f"{by_index} (due_at>?)", f"{by_index} (due_at>? AND due_at<?)"] == [first, leased]


@pytest.mark.parametrize("asked", EACH_ROUND, ids=lambda asked: asked.name)
def test_postgresql_reads_no_table_whole_either(server, asked):
    """Not even by the plan that it keeps for any parameters, which knows nothing of how few are due."""
    text, names, _ = asked.postgres
    nothing = ", ".join("NULL" for _ in names)
    plan = postgres.psql(
        server,
        f"SET plan_cache_mode = force_generic_plan; PREPARE asked AS {text}; "
        f"EXPLAIN EXECUTE asked{f'({nothing})' if names else ''}",
    )

    assert "Seq Scan on generations" not in plan
