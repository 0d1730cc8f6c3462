"""How SQLite goes about what is asked again and again: what came to rest long ago costs nothing."""

from __future__ import annotations

import contextlib
import re
import sqlite3

import pytest

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
    generations.PLACE,
    generations.WAKE,
    ledger.STANDING,
    overview.LEFT,
    overview.WAITING,
    storyboards.CLAIM,
    timekeeping.LATEST,
]


@pytest.fixture(scope="module")
def database(tmp_path_factory):
    """Return an empty database with all tables."""
    import asyncio

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
