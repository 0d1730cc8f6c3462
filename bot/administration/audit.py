"""The log of what admins did: every change that one of them makes is in it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.servers import Deed

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from bot.store.audit import Deeds

LONGEST_DETAIL = 1000
"""Characters that are kept of what was said with an action."""
LONGEST_NAME = 80


@dataclass(frozen=True, slots=True)
class Audit:
    """Who did what, where and when."""

    deeds: Deeds
    clock: Callable[[], datetime]

    def deed(
        self,
        *,
        id: str,  # noqa: A002 -- the interaction's
        guild_id: int | None,
        actor_id: int,
        actor: str,
        action: str,
        detail: str,
    ) -> Deed:
        """Return an action as it is written down, best in one go with what it changes.

        `action` is the command as it is typed, without `/admin`; `detail` its options, in no language.
        """
        return Deed(
            id=id,
            guild_id=guild_id,
            at=self.clock(),
            actor_id=actor_id,
            actor=actor[:LONGEST_NAME],
            action=action,
            detail=detail[:LONGEST_DETAIL],
        )

    async def record(self, deed: Deed) -> bool:
        """Write an action down; the same interaction's second one is left out. Return whether it is new."""
        return await self.deeds.add(deed)

    async def entries(
        self, guild_id: int | None, before: datetime | None = None, most: int = 10
    ) -> tuple[Deed, ...]:
        """Return a server's entries, newest first, from before a moment on; None: everybody's, everywhere."""
        return await self.deeds.latest(guild_id, before=before, most=most)
