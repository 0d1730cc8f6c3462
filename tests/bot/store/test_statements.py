"""One statement, two dialects: what each database is really told."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from sqlalchemy import Update

from bot.store import (
    audit,
    blocks,
    books,
    forgetting,
    generations,
    grants,
    ledger,
    members,
    orders,
    overview,
    purging,
    searching,
    servers,
    storyboards,
    switches,
    timekeeping,
)
from bot.store.statements import Statement
from bot.store.tables import generations as table
from tests.bot.store.examples import generation

MODULES = (
    audit, blocks, books, forgetting, generations, grants, ledger, members, orders, overview, purging,
    searching, servers, storyboards, switches, timekeeping,
)  # fmt: skip
STATEMENTS = [
    *(one for module in MODULES for one in vars(module).values() if isinstance(one, Statement)),
    generations.begin(generation(1)).statement,
    generations.move(frozenset({"status", "attempts"})),
    generations.note(frozenset({"card_id"})),
    generations.shown(frozenset({"card_id", "card_shown", "card_edited_at"})),
    ledger.take_freely(2),
    *(ledger.take_within(units) for units in ((), ("videos",), ("videos", "seconds"))),
    *(read(here=here) for read in (overview.listed, overview.backlog) for here in (True, False)),
    *(searching.page(shown, newer=newer) for shown in searching.Shown for newer in (False, True)),
]
WRITTEN = Path(__file__).parent / "compiled"


def told(dialect: str) -> str:
    """Return every statement as one database is told it."""
    texts = (f"-- {one.name}\n{getattr(one, dialect)[0]};\n" for one in STATEMENTS)
    return "\n".join("\n".join(line.rstrip() for line in text.splitlines()) + "\n" for text in texts)


@pytest.mark.parametrize("dialect", ["sqlite", "postgres"])
def test_the_text_is_the_written_one(dialect):
    """A new SQLAlchemy or a changed statement shows as a difference to read, in both dialects.

    After a change that is meant: `python -m tests.bot.store.test_statements` writes them anew.
    """
    assert (WRITTEN / f"{dialect}.sql").read_text() == told(dialect)


@pytest.mark.parametrize("one", STATEMENTS, ids=lambda one: one.name)
def test_both_take_the_same_parameters(one: Statement):
    """No statement needs a parameter on one database that it doesn't need on the other."""
    text, names, constants = one.sqlite
    _, same_names, same_constants = one.postgres
    assert text.count("?") == len(names)
    assert set(names) - constants.keys() == set(same_names) - same_constants.keys()
    assert constants.keys() >= same_constants.keys()


def test_a_move_reads_back_all_that_others_may_have_written():
    """What it doesn't read back is as its version has it: whoever writes there makes a new one."""
    writing = [one.core for one in STATEMENTS if isinstance(one.core, Update) and one.core.table is table]
    loose = [{getattr(column, "name", column) for column in core._values} for core in writing]
    assert [] == [names for names in loose if "version" not in names and not names <= generations.LOOSE]
    assert len(loose) > 10


def test_only_what_moves_read_back_is_noted():
    """Notes make no new version either."""
    calls = [
        call
        for path in Path(generations.__file__).parents[1].rglob("*.py")
        if ".note(" in (source := path.read_text())
        for call in ast.walk(ast.parse(source))
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and call.func.attr == "note"
    ]
    noted = {keyword.arg for call in calls for keyword in call.keywords} - {"version", None}
    assert {"begun", "card_intended_at", "removed"} < noted <= generations.LOOSE


def test_only_postgres_locks_rows():
    """Claims skip rows that others hold on PostgreSQL; SQLite has one writer and is told nothing of it."""
    for claim in (generations.CLAIM, generations.CLAIM_READY):
        assert "FOR UPDATE" in claim.postgres[0]
        assert "SKIP LOCKED" in claim.postgres[0]
        assert "FOR UPDATE" not in claim.sqlite[0]


if __name__ == "__main__":
    WRITTEN.mkdir(exist_ok=True)
    for each in ("sqlite", "postgres"):
        (WRITTEN / f"{each}.sql").write_text(told(each))
