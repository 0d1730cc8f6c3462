"""What the tracker's steps use, put together."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from bot.delivery import Delivery
from bot.media.download import Downloader
from bot.media.fit import fit
from bot.media.join import join
from bot.schedule import Bounds
from bot.tracker import Context

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence
    from pathlib import Path

    from bot.admission import Admission
    from bot.app.parts import Parts
    from bot.client import Matinee
    from bot.media.probe import Prober


def context(parts: Parts, client: Matinee, admission: Admission) -> Context:
    """Put together what the tracker's steps use."""
    settings, hosting, prober, clock = parts.settings, parts.hosting, parts.prober, parts.clock
    return Context(
        store=parts.store,
        providers=parts.providers,
        router=parts.router,
        switches=admission.switches,
        rules=admission.rules,
        health=parts.health,
        price=parts.price,
        credits_limited=parts.limits.on_credits,
        delivery=Delivery(
            client, hosting=hosting, fit=_fitting(prober), upload_limit=settings.upload_limit, clock=clock
        ),
        downloader=Downloader(trusted_hosts=settings.trusted_hosts),
        prober=prober,
        hosting=hosting,
        bounds=Bounds(settings.poll_min, settings.poll_max),
        queue_max=settings.queue_max,
        clock=clock,
        random=parts.chance,
        metrics=parts.metrics,
        join=_joining(),
        precedence=client.precedence,
    )


def _fitting(prober: Prober) -> Callable[[Path, Path, int], Awaitable[object]]:
    """Return what makes a film smaller: one at a time, since it takes a whole processor."""
    turn = asyncio.Semaphore(1)

    async def shrink(source: Path, target: Path, budget: int) -> object:
        async with turn:
            return await fit(source, target, budget=budget, film=await prober.probe(source))

    return shrink


def _joining() -> Callable[[Sequence[Path], Path], Awaitable[object]]:
    """Return what joins films: one at a time, as with fitting."""
    turn = asyncio.Semaphore(1)

    async def joined(sources: Sequence[Path], target: Path) -> object:
        async with turn:
            return await join(sources, target)

    return joined
