"""What admins did, in the order in which they did it. Rows are only ever added."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import or_, select
from sqlalchemy.dialects.postgresql import insert

from bot.servers import Deed
from bot.store.rows import clean, micros, moment
from bot.store.statements import Statement, Step, number, word
from bot.store.tables import audit

if TYPE_CHECKING:
    from datetime import datetime

    from bot.store.statements import Engine, Parameters, Row

END_OF_TIME = 2**63 - 1
_FIELDS = (
    audit.c.id, audit.c.guild_id, audit.c.at, audit.c.actor_id, audit.c.actor, audit.c.action, audit.c.detail,
)  # fmt: skip

ADD = Statement(
    "add deed",
    insert(audit)
    .values(
        id=word("its_id"),
        guild_id=number("its_guild"),
        at=number("now"),
        actor_id=number("its_actor"),
        actor=word("its_name"),
        action=word("its_action"),
        detail=word("its_detail"),
    )
    .on_conflict_do_nothing(index_elements=["id"]),
)
_guild = number("its_guild")
DEEDS = Statement(
    "deeds",
    select(*_FIELDS)
    .where(or_(_guild.is_(None), audit.c.guild_id == _guild), audit.c.at < number("before"))
    .order_by(audit.c.at.desc(), audit.c.id.desc())
    .limit(number("most")),
    returns=True,
)


def entry(deed: Deed | None) -> list[Step]:
    """Return the step that writes an action down beside what it changes; none for None."""
    if deed is None:
        return []
    parameters: Parameters = {
        "its_id": deed.id,
        "its_guild": deed.guild_id,
        "now": micros(deed.at),
        "its_actor": deed.actor_id,
        "its_name": clean(deed.actor),
        "its_action": clean(deed.action),
        "its_detail": clean(deed.detail),
    }
    return [Step(ADD, parameters, rows=None)]


@dataclass(frozen=True, slots=True)
class Deeds:
    """The log of admins' actions. Everything raises `StoreUnavailable` when the database can't be had."""

    engine: Engine

    async def add(self, deed: Deed) -> bool:
        """Write one down; the same id a second time is the same one. Return whether it was the first."""
        (outcome,) = await self.engine.write(entry(deed))
        return outcome.touched > 0

    async def latest(self, guild_id: int | None, *, before: datetime | None, most: int) -> tuple[Deed, ...]:
        """Return what was done on a server, or anywhere for None, newest first."""
        end = END_OF_TIME if before is None else micros(before)
        rows = await self.engine.read(DEEDS, {"its_guild": guild_id, "before": end, "most": most})
        return tuple(_deed(row) for row in rows)


def _deed(row: Row) -> Deed:
    id_, guild_id, at, actor_id, actor, action, detail = row
    return Deed(
        id=str(id_),
        guild_id=None if guild_id is None else int(guild_id),
        at=moment(int(at or 0)),
        actor_id=int(actor_id or 0),
        actor=str(actor),
        action=str(action),
        detail=str(detail),
    )
