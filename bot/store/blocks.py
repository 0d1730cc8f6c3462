"""Who may not make films, and what providers' moderation refused them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import literal_column, or_, select
from sqlalchemy.dialects.postgresql import insert

from bot.models import Status
from bot.servers import EVERYWHERE, Block
from bot.store.audit import entry
from bot.store.rows import clean, micros, moment, primitive
from bot.store.statements import Statement, Step, number, word
from bot.store.tables import blocks, generations

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from bot.servers import Deed
    from bot.store.statements import Engine, Parameters, Row

LONGEST_REASON = 200
"""Characters."""
MODERATION = "moderation"
"""How every reason begins that a refusal by a provider's moderation has."""
SOUND = "moderation_sound"
"""What was refused is the sound that the provider made: no fault of the member's."""
row = blocks.c
_FIELDS = (row.guild_id, row.user_id, row.until, row.reason, row.actor_id, row.at)
_new = {
    "until": number("its_until"),
    "reason": word("its_reason"),
    "actor_id": number("its_actor"),
    "at": number("now"),
}
PUT_BLOCK = Statement(
    "put block",
    insert(blocks)
    .values(guild_id=number("its_guild"), user_id=number("its_user"), **_new)
    .on_conflict_do_update(index_elements=["guild_id", "user_id"], set_=_new),
)
BLOCKS_OF = Statement(
    "blocks of",
    select(*_FIELDS)
    .where(row.user_id == number("its_user"), row.guild_id.in_([number("its_guild"), number("all")]))
    .order_by(row.guild_id),
    returns=True,
    brief=True,
)
BLOCKED_ON = Statement(
    "blocked on",
    select(*_FIELDS)
    .where(
        row.guild_id == number("its_guild"),
        or_(row.until.is_(None), row.until > number("now")),
    )
    .order_by(row.at.desc(), row.user_id)
    .limit(number("most")),
    returns=True,
)
REFUSALS = Statement(
    "refusals",
    select(generations.c.guild_id, generations.c.finished_at)
    .where(
        generations.c.member == word("its_member"),
        generations.c.status == literal_column(f"'{Status.REFUSED}'"),  # as the index has it
        generations.c.reason.startswith(word("its_reason")),
        generations.c.reason != word("but_not"),
        generations.c.finished_at > number("since"),
    )
    .order_by(generations.c.finished_at),
    returns=True,
    brief=True,
)


@dataclass(frozen=True, slots=True)
class Blocks:
    """Blocks by server and person. Everything raises `StoreUnavailable` when the database can't be had."""

    engine: Engine

    async def put(self, block: Block, deed: Deed | None = None) -> None:
        """Write a block or a pardon down, in place of the one before, and who decided so."""
        parameters: Parameters = {
            "its_guild": block.guild_id,
            "its_user": block.user_id,
            "its_until": primitive(block.until),
            "its_reason": clean(block.reason)[:LONGEST_REASON],
            "its_actor": block.actor_id,
            "now": micros(block.at),
        }
        await self.engine.write([Step(PUT_BLOCK, parameters), *entry(deed)])

    async def of(self, user_id: int, guild_id: int | None) -> tuple[Block, ...]:
        """Return what is written about a person: everywhere, and on a server; also what is over."""
        where = EVERYWHERE if guild_id is None else guild_id
        parameters: Parameters = {"its_user": user_id, "its_guild": where, "all": EVERYWHERE}
        return tuple(_block(row) for row in await self.engine.read(BLOCKS_OF, parameters))

    async def on(self, guild_id: int, now: datetime, most: int) -> tuple[Block, ...]:
        """Return whom a server blocks just now, latest first."""
        parameters: Parameters = {"its_guild": guild_id, "now": micros(now), "most": most}
        return tuple(_block(row) for row in await self.engine.read(BLOCKED_ON, parameters))

    async def refusals(self, member: str, since: datetime) -> Sequence[tuple[int | None, datetime]]:
        """Return on which server and when moderation refused a member's films, after a moment, in order.

        `member` is the pseudonym: whoever has all about them deleted doesn't begin anew. None: in person.
        """
        parameters: Parameters = {
            "its_member": member,
            "its_reason": MODERATION,
            "but_not": SOUND,
            "since": micros(since),
        }
        rows = await self.engine.read(REFUSALS, parameters)
        return [(None if guild is None else int(guild), moment(int(at or 0))) for guild, at in rows]


def _block(row: Row) -> Block:
    guild_id, user_id, until, reason, actor_id, at = row
    return Block(
        guild_id=int(guild_id or 0),
        user_id=int(user_id or 0),
        until=None if until is None else moment(int(until)),
        reason=str(reason),
        actor_id=int(actor_id or 0),
        at=moment(int(at or 0)),
    )
