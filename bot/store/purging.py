"""What is older than anybody needs is deleted: ended generations, their bills, counters and admins' actions.

In small transactions, so that no command waits, and only what rests and owes nothing: see `_may_go`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import Text, and_, delete, exists, literal_column, not_, or_, select, tuple_

from bot.models import TERMINAL, Notice, Status
from bot.shots import OPEN
from bot.store.generations import ONE, ZERO
from bot.store.rows import micros
from bot.store.statements import Statement, Step, number, word
from bot.store.tables import audit, counters, generations, grants, ledger, storyboards

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime
    from enum import StrEnum

    from sqlalchemy import ColumnElement, Delete, Select, Table

    from bot.store.statements import Engine, Parameters

ROWS = 500
"""The most that one transaction deletes."""
GENERATIONS = ROWS // 5
"""In one transaction: each has three ledger entries at most."""
STORYBOARDS = 5
"""In one transaction, with all their shots, which have been made anew a few times at most."""

row, board, counter = generations.c, storyboards.c, counters.c
before, month, most = number("before"), word("its_month"), number("most")


def _one_of(column: ColumnElement[str], values: Iterable[StrEnum]) -> ColumnElement[bool]:
    return column.in_([literal_column(f"'{value}'", Text) for value in sorted(values)])


def _oldest(table: Table, *conditions: ColumnElement[bool]) -> Select[tuple[str]]:
    """Return those that ended first."""
    return select(table.c.id).where(*conditions).order_by(table.c.finished_at).limit(most)


def _counted(name: str, core: Delete) -> Statement:
    """Return a deletion whose rows are counted as they come back: sqlite3 counts none behind a `WITH`."""
    return Statement(name, core.returning(ONE), returns=True)


_owes_nothing = (Notice.NONE, Notice.TOLD)
_may_go = and_(
    row.finished_at < before,
    not_(_one_of(row.status, frozenset(Status) - TERMINAL)),  # "is one of" leads SQLite to another index
    row.due_at.is_(None),
    row.lease_until.is_(None),
    row.watch == ZERO,
    _one_of(row.notice, _owes_nothing),
    _one_of(row.copy, _owes_nothing),
)
_alone = and_(_may_go, row.storyboard_id.is_(None))
_billed = exists().where(ledger.c.generation_id == row.id).correlate(generations)
# Whoever changes one of them meanwhile on PostgreSQL is waited for by nobody; it is looked at next time.
_ended = _oldest(generations, _alone).with_for_update(skip_locked=True).cte("ended")
_unbilled = _oldest(generations, _alone, not_(_billed)).cte("unbilled")
ENDED = Statement("anything ended", select(row.id).where(_alone).limit(ONE), returns=True)
PURGE_ENTRIES = _counted(
    "purge entries", delete(ledger).where(ledger.c.generation_id.in_(select(_ended.c.id)))
)
PURGE_GENERATIONS = _counted(
    "purge generations", delete(generations).where(row.id.in_(select(_unbilled.c.id)))
)

_has_more = exists().where(row.storyboard_id == board.id, or_(row.finished_at.is_(None), not_(_may_go)))
_is_over = and_(
    board.finished_at < before,
    not_(_one_of(board.status, OPEN)),
    board.due_at.is_(None),
    board.lease_until.is_(None),
    not_(_has_more.correlate(storyboards)),
)
_over = _oldest(storyboards, _is_over).with_for_update(skip_locked=True).cte("over")
_of_them = row.storyboard_id.in_(select(_over.c.id))
OVER = Statement("anything over", select(board.id).where(_is_over).limit(ONE), returns=True)
PURGE_BILLS = _counted(
    "purge entries of shots", delete(ledger).where(ledger.c.generation_id.in_(select(row.id).where(_of_them)))
)
PURGE_SHOTS = _counted("purge shots", delete(generations).where(_of_them, not_(_billed)))
PURGE_BOARDS = _counted(
    "purge storyboards",
    delete(storyboards).where(
        board.id.in_(select(_over.c.id)),
        not_(exists().where(row.storyboard_id == board.id).correlate(storyboards)),
    ),
)

# A day `2026-11-21` and a month `2026-11` are less than each later month, and `now` is more than any of them.
# What something still here may give back to stays: a generation takes from the periods of its first day.
_billed_then = (
    exists()
    .where(ledger.c.day.between(counter.period, counter.period + literal_column("'-31'", Text)))
    .correlate(counters)
)
_is_past = and_(counter.period < month, not_(_billed_then))
_key = (counter.scope, counter.subject, counter.period)
PAST = Statement("any period past", select(counter.period).where(_is_past).limit(ONE), returns=True)
PURGE_COUNTERS = Statement(
    "purge counters",
    delete(counters).where(tuple_(*_key).in_(select(*_key).where(_is_past).limit(most))),
)
_old_deed = audit.c.at < before
DONE = Statement("any old deed", select(audit.c.id).where(_old_deed).limit(ONE), returns=True)
PURGE_DEEDS = Statement(
    "purge deeds", delete(audit).where(audit.c.id.in_(select(audit.c.id).where(_old_deed).limit(most)))
)
_old_grant = grants.c.period < month
GRANTED = Statement("any old grant", select(grants.c.id).where(_old_grant).limit(ONE), returns=True)
PURGE_GRANTS = Statement(
    "purge grants", delete(grants).where(grants.c.id.in_(select(grants.c.id).where(_old_grant).limit(most)))
)
PARTS: tuple[tuple[Statement, tuple[Statement, ...], int], ...] = (
    (OVER, (PURGE_BILLS, PURGE_SHOTS, PURGE_BOARDS), STORYBOARDS),
    (ENDED, (PURGE_ENTRIES, PURGE_GENERATIONS), GENERATIONS),
    (PAST, (PURGE_COUNTERS,), ROWS),
    (DONE, (PURGE_DEEDS,), ROWS),
    (GRANTED, (PURGE_GRANTS,), ROWS),
)
"""What finds out whether there is anything to do, which costs no commit; what does it; how many at a time."""


@dataclass(frozen=True, slots=True)
class Purging:
    """Deletes old history. Everything raises `StoreUnavailable` when the database can't be had."""

    engine: Engine

    async def purge(self, earliest: datetime) -> int:
        """Delete what ended before a moment; return how many rows are gone."""
        parameters: Parameters = {"before": micros(earliest), "its_month": earliest.strftime("%Y-%m")}
        gone = 0
        for look, deletes, most_ in PARTS:
            while some := await self._some(look, deletes, parameters | {"most": most_}):
                gone += some
        return gone

    async def _some(self, look: Statement, deletes: Iterable[Statement], parameters: Parameters) -> int:
        if not await self.engine.read(look, parameters):
            return 0
        steps = [Step(each, dict(parameters), rows=None) for each in deletes]
        return sum(outcome.touched for outcome in await self.engine.write(steps))
