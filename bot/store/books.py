"""Who used how much, from the ledger; and what an admin gives back."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import BigInteger, and_, case, cast, func, literal_column, or_, select, update

from bot.models import Cost, Requester, Status
from bot.store import audit
from bot.store import ledger as entries
from bot.store.ledger import UNITS, Entry
from bot.store.rows import moment, reader
from bot.store.statements import Statement, Step, number, word
from bot.store.tables import generations, ledger

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy import ColumnElement

    from bot.models import Generation, Hold
    from bot.servers import Deed
    from bot.store.statements import Engine, Parameters, Row

ZERO, ONE = (literal_column(digit, BigInteger) for digit in "01")


@dataclass(frozen=True, slots=True)
class Account:
    """What one member used in some days."""

    member: str
    """The pseudonym."""
    user_id: int | None
    """None: nothing else is left of them."""
    counted: Cost
    """What counts against their limits: settled or still reserved, and not given back."""
    films: int
    """Generations that were settled, refunded ones among them."""
    refunded: int
    running: int
    """Generations that are neither settled nor released."""


@dataclass(frozen=True, slots=True)
class Line:
    """One generation, for whoever writes a bill."""

    generation_id: str
    at: datetime
    guild_id: int | None
    member: str
    user_id: int | None
    name: str
    """Hostile text; empty for a member of whom nothing else is left."""
    provider: str
    model: str
    resolution: str
    seconds: int
    """Of the film."""
    status: Status
    counted: Cost
    refunded: bool
    charged: int | None
    """By the provider, in millionths of its credits."""


_reserved, _ended, _refunded = (ledger.alias(name) for name in ("reserved", "ended", "given_back"))
_from = (
    _reserved.join(generations, generations.c.id == _reserved.c.generation_id)
    .outerjoin(
        _ended,
        and_(
            _ended.c.generation_id == _reserved.c.generation_id,
            _ended.c.kind.in_([literal_column("'settle'"), literal_column("'release'")]),
        ),
    )
    .outerjoin(
        _refunded,
        and_(
            _refunded.c.generation_id == _reserved.c.generation_id,
            _refunded.c.kind == literal_column("'refund'"),
        ),
    )
)
_is_refunded = _refunded.c.kind.is_not(None)
_is_settled = _ended.c.kind == literal_column("'settle'")


def _counted(unit: str) -> ColumnElement[int]:
    """Return what counts of a unit: what was settled or reserved, unless it was given back."""
    nothing = or_(_is_refunded, _ended.c.kind == literal_column("'release'"))
    return case((nothing, ZERO), else_=func.coalesce(_ended.c[unit], _reserved.c[unit]))


def _sum(amount: ColumnElement[int]) -> ColumnElement[int]:
    return cast(func.sum(amount), BigInteger)


def _among(here: bool) -> ColumnElement[bool]:
    """Return which generations are meant: of some days, of one server or all, of one member or all."""
    days = _reserved.c.day.between(word("first_day"), word("last_day"))
    its_member = word("its_member")
    of_member = or_(its_member.is_(None), _reserved.c.member == its_member)
    of_kind = _reserved.c.kind == literal_column("'reserve'")
    if here:  # a condition of its own, for the index on servers and days
        return and_(_reserved.c.guild_id == number("its_guild"), days, of_kind, of_member)
    return and_(days, of_kind, of_member)


def _usage(name: str, *, here: bool) -> Statement:
    core = (
        select(
            _reserved.c.member,
            func.max(generations.c.user_id),
            *(_sum(_counted(unit)) for unit in UNITS),
            _sum(case((_is_settled, ONE), else_=ZERO)),
            _sum(case((_is_refunded, ONE), else_=ZERO)),
            _sum(case((_ended.c.kind.is_(None), ONE), else_=ZERO)),
        )
        .select_from(_from)
        .where(_among(here))
        .group_by(_reserved.c.member)
        .order_by(_reserved.c.member)
    )
    return Statement(name, core, returns=True)


def _lines(name: str, *, here: bool) -> Statement:
    of = generations.c
    core = (
        select(
            of.id,
            _reserved.c.at,
            _reserved.c.guild_id,
            _reserved.c.member,
            of.user_id,
            of.requester,
            of.provider,
            of.model,
            of.resolution,
            of.seconds,
            of.status,
            *(_counted(unit) for unit in UNITS),
            case((_is_refunded, ONE), else_=ZERO),
            of.charged,
        )
        .select_from(_from)
        .where(_among(here))
        .order_by(_reserved.c.at, of.id)
        .limit(number("most"))
    )
    return Statement(name, core, returns=True)


USAGE_HERE = _usage("usage here", here=True)
USAGE_EVERYWHERE = _usage("usage everywhere", here=False)
LINES_HERE = _lines("lines here", here=True)
LINES_EVERYWHERE = _lines("lines everywhere", here=False)
# The version stays, so that whoever delivers the film meanwhile isn't disturbed. Should that step lose the
# film and refund it too, the ledger takes one refund only, and the later of the two changes nothing.
REFUND = Statement(
    "refund",
    update(generations)
    .where(
        generations.c.id == word("its_id"),
        generations.c.version == number("its_version"),
        generations.c.refunded == ZERO,
    )
    .values(refunded=ONE),
)
_requester = reader(Requester)


@dataclass(frozen=True, slots=True)
class Books:
    """What the ledger says of days and members. Raises `StoreUnavailable` as the store does."""

    engine: Engine

    async def refund(
        self, generation: Generation, give: Sequence[Hold], now: datetime, deed: Deed | None = None
    ) -> None:
        """Mark a settled generation as refunded, give back what it holds, and write down who decided so.

        Raises `Conflict` if it was moved or refunded since it was seen, or was never settled.
        """
        seen: Parameters = {"its_id": generation.id, "its_version": generation.version}
        given = entries.enter(generation, Entry("refund", generation.cost), now)
        changes = entries.changes((), give)
        await self.engine.write([Step(REFUND, seen), *changes, given, *audit.entry(deed)])

    async def usage(
        self, guild_id: int | None, first: str, last: str, member: str | None = None
    ) -> tuple[Account, ...]:
        """Return what each member used from the first to the last day, on a server or everywhere (None)."""
        parameters: Parameters = {"first_day": first, "last_day": last, "its_member": member}
        statement = USAGE_EVERYWHERE if guild_id is None else USAGE_HERE
        own: Parameters = {} if guild_id is None else {"its_guild": guild_id}
        return tuple(_account(row) for row in await self.engine.read(statement, parameters | own))

    async def lines(
        self, guild_id: int | None, first: str, last: str, member: str | None = None, *, most: int
    ) -> tuple[Line, ...]:
        """Return the generations of these days one by one, oldest first."""
        parameters: Parameters = {"first_day": first, "last_day": last, "its_member": member, "most": most}
        statement = LINES_EVERYWHERE if guild_id is None else LINES_HERE
        own: Parameters = {} if guild_id is None else {"its_guild": guild_id}
        rows = await self.engine.read(statement, parameters | own)
        return await asyncio.to_thread(lambda: tuple(map(_line, rows)))


def _account(row: Row) -> Account:
    member, user_id, *amounts = row
    videos, seconds, credits_, films, refunded, running = (int(amount or 0) for amount in amounts)
    counted = Cost(videos, seconds, credits_)
    return Account(str(member), int(user_id or 0) or None, counted, films, refunded, running)


def _line(row: Row) -> Line:
    id_, at, guild_id, member, user_id, requester, provider, model, resolution, seconds, status, *rest = row
    videos, counted_seconds, credits_, refunded, charged = rest
    return Line(
        generation_id=str(id_),
        at=moment(int(at or 0)),
        guild_id=None if guild_id is None else int(guild_id),
        member=str(member),
        user_id=int(user_id or 0) or None,
        name=_requester(json.loads(str(requester))).name,
        provider=str(provider or ""),
        model=str(model or ""),
        resolution=str(resolution or ""),
        seconds=int(seconds or 0),
        status=Status(str(status)),
        counted=Cost(int(videos or 0), int(counted_seconds or 0), int(credits_ or 0)),
        refunded=bool(refunded),
        charged=None if charged is None else int(charged),
    )
