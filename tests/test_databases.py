"""Laws of `tests.databases`: what touches the database is proved on both, and each begins empty."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.bot.store.examples import generation, hold, sizes
from tests.conftest import without_postgres
from tests.databases import KINDS, SQLITE, an_empty_file, at, here

TESTS = Path(__file__).parent
BOTH = ("bot/administration", "bot/members", "bot/store", "bot/storyboards", "bot/tracker", "faults")
ALSO = ("bot/test_admission.py", "bot/test_generations.py", "bot/test_quotas.py")
SAYS_SO = re.compile(
    r"open_store\(None|migrate\(None|SQLITE\b|on_sqlite|sqlite_store|listening\(tmp_path\)|Stage\("
)
"""What a test says that opens a store on SQLite."""
ON_SQLITE = {
    "bot/store/test_company.py": "who is committed together is SQLite's own engine's concern",
    "bot/store/test_migrating.py": "each history by itself: the file's here, the server's beside it",
    "bot/store/test_opening.py": "how the file is opened",
    "bot/store/test_plans.py": "how SQLite goes about it",
    "bot/store/test_purging.py": "how SQLite finds what is old; what is purged is shown on both",
    "bot/store/test_readers.py": "SQLite's own connections",
    "bot/store/test_sqlite.py": "SQLite's own engine",
    "bot/store/test_upgrading.py": "the file's backup; what migrations make of rows is shown on both",
    "faults/test_broken_files.py": "a file that is damaged",
    "faults/test_crash_sweep.py": "in memory for most schedules, and on a server for some",
    "faults/test_database_faults.py": "a file's lock and its migration; a full disk is shown on both",
    "faults/test_flood.py": "the house that is flooded, and its memory",
    "faults/test_late_machines.py": "every moment here, some of them on a server",
    "faults/test_simulation.py": "in memory for most seeds, and on a server for some",
    "faults/test_stalled_clients.py": "the door: what stalls never reaches a store",
    "faults/test_surface.py": "the folder, and what is in it",
    "faults/test_system_faults.py": "what fails beside the database",
}


def of_both():
    """Return every test module that stands for both databases."""
    return [
        *(path for name in BOTH for path in (TESTS / name).rglob("test_*.py")),
        *(TESTS / name for name in ALSO),
    ]


def test_whatever_touches_the_database_is_proved_on_both():
    """No test of the store, the tracker, quotas or faults opens SQLite alone, but for a reason."""
    alone = {
        path.relative_to(TESTS).as_posix()
        for path in of_both()
        if SAYS_SO.search(path.read_text(encoding="utf-8"))
    }

    assert set(ON_SQLITE) == alone


def test_who_says_nothing_opens_nothing():
    """A test that names no database has none, so that none is left on SQLite by oversight."""
    with pytest.raises(AssertionError, match="on which databases"):
        here()


async def test_each_test_begins_with_nothing(database, tmp_path):
    """A folder is a database: what is written in one isn't in the next, and is there after a restart."""
    found = []
    for name in ("first", "second", "second"):
        (tmp_path / name).mkdir(exist_ok=True)
        kept = database.keeps_leases(tmp_path / name)
        store = await database.open(tmp_path / name)
        found.append((await sizes(store), kept))
        if not found[2:]:
            await store.start(generation(len(found)), [hold()])
        await store.close()

    assert [((0, 0), False), ((0, 0), False), ((1, 1), database.name == "postgres")] == found
    assert [(1,)] == [tuple(row) for row in database.look(tmp_path / "second", "SELECT count(*) FROM ledger")]
    assert b"0000000000000002" in database.written(tmp_path / "second")


async def test_a_process_of_a_test_finds_the_tests_database(database, tmp_path):
    """By its address, without emptying it."""
    store = await database.open(tmp_path)
    await store.start(generation(1), [hold()])
    await store.close()
    again = await at(database.url or "").open(tmp_path)
    assert (1, 1) == await sizes(again)
    await again.close()


def test_both_are_meant():
    """`DATABASES` may leave one out; a file is made of the tables once."""
    assert {"sqlite", "postgres"} >= set(KINDS)
    assert an_empty_file() is an_empty_file()
    assert SQLITE is at("")


@pytest.mark.parametrize(("ci", "ends"), [("", pytest.skip.Exception), ("true", pytest.fail.Exception)])
def test_where_ci_is_set_no_test_of_the_server_is_skipped(monkeypatch, ci, ends):
    """A machine without PostgreSQL proves nothing of it, and green would say that it had."""
    monkeypatch.setenv("CI", ci)
    with pytest.raises(ends, match="no PostgreSQL can be started here: no program"):
        without_postgres(OSError("no program"))
