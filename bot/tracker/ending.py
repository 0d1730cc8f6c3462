"""Ended: the card says its last word, and a requester without a film is told why, once."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from bot.delivery import Rung, for_notices, nonce_is_forgotten
from bot.errors import ChannelClosed, DiscordUnavailable, ProviderError, TooLarge
from bot.models import TERMINAL, WITHOUT_FILM, Notice, Status, TaskStatus
from bot.schedule import CALLBACK_SPACING
from bot.store.forgetting import Forgetting, is_forgotten
from bot.tracker import cards, copying, parked, posting
from bot.tracker.context import log, transition
from bot.tracker.forgetting import forget
from bot.tracker.pacing import until_ask
from bot.tracker.watching import last, quiet, wait_after

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from bot.models import Generation
    from bot.tracker.context import Context

TRIES = 20
"""Tries to show a last card or to tell, spread over some hours."""
LONGEST_WAIT = timedelta(minutes=30)
ENDS = {TaskStatus.SUCCEEDED, TaskStatus.FAILED, TaskStatus.REFUSED, TaskStatus.CANCELLED}


async def rest(context: Context, generation: Generation) -> Generation:
    """Send the copy that is owed, show the last card of one that is delivered or parked, then let it rest."""
    if copying.is_owed(generation):
        return await copying.send(context, generation)
    if parked.is_called(context, generation):
        return await parked.wake(context, generation)
    generation = await cards.refresh(context, generation)
    if turn := cards.next_turn(context, generation):
        return await transition(context, generation, due_at=turn)
    if not cards.up_to_date(generation) and generation.misses < TRIES:
        return await _later(context, generation)
    if await _is_to_be_forgotten(context, generation):
        return await forget(context.store, context.hosting, context.random, generation, context.clock())
    return await transition(context, generation, due_at=None)


async def _is_to_be_forgotten(context: Context, generation: Generation) -> bool:
    if not generation.forget or generation.status not in TERMINAL or is_forgotten(generation):
        return False
    return not await Forgetting(context.store.engine).is_awaited(generation)


async def _later(context: Context, generation: Generation, error: Exception | None = None) -> Generation:
    misses = generation.misses + 1
    due_at = context.clock() + posting.wait(context, misses, error, most=LONGEST_WAIT)
    return await transition(context, generation, due_at=due_at, misses=misses)


async def tell(context: Context, generation: Generation) -> Generation:
    """Show the last card, tell the requester, and watch a task that was let go to its end."""
    generation = await cards.refresh(context, generation)
    match _notice(generation):
        case Notice.OWED:
            rungs = for_notices(generation)
            now = context.clock()  # not later: while its answer is waited for, others may have told them
            generation = await transition(
                context,
                generation,
                due_at=now,
                keep=True,
                notice=Notice.TELLING,
                notice_since=now,
                posting_place=rungs[0],
            )
            return await _post(context, generation, rungs, now)
        case Notice.TELLING:
            return await _look_then_post(context, generation)
        case _ if generation.watch:
            return await _watch(context, generation)
        case _:
            return await rest(context, generation)


def _notice(generation: Generation) -> Notice:
    """Return what is owed: nothing to one who cancelled it and sees it on the card."""
    owed = generation.status in WITHOUT_FILM and generation.status is not Status.CANCELLED
    return Notice.OWED if owed and generation.notice is Notice.NONE else generation.notice


async def _look_then_post(context: Context, generation: Generation) -> Generation:
    rungs, hidden, since = for_notices(generation), set(), context.clock()
    for rung in rungs:
        try:
            if await context.delivery.find_notice(generation, rung) is not None:
                return await _told(context, generation)
        except ChannelClosed as error:
            if not error.gone:
                hidden.add(rung)
        except DiscordUnavailable as error:
            return await _tell_later(context, generation, error)
    if (tried := generation.posting_place or rungs[0]) in hidden:
        # It may stand there, where nobody can look: it is said again there alone, while its nonce is known.
        if nonce_is_forgotten(generation.notice_since, context.clock()):
            return await _told(context, generation)
        rungs, since = (Rung(tried),), generation.notice_since or since
    return await _post(context, generation, rungs, since)


async def _post(
    context: Context, generation: Generation, rungs: Iterable[Rung], since: datetime
) -> Generation:
    """Tell them on the first rung that takes it. `since`: what was said later may stand there unseen."""
    facts = await cards.facts(context, generation)
    for rung in rungs:
        if generation.posting_place != rung:
            generation = await transition(
                context, generation, due_at=context.clock(), keep=True, posting_place=rung
            )
        try:
            await posting.in_time(context, since, context.delivery.post_notice(generation, rung, facts))
        except (ChannelClosed, TooLarge):
            continue
        except DiscordUnavailable as error:
            return await _tell_later(context, generation, error)
        return await _told(context, generation)
    log.info("nobody to tell", generation=generation.id)
    return await _told(context, generation)


async def _told(context: Context, generation: Generation) -> Generation:
    return await transition(context, generation, due_at=context.clock(), notice=Notice.TOLD, misses=0)


async def _tell_later(context: Context, generation: Generation, error: Exception) -> Generation:
    log.warning("not told yet", generation=generation.id, error=str(error))
    if generation.misses >= TRIES:
        return await _told(context, generation)
    return await _later(context, generation, error)


async def _watch(context: Context, generation: Generation) -> Generation:
    """Ask for a task that its member cancelled until it ends there: its place is taken until then."""
    now = context.clock()
    if generation.request.provider not in context.providers:  # turned off: there is no place to take
        return await transition(context, generation, due_at=now, watch=False)
    end = last(context, generation)
    soonest = (generation.asked_at or generation.created_at) + CALLBACK_SPACING
    ask_at = soonest if generation.woken else generation.ask_at or now
    if (later := quiet(context, generation)) is not None:
        ask_at = max(ask_at, later)
    if now < ask_at:
        return await transition(context, generation, due_at=ask_at, ask_at=ask_at)
    ended, wait = now >= end, timedelta()
    try:
        task = await context.fetch(generation, generation.task_id or "")
        ended = ended or task.status in ENDS
    except ProviderError as error:
        log.info("watching", generation=generation.id, error=type(error).__name__)
        wait = wait_after(context, generation, error)
    if ended:
        return await transition(context, generation, due_at=now, watch=False)
    ask_at = now + max(wait, await until_ask(context, generation, generation.asks, end=end))
    return await transition(
        context, generation, due_at=ask_at, ask_at=ask_at, asked_at=now, asks=generation.asks + 1
    )
