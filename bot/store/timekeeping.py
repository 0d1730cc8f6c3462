"""The moments that rows wait for: whether one has come, and what to do when the clock was set back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, case, func, literal_column, or_, select, text, update

from bot.store.generations import first_due, first_free
from bot.store.rows import micros, moment
from bot.store.statements import Statement, Step, number, word
from bot.store.tables import IS_READY, generations, storyboards

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import ColumnElement, Table

    from bot.store.statements import Engine, Parameters

now, until = number("now"), number("until")
LATEST = Statement(
    "latest",
    select(func.max(generations.c.updated_at)).where(generations.c.due_at.is_not(None)),
    returns=True,
)
_ready = first_free(generations.c.ready_at, text(IS_READY))
_ready_there = and_(generations.c.provider == word("its_provider"), text(IS_READY))
_board = first_free(storyboards.c.due_at, storyboards.c.due_at.is_not(None))
_any = or_(first_due <= now, _ready <= now, _board <= now)
WAITS = Statement(
    "waits", select(case((_any, literal_column("1")), else_=literal_column("0"))), returns=True, brief=True
)
READY = Statement("ready", select(first_free(generations.c.ready_at, _ready_there)), returns=True, brief=True)


def _at_most(column: ColumnElement[int], most: Any) -> ColumnElement[int]:
    return case((column > most, most), else_=column)


def _set_back(name: str, table: Table, *waits: str) -> Statement:
    """Return what lets nothing in a table wait longer than until now, and no lease outlast the usual."""
    row = table.c
    return Statement(
        name,
        update(table)
        .where(or_(row.due_at > now, row.lease_until > until))
        .values(
            lease_until=_at_most(row.lease_until, until),
            **{each: _at_most(row[each], now) for each in ("due_at", *waits)},
        ),
    )


SET_BACK = _set_back("set back", generations, "ready_at", "ask_at", "asked_at", "card_edited_at")
SET_BACK_BOARDS = _set_back("set back boards", storyboards, "stuck_since", "card_edited_at")


@dataclass(frozen=True, slots=True)
class Timekeeping:
    """The moments that rows wait for. Everything raises `StoreUnavailable` when the database can't be had."""

    engine: Engine

    async def latest(self) -> datetime | None:
        """Return the last moment at which anything that isn't at rest was changed."""
        ((latest,),) = await self.engine.read(LATEST, {})
        return None if latest is None else moment(int(latest))

    async def waits(self, at: datetime) -> bool:
        """Return whether anything waits for whoever is free: the one cheap question of an idle process."""
        ((found,),) = await self.engine.read(WAITS, {"now": micros(at)})
        return bool(found)

    async def is_ready(self, provider: str, at: datetime) -> bool:
        """Return whether anything may wait to be submitted to a provider: a look, which costs no commit."""
        parameters: Parameters = {"its_provider": provider, "now": micros(at)}
        ((first,),) = await self.engine.read(READY, parameters)
        return first is not None and int(first) <= micros(at)

    async def set_back(self, at: datetime, *, leased_until: datetime) -> None:
        """Make everything due that waits for a moment after `at`; no lease lasts longer than that."""
        parameters: Parameters = {"now": micros(at), "until": micros(leased_until)}
        await self.engine.write(
            [Step(SET_BACK, dict(parameters), rows=None), Step(SET_BACK_BOARDS, parameters, rows=None)]
        )
