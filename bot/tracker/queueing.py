"""Queued: the card first, then a place at the provider, and no waiting for ever."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from bot.models import Status
from bot.tracker import cards, places
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


def _since(generation: Generation) -> datetime:
    """Return since when it waits for its provider: a shot waits for the one before it first."""
    return generation.released_at or generation.created_at


async def end(context: Context, generation: Generation, **changes: Any) -> Generation | None:
    """End or move one that must not be sent as it stands; None: it may wait, or be sent.

    `changes` are written down with either.
    """
    now = context.clock()
    if generation.cancel_wished:
        return await transition(
            context, generation, due_at=now, status=Status.CANCELLED, reason="cancelled", **changes
        )
    if now >= _since(generation) + context.queue_max:
        return await transition(
            context, generation, due_at=now, status=Status.EXPIRED, reason="queue_too_long", **changes
        )
    if context.offers(generation):
        return None
    moved = await reroute(context, generation, **changes)
    if moved is not None:
        return moved
    # the operator has turned its provider off, or an update has taken its model away
    return await transition(
        context, generation, due_at=now, status=Status.FAILED, reason="unavailable", **changes
    )


async def wait(context: Context, generation: Generation) -> Generation:
    """Show the card and make it ready to be sent, or end it if it is cancelled or too old.

    If it is its turn at once, it has a place among those that are `sending` then, and keeps its lease.
    """
    intended = cards.is_first(generation)
    # Where it moves first, no card stands yet: the next step needn't fear one that it can't see.
    unposted: dict[str, Any] = {"card_intended_at": None} if intended else {}
    ended = await end(context, generation, **unposted)
    if ended is not None:
        return ended
    now = context.clock()
    provider = generation.request.provider or ""
    paused = (await context.switches.now()).pauses(provider)
    if paused or out_of_order(context, provider, now):
        moved = await reroute(context, generation, **unposted)
        if moved is not None:
            return moved
    if generation.ready_at is None:  # in the queue first, so that its card can tell its place
        intent = cards.intent(generation, now)
        intended = bool(intent)
        generation = await transition(context, generation, due_at=now, keep=True, ready_at=now, **intent)
    known = await cards.facts(context, generation)
    generation = await cards.refresh(context, generation, known, intended=intended)
    waits = known.busy or known.out_of_order or not known.place
    if not waits and await places.take(context, generation, known.place or 0):
        return generation
    moments = [_since(generation) + context.queue_max, now + LOOK_AGAIN]
    if generation.ready_at is not None and generation.ready_at > now:  # turned away, and told until when
        moments.append(generation.ready_at)
    return await transition(context, generation, due_at=min(moments))
