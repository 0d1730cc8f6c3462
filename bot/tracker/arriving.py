"""Shows on the card how much of a film has come, while its download takes long."""

from __future__ import annotations

import asyncio
import contextlib
from datetime import timedelta
from typing import TYPE_CHECKING

from bot.errors import Conflict, StoreUnavailable
from bot.media.arriving import arrived
from bot.tracker import cards

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from bot.models import Generation
    from bot.tracker.context import Context

SLOW = timedelta(seconds=60)
"""After this long a card tells how far its film's download is, and again as often."""


@contextlib.asynccontextmanager
async def told_if_slow(context: Context, generation: Generation, target: Path) -> AsyncIterator[None]:
    """Tell it while a download to `target` is under way; most are over before there is anything to tell."""
    telling: list[asyncio.Task[None]] = []

    def begin() -> None:
        telling.append(asyncio.create_task(tell(context, generation, target)))

    timer = asyncio.get_running_loop().call_later(SLOW.total_seconds(), begin)
    try:
        yield
    finally:
        timer.cancel()
        for task in telling:
            task.cancel()
            await asyncio.wait({task})


async def tell(context: Context, generation: Generation, target: Path) -> None:
    """Tell it again and again, until it is cancelled or somebody else has taken over."""
    with contextlib.suppress(OSError, StoreUnavailable, Conflict):
        while True:
            if come := arrived(target):
                generation = await cards.refresh(context, generation, arrived=come)
                await cards.catch_up(context, generation.id)
            await asyncio.sleep(SLOW.total_seconds())
