"""What is under way, page by page and in numbers: on one server or on all."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from sqlalchemy import BigInteger, Text, and_, func, literal_column, or_, select, text

from bot.models import OPEN, Status
from bot.shots import OPEN as OPEN_BOARDS
from bot.store.rows import COLUMNS, generation_of, micros, moment
from bot.store.statements import Statement, number, word
from bot.store.tables import IS_AT_PROVIDER, IS_OPEN, generations, storyboards, words

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from sqlalchemy import ColumnElement, TextClause

    from bot.models import Generation
    from bot.store.statements import Engine, Parameters

row = generations.c
LISTED = OPEN | {Status.PARKED}
_is_listed = text(f"status IN ({words(LISTED)})")
_is_open_board = storyboards.c.status.in_(
    [literal_column(f"'{status}'", Text) for status in sorted(OPEN_BOARDS)]
)


@dataclass(frozen=True, slots=True)
class Backlog:
    """How many generations stand how, and what has waited longest."""

    counts: Mapping[Status, int]
    """Only of those that are under way or parked."""
    waiting_since: datetime | None
    """Since when the oldest one waits to be sent."""

    @property
    def queued(self) -> int:
        """Those that haven't been sent."""
        return self.counts[Status.QUEUED]

    @property
    def parked(self) -> int:
        """Those that wait for a person."""
        return self.counts[Status.PARKED]

    @property
    def under_way(self) -> int:
        """Those that are sent, or being brought home."""
        return sum(self.counts.values()) - self.queued - self.parked


def _here(here: bool) -> list[ColumnElement[bool]]:
    return [row.guild_id == number("its_guild")] if here else []


@lru_cache(maxsize=2)
def listed(*, here: bool) -> Statement:
    """Return what reads a page of what is under way or parked, oldest first, on one server or on all."""
    time, its_id = number("its_time"), word("its_id")
    beyond = or_(row.created_at > time, and_(row.created_at == time, row.id > its_id))
    core = select(*COLUMNS).where(*_here(here), _is_listed, beyond)
    core = core.order_by(row.created_at, row.id).limit(number("most"))
    return Statement(f"listed {'here' if here else 'everywhere'}", core, returns=True)


@lru_cache(maxsize=2)
def backlog(*, here: bool) -> Statement:
    """Return what counts what is under way or parked, with the oldest moment of each state."""
    since = func.min(func.coalesce(row.released_at, row.created_at))
    core = select(row.status, func.count(), since).where(*_here(here), _is_listed).group_by(row.status)
    return Statement(f"backlog {'here' if here else 'everywhere'}", core, returns=True)


_waiting = (
    select(row.status)
    .where(row.status == literal_column(f"'{Status.QUEUED}'", Text))
    .limit(number("most"))
    .subquery("waiting")
)
WAITING = Statement("waiting", select(func.count()).select_from(_waiting), returns=True, brief=True)
AT_PROVIDERS_HERE = Statement(
    "at providers here",
    select(row.provider, func.count())
    .where(row.guild_id == number("its_guild"), text(IS_AT_PROVIDER))
    .group_by(row.provider),
    returns=True,
)
_board_is_open = (
    select(literal_column("1", BigInteger))
    .where(storyboards.c.id == row.storyboard_id, _is_open_board)
    .correlate(generations)
    .exists()
)


def _left(*conditions: ColumnElement[bool] | TextClause) -> ColumnElement[int]:
    return select(func.count()).select_from(generations).where(*conditions, ~_board_is_open).scalar_subquery()


# Two counts, each by its index: for both conditions in one, SQLite reads every generation there ever was.
_open, _ended_and_due = _left(text(IS_OPEN)), _left(text(f"NOT ({IS_OPEN})"), row.due_at.is_not(None))
_of_boards = select(func.count()).select_from(storyboards).where(_is_open_board).scalar_subquery()
LEFT = Statement("left", select(_open, _ended_and_due, _of_boards), returns=True)


@dataclass(frozen=True, slots=True)
class Overview:
    """What is under way. Everything raises `StoreUnavailable` when the database can't be had."""

    engine: Engine

    async def page(
        self, guild_id: int | None, *, after: tuple[datetime, str] | None = None, most: int
    ) -> tuple[Generation, ...]:
        """Return what is under way or parked on a server, or anywhere for None, oldest first.

        `after`: when the last one of the page before was asked for, and its id.
        """
        time, id_ = (-1, "") if after is None else (micros(after[0]), after[1])
        parameters: Parameters = {"its_time": time, "its_id": id_, "most": most}
        own: Parameters = {} if guild_id is None else {"its_guild": guild_id}
        rows = await self.engine.read(listed(here=guild_id is not None), parameters | own)
        return tuple(generation_of(one) for one in rows)

    async def backlog(self, guild_id: int | None) -> Backlog:
        """Return the numbers of a server, or of all for None."""
        own: Parameters = {} if guild_id is None else {"its_guild": guild_id}
        rows = await self.engine.read(backlog(here=guild_id is not None), own)
        found = {Status(str(name)): (int(count or 0), since) for name, count, since in rows}
        _, since = found.get(Status.QUEUED, (0, None))
        counts = {status: found.get(status, (0, None))[0] for status in LISTED}
        return Backlog(counts, None if since is None else moment(int(since)))

    async def waiting(self, *, most: int) -> int:
        """Return how many wait to be sent; at most `most` are counted."""
        ((count,),) = await self.engine.read(WAITING, {"most": most})
        return int(count or 0)

    async def at_providers(self, guild_id: int) -> dict[str, int]:
        """Return how many tasks of a server each provider has."""
        rows = await self.engine.read(AT_PROVIDERS_HERE, {"its_guild": guild_id})
        return {str(provider): int(count or 0) for provider, count in rows}

    async def left(self) -> int:
        """Return how much is still to be finished: a storyboard is one, however many shots it has."""
        (counts,) = await self.engine.read(LEFT, {})
        return sum(int(count or 0) for count in counts)
