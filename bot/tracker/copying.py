"""The copy of a film in its requester's direct messages: intended, sent or given up, once."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from bot.delivery import Parcel, Rung, nonce_is_forgotten
from bot.errors import ChannelClosed, DiscordUnavailable, TooLarge
from bot.models import Notice
from bot.tracker import cards, posting
from bot.tracker.context import log, transition

if TYPE_CHECKING:
    from datetime import datetime

    from bot.models import Generation
    from bot.tracker.context import Context

TRIES = 20
"""Tries to send it, spread over some hours: the film itself is where everybody can have it."""
LONGEST_WAIT = timedelta(minutes=30)


def is_owed(generation: Generation) -> bool:
    """Return whether a copy is still to be sent, or looked for."""
    return generation.copy in {Notice.OWED, Notice.TELLING}


async def send(context: Context, generation: Generation) -> Generation:
    """Write down that it is about to be sent, then send it; after a crash, look first."""
    if generation.copy is Notice.TELLING:
        return await _resume(context, generation)
    intended = await transition(
        context,
        generation,
        due_at=context.clock(),
        keep=True,
        copy=Notice.TELLING,
        copy_since=context.clock(),
    )
    parcel = await _packed(context, intended)
    return await _post(context, intended, parcel, context.clock())


async def _resume(context: Context, generation: Generation) -> Generation:
    """Look whether it was sent. It is made ready first, so that the post follows the look at once."""
    parcel = await _packed(context, generation)
    since = context.clock()
    try:
        if await context.delivery.find_film(generation, Rung.DM) is not None:
            return await _done(context, generation)
    except ChannelClosed:  # it may be there already, and nobody can look
        if generation.copy_since is None or nonce_is_forgotten(generation.copy_since, since):
            return await _done(context, generation)
        since = generation.copy_since
    except DiscordUnavailable as error:
        return await _later(context, generation, error)
    return await _post(context, generation, parcel, since)


async def _packed(context: Context, generation: Generation) -> Parcel:
    """Return it as the file, or as a link, or as neither, where it can't be sent."""
    if not await context.hosting.has_film(generation):
        return Parcel(None, None)
    return await context.delivery.pack(generation, Rung.DM, context.clock())


async def _post(context: Context, generation: Generation, parcel: Parcel, since: datetime) -> Generation:
    """Send it; what can't be sent is given up: its requester has the film.

    `since`: what was sent later than this may be there unseen.
    """
    if parcel.path is None and parcel.link is None:
        return await _done(context, generation)
    # Packing may take minutes: whoever lost the lease meanwhile sends nothing.
    generation = await transition(context, generation, due_at=context.clock(), keep=True)
    facts = await cards.facts(context, generation)
    try:
        await posting.in_time(context, since, context.delivery.post_copy(generation, parcel, facts))
    except ChannelClosed as error:
        log.info("no copy", generation=generation.id, error=str(error))
        return await _done(context, generation)
    except TooLarge as error:
        if parcel.path is None:
            return await _done(context, generation)
        limit = context.delivery.next_limit(parcel.path.stat().st_size)
        return await _later(context, generation, error, upload_limit=limit)
    except DiscordUnavailable as error:
        return await _later(context, generation, error)
    done = await _done(context, generation)
    await context.delivery.discard(generation, parcel)
    return done


async def _later(context: Context, generation: Generation, error: Exception, **learned: Any) -> Generation:
    log.warning("no copy yet", generation=generation.id, error=str(error))
    if generation.misses >= TRIES:
        return await _done(context, generation)
    misses = generation.misses + 1
    due_at = context.clock() + posting.wait(context, misses, error, most=LONGEST_WAIT)
    return await transition(context, generation, due_at=due_at, misses=misses, **learned)


async def _done(context: Context, generation: Generation) -> Generation:
    return await transition(context, generation, due_at=context.clock(), copy=Notice.TOLD, misses=0)
