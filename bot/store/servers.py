"""What servers' admins decided, by server."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from bot.servers import ServerRules
from bot.store.audit import entry
from bot.store.rows import micros, primitive, reader
from bot.store.statements import Statement, Step, number, word
from bot.store.tables import servers

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from bot.servers import Deed
    from bot.store.statements import Engine

RULES = Statement(
    "rules of",
    select(servers.c.rules, servers.c.version).where(servers.c.guild_id == number("its_guild")),
    returns=True,
    brief=True,
)
PUT_RULES = Statement(
    "put rules",
    insert(servers)
    .values(
        guild_id=number("its_guild"),
        rules=word("its_rules"),
        version=number("its_version"),
        updated_at=number("now"),
    )
    .on_conflict_do_update(
        index_elements=["guild_id"],
        set_={"rules": word("its_rules"), "version": number("its_version"), "updated_at": number("now")},
        where=servers.c.version == number("seen"),
    ),
)
_rules = reader(ServerRules)


@dataclass(frozen=True, slots=True)
class Servers:
    """Rules by server. Everything raises `StoreUnavailable` when the database can't be had."""

    engine: Engine

    async def rules(self, guild_id: int) -> ServerRules:
        """Return a server's rules; the defaults where its admins decided nothing."""
        return (await self._read(guild_id))[0]

    async def change(
        self,
        guild_id: int,
        change: Callable[[ServerRules], ServerRules],
        now: datetime,
        deed: Deed | None = None,
    ) -> ServerRules:
        """Change a server's rules, write down who did, and return them.

        Raises `Conflict` if somebody else changed them meanwhile.
        """
        before, version = await self._read(guild_id)
        after = change(before)
        parameters = {
            "its_guild": guild_id,
            "its_rules": primitive(after),
            "its_version": version + 1,
            "seen": version,
            "now": micros(now),
        }
        await self.engine.write([Step(PUT_RULES, parameters), *entry(deed)])
        return after

    async def _read(self, guild_id: int) -> tuple[ServerRules, int]:
        rows = await self.engine.read(RULES, {"its_guild": guild_id})
        if not rows:
            return ServerRules(), 0
        text, version = rows[0]
        return _rules(json.loads(str(text))), int(version or 0)
