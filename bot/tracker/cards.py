"""Keeps the card true, and edits it sparingly: a change of state at once, progress now and then."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from bot.errors import ChannelClosed, DiscordUnavailable, TooLarge
from bot.messages import CardFacts, card, card_digest
from bot.messages.buttons import continued
from bot.messages.phrases import where
from bot.models import AT_PROVIDER, TERMINAL, Status
from bot.providers.mends import after_refusal
from bot.tracker.budget import Worth
from bot.tracker.context import log

if TYPE_CHECKING:
    from datetime import datetime

    from bot.models import Generation
    from bot.providers.mends import Mend
    from bot.tracker.context import Context

NOWHERE = "nowhere"
"""What `card_shown` says where no card can stand."""
PATIENCE = timedelta(seconds=10)
"""A card is worth this much waiting and no more: the film matters."""
RHYTHM = ((timedelta(minutes=1), timedelta(seconds=5)), (timedelta(minutes=15), timedelta(seconds=30)))
"""Up to this age, edits that aren't a change of state keep at least this distance."""


def spacing(age: timedelta) -> timedelta | None:
    """Return the least time between two edits within a state; None: only changes of state."""
    return next((distance for until, distance in RHYTHM if age < until), None)


async def facts(context: Context, generation: Generation) -> CardFacts:
    """Gather what a message says beyond the row."""
    now = context.clock()
    place, paused = None, False
    if generation.status is Status.QUEUED and generation.ready_at is not None:
        place = await context.store.place(generation)
        paused = (await context.switches.now()).pauses(generation.request.provider or "")
    return CardFacts(
        now=now,
        place=place,
        paused=paused,
        expected=generation.expected_at,
        worst=generation.worst_at,
        mends=_mends(context, generation),
        continues=await _continues(context, generation),
        film_link=context.hosting.film_link(generation, now) if generation.message_id is None else None,
    )


def _mends(context: Context, generation: Generation) -> tuple[Mend, ...]:
    """Return what one press may change after a refusal or a failure."""
    if generation.status not in {Status.REFUSED, Status.FAILED}:
        return ()
    models = [model for provider in context.providers.values() for model in provider.capabilities.values()]
    return after_refusal(generation, models)


async def _continues(context: Context, generation: Generation) -> str | None:
    """Return where the film is whose last picture this one begins with."""
    original = continued(generation)
    film = await context.store.get(original) if original else None
    return where(film) if film else None


def _cancel_is_charged(context: Context, generation: Generation) -> bool:
    if generation.status not in AT_PROVIDER or generation.request.provider not in context.providers:
        return False
    return not context.capabilities_of(generation).cancel


def _may_edit(context: Context, generation: Generation, mark: str, now: datetime) -> bool:
    """Return whether this edit is worth one: a new state always, else in the rhythm; if there is room."""
    shown, worth = generation.card_shown, Worth.STATE
    if shown is not None and _state_of(shown) == _state_of(mark):
        distance = spacing(now - generation.created_at)
        edited = generation.card_edited_at
        if distance is None or (edited is not None and now - edited < distance):
            return False
        worth = Worth.PROGRESS
    if generation.card_id is None:  # it is posted, not edited
        return True
    return context.budget.take(generation.place.channel_id, generation.id, worth, now)


def next_turn(context: Context, generation: Generation) -> datetime | None:
    """Return when its card's new state may be shown, where there was no room for it just now."""
    return context.budget.turn(generation.place.channel_id, generation.id, context.clock())


async def refresh(context: Context, generation: Generation) -> Generation:
    """Post the card or bring it up to date; return the generation with what is now known of it.

    Never raises for Discord's sake: a card that can't be shown keeps no film waiting.
    """
    if generation.card_shown == NOWHERE:
        return generation
    if generation.place.member_only:  # its member was told so at the start
        await context.store.note(generation.id, card_shown=NOWHERE)
        return replace(generation, card_shown=NOWHERE)
    known = await facts(context, generation)
    draft = card(generation, known, cancel_charged=_cancel_is_charged(context, generation))
    mark = f"{generation.status}:{card_digest(draft)}"
    if generation.card_shown == mark or not _may_edit(context, generation, mark, known.now):
        return generation
    if generation.card_id is None and generation.card_intended_at is None:
        await context.store.note(generation.id, card_intended_at=known.now)
    try:
        async with asyncio.timeout(PATIENCE.total_seconds()):
            card_id = await context.delivery.put_card(generation, draft)
    except (ChannelClosed, TooLarge) as error:
        log.info("no card here", generation=generation.id, error=str(error))
        shown: dict[str, Any] = {"card_shown": NOWHERE}
    except (DiscordUnavailable, TimeoutError) as error:
        log.info("card not shown", generation=generation.id, error=str(error))
        return replace(generation, card_intended_at=generation.card_intended_at or known.now)
    else:
        shown = {"card_id": card_id, "card_shown": mark, "card_edited_at": known.now}
    await context.store.note(generation.id, **shown)
    return replace(generation, **shown)


def up_to_date(generation: Generation) -> bool:
    """Return whether the card says the generation's last word, or can't."""
    shown = generation.card_shown
    if shown == NOWHERE or generation.status not in TERMINAL:
        return True
    return shown is not None and _state_of(shown) == generation.status


def _state_of(mark: str) -> str:
    return mark.partition(":")[0]
