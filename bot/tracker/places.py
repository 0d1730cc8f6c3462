"""The places at a provider: whoever may be sent now takes one, and the database has the last word."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.models import Status

if TYPE_CHECKING:
    from bot.models import Generation
    from bot.tracker.context import Context


async def free(context: Context, provider: str) -> int:
    """Return how many more may be sent to a provider, those that are just being prepared here counted.

    With others that may send, it is a guess: the transition that takes a place knows.
    """
    if not context.health.healthy(provider) or (await context.switches.now()).pauses(provider):
        return 0
    taken = await context.store.at_provider(provider)
    prepared = sum(
        name == provider and id_ in context.leases and context.leases[id_].status is Status.QUEUED
        for id_, name in context.sending.items()
    )
    places = context.providers[provider].concurrency - taken - prepared
    return min(places, 1 - prepared) if context.health.out_of_order(provider) else places


async def take(context: Context, generation: Generation, place: int) -> bool:
    """Take a place for one that is at that `place` of the queue, if all before it have theirs as well.

    At the end of this process nobody takes one: a submit that is cut off may have been accepted.
    """
    provider = generation.request.provider or ""
    if place > await free(context, provider) or context.stopping.is_set():
        return False
    context.leases[generation.id] = generation
    context.sending[generation.id] = provider
    return True
