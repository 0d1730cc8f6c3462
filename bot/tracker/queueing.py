"""Queued: the card first, then a place at the provider, and no waiting for ever."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from bot.models import Status
from bot.tracker import cards
from bot.tracker.context import transition
from bot.tracker.routing import reroute

if TYPE_CHECKING:
    from datetime import datetime

    from bot.models import Generation
    from bot.tracker.context import Context

LOOK_AGAIN = timedelta(seconds=30)
"""How often a waiting card's place in the queue is looked at."""


LONG_PAUSE = timedelta(minutes=2)
"""A provider that asked for a shorter pause is waited for; it is busy, not out of order."""


def out_of_order(context: Context, provider: str, now: datetime) -> bool:
    """Return whether another provider should be looked for."""
    paused = context.health.paused_until(provider)
    if paused is not None:
        return paused - now > LONG_PAUSE
    return not context.health.healthy(provider)


async def wait(context: Context, generation: Generation) -> Generation:
    """Show the card and make it ready to be sent, or end it if it is cancelled or too old."""
    now = context.clock()
    if generation.cancel_wished:
        return await transition(context, generation, due_at=now, status=Status.CANCELLED, reason="cancelled")
    if now >= generation.created_at + context.queue_max:
        return await transition(
            context, generation, due_at=now, status=Status.EXPIRED, reason="queue_too_long"
        )
    provider = generation.request.provider or ""
    if provider not in context.providers or out_of_order(context, provider, now):
        moved = await reroute(context, generation)
        if moved is not None:
            return moved
    if provider not in context.providers:  # the operator has turned it off
        return await transition(context, generation, due_at=now, status=Status.FAILED, reason="unavailable")
    generation = await cards.refresh(context, generation)
    end = generation.created_at + context.queue_max
    ready_at = generation.ready_at or now
    return await transition(context, generation, due_at=min(end, now + LOOK_AGAIN), ready_at=ready_at)
