"""One statement, two dialects: what each database is really told."""

from __future__ import annotations

from pathlib import Path

import pytest

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
