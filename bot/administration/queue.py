"""What is under way on a server, or for operators anywhere: look at it, and decide about it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.errors import RequestRefused
from bot.store.overview import LISTED
from bot.tracker import parked

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from bot.generations import Generations
    from bot.models import Generation
    from bot.servers import Deed
    from bot.store import Store
    from bot.store.overview import Overview
    from bot.tracker.parked import Act


@dataclass(frozen=True, slots=True)
class Queue:
    """What is under way or parked. Everywhere a server of None means all of them, for operators alone."""

    overview: Overview
    store: Store
    generations: Generations
    clock: Callable[[], datetime]
    nudge: Callable[[], None]

    async def page(
        self, guild_id: int | None, *, after: tuple[datetime, str] | None = None, most: int
    ) -> tuple[Generation, ...]:
        """Return what is under way or parked, oldest first, from after a moment and an id on."""
        return await self.overview.page(guild_id, after=after, most=most)

    async def one(self, id: str, guild_id: int | None) -> Generation:  # noqa: A002 -- the domain's word
        """Return one of them. Raises `RequestRefused` alike for none, one elsewhere and one that ended."""
        found = await self.store.get(id)
        if found is None or found.status not in LISTED or guild_id not in {None, found.place.guild_id}:
            raise RequestRefused("queue_gone")
        return found

    async def cancel(self, generation: Generation) -> Generation:
        """Wish its end, as its member could. Raises `RequestRefused` when it is too late."""
        return await self.generations.cancel(generation.id, generation.requester.user_id)

    async def decide(self, generation: Generation, act: Act, deed: Deed | None = None) -> Generation:
        """Do with one that is parked what was decided, and write down who did. Raises as `parked.decide`."""
        request = generation.request
        keyed = any(
            model.idempotent
            for model in self.generations.capabilities()
            if (model.provider, model.model) == (request.provider, request.model)
        )
        moved = await parked.decide(self.store, generation, act, self.clock(), keyed=keyed, deed=deed)
        self.nudge()
        return moved
