"""Whom a server's admins, or the operators everywhere, keep from making films."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from bot.admission import stands
from bot.errors import RequestRefused
from bot.models import Status
from bot.servers import EVERYWHERE, Block

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from bot.servers import Deed
    from bot.store import Store
    from bot.store.blocks import Blocks

SHOWN = 200
"""Blocks in a list."""
SHORTEST, LONGEST = timedelta(minutes=1), timedelta(days=365)


@dataclass(frozen=True, slots=True)
class Blocked:
    """What a block did."""

    block: Block
    cancelled: int
    """Generations that were waiting, and are cancelled."""


@dataclass(frozen=True, slots=True)
class People:
    """Blocks and pardons, on a server or, for operators, everywhere."""

    blocks: Blocks
    store: Store
    clock: Callable[[], datetime]

    async def block(
        self,
        user_id: int,
        guild_id: int,
        *,
        by: int,
        length: timedelta | None = None,
        reason: str = "",
        deed: Deed | None = None,
    ) -> Blocked:
        """Keep somebody from making films, for a time or for good, instead of what held before.

        What they have waiting there is cancelled and counts nothing; what a provider has may be paid, and
        comes. Raises `RequestRefused` for a time that is too short or too long.
        """
        if length is not None and not SHORTEST <= length <= LONGEST:
            raise RequestRefused("block_length", least=SHORTEST, most=LONGEST)
        now = self.clock()
        block = Block(guild_id, user_id, None if length is None else now + length, reason.strip(), by, now)
        await self.blocks.put(block, deed)
        return Blocked(block, await self._cancel_waiting(user_id, guild_id, now))

    async def _cancel_waiting(self, user_id: int, guild_id: int, now: datetime) -> int:
        waiting = [
            one
            for one in await self.store.open_of(user_id)
            if one.status is Status.QUEUED and guild_id in {EVERYWHERE, one.place.guild_id}
        ]
        for one in waiting:
            await self.store.wish_cancel(one.id, now)
        return len(waiting)

    async def unblock(
        self, user_id: int, guild_id: int, *, by: int, deed: Deed | None = None
    ) -> Block | None:
        """Let somebody make films again, and forgive refusals so far. Return what still stands elsewhere."""
        now = self.clock()
        await self.blocks.put(Block(guild_id, user_id, now, "", by, now), deed)
        where = None if guild_id == EVERYWHERE else guild_id
        return next((one for one in await self.blocks.of(user_id, where) if stands(one, now)), None)

    async def blocked(self, guild_id: int) -> tuple[Block, ...]:
        """Return whom a server blocks just now, latest first: one more than are shown, if there are."""
        return await self.blocks.on(guild_id, self.clock(), SHOWN + 1)
