"""A statement is SQLAlchemy Core, compiled once for each database; a transition is a list of steps.

The drivers alone execute them. Through SQLAlchemy's own engine the same work takes many times as long.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from operator import itemgetter
from typing import TYPE_CHECKING, NamedTuple, Protocol

from sqlalchemy import BigInteger, Text, bindparam
from sqlalchemy.dialects import sqlite
from sqlalchemy.dialects.postgresql import asyncpg

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import BindParameter, Dialect
    from sqlalchemy.sql.base import Executable

    from bot.models import Hold
    from bot.store.alarm import Alarm

Primitive = int | str | None
Row = tuple[Primitive, ...]
Parameters = dict[str, Primitive]


def number(name: str) -> BindParameter[int]:
    """Return a parameter that takes a whole number or nothing."""
    return bindparam(name, type_=BigInteger)


def word(name: str) -> BindParameter[str]:
    """Return a parameter that takes text or nothing."""
    return bindparam(name, type_=Text)


Compiled = tuple[str, tuple[str, ...], Parameters]
Told = tuple[str, "Callable[[Mapping[str, Primitive]], Sequence[Primitive]]"]


def _compiled(core: Executable, dialect: Dialect) -> Compiled:
    compiled = core.compile(dialect=dialect)  # type: ignore[attr-defined]
    constants = {name: value for name, value in compiled.params.items() if value is not None}
    return str(compiled), tuple(compiled.positiontup or ()), constants


def _told(compiled: Compiled) -> Told:
    """Return the text, and what puts parameters in the order of its places.

    SQLite's driver would look each name up by itself, at ten times the price.
    """
    text, names, constants = compiled
    if constants or len(names) < 2:  # noqa: PLR2004 - `itemgetter` of one name returns no tuple
        return text, lambda parameters: [(constants | {**parameters})[name] for name in names]
    return text, itemgetter(*names)


@dataclass(frozen=True, eq=False)
class Statement:
    """One SQL statement for both databases. Parameters never bear the name of a column."""

    name: str
    core: Executable
    returns: bool = False
    """Whether rows come back; otherwise their number."""
    brief: bool = False
    """Whether it finds few rows by an index: handing that to another thread would cost more than it does."""
    few: Statement | None = None
    """What says, briefly and by the same parameters, whether it is brief just now."""
    wakes: bool = False
    """Whether it leaves something that is due now, or may be begun now, for whichever process is free."""
    patient: bool = False
    """Whether the transition that begins with it may wait a moment for others to be committed with."""

    @cached_property
    def sqlite(self) -> Compiled:
        """The text with `?`, the names in their order, and the constants among them."""
        return _compiled(self.core, sqlite.dialect(paramstyle="qmark"))

    @cached_property
    def told_sqlite(self) -> Told:
        """What SQLite is told: the text, and what arranges parameters."""
        return _told(self.sqlite)

    @cached_property
    def postgres(self) -> Compiled:
        """The text with `$1`, the names in their order, and the constants among them."""
        return _compiled(self.core, asyncpg.dialect())  # type: ignore[no-untyped-call]

    @cached_property
    def told_postgres(self) -> Told:
        """What PostgreSQL is told: the text, and what arranges parameters."""
        return _told(self.postgres)


class Step(NamedTuple):
    """One statement of a transition, and how many rows it must touch (None: any number)."""

    statement: Statement
    parameters: Parameters
    rows: int | None = 1
    hold: Hold | None = None
    """What is taken: touching no row then means that a limit is reached, not that somebody was faster."""
    done_if_none: bool = False
    """Touching no row then means that all of it was done before, so the rest is left out."""


class Outcome(NamedTuple):
    """What one step touched."""

    touched: int
    rows: Sequence[Row] = ()


def wake(steps: Sequence[Step], outcomes: Sequence[Outcome]) -> bool:
    """Return whether a transition has left something for whichever process is free."""
    return any(
        step.statement.wakes and outcome.touched for step, outcome in zip(steps, outcomes, strict=False)
    )


class Engine(Protocol):
    """One database. Both raise `Conflict`, `LimitReached` and `StoreUnavailable`, and nothing of theirs."""

    alarm: Alarm
    """Rings while writes fail."""
    alone: bool
    """Whether no other process can have written anything."""

    def now(self) -> datetime:
        """Return the moment, by the one clock of all processes that use the database."""

    def listen(self, heard: Callable[[], None]) -> None:
        """Call `heard` from now on when something was left that is due, and nobody here says so.

        Another process has left it, or may have; or a caller who was cancelled, once it is committed.
        """

    def give_way_to(self, waited_for: Callable[[], bool]) -> None:
        """Put off from now on what can be done later while `waited_for` says so; any thread may ask it."""

    async def write(self, steps: Sequence[Step]) -> list[Outcome]:
        """Run a transition, all or nothing. A caller that is cancelled leaves it whole."""

    async def read(self, statement: Statement, parameters: Mapping[str, Primitive]) -> list[Row]:
        """Return what is committed."""

    async def ping(self) -> None:
        """Return if a write could be taken just now."""

    async def scrub(self) -> None:
        """Leave nothing of what rows said before in files of ours, as far as nobody is in the way."""

    async def close(self) -> None:
        """Finish what was begun and let go of everything."""
