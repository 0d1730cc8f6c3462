"""Keeps the card true, and edits it sparingly: a change of state at once, progress now and then."""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar

from bot.errors import ChannelClosed, Conflict, DiscordUnavailable, StoreUnavailable, TooLarge
from bot.messages import CardFacts, card, card_digest
from bot.messages.buttons import continued
from bot.messages.phrases import where
from bot.models import AT_PROVIDER, TERMINAL, Generation, Status
from bot.providers.mends import after_refusal
from bot.shots import NOWHERE, Storyboard
from bot.store.cards import Cards
from bot.tracker.budget import Worth
from bot.tracker.context import log
from bot.values import but

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from bot.messages import Draft
    from bot.providers.mends import Mend
    from bot.store.storyboards import Storyboards
    from bot.tracker.context import Context

Carded = TypeVar("Carded", Generation, Storyboard)
"""What has a card."""
Shelf: TypeAlias = "Cards | Storyboards"
"""Where it is kept."""
PATIENCE = timedelta(seconds=10)
"""A card is worth this much waiting and no more: the film matters."""
RHYTHM = ((timedelta(minutes=1), timedelta(seconds=5)), (timedelta(minutes=15), timedelta(seconds=30)))
"""Up to this age, edits that aren't a change of state keep at least this distance."""


def spacing(age: timedelta) -> timedelta | None:
    """Return the least time between two edits within a state; None: only changes of state."""
    return next((distance for until, distance in RHYTHM if age < until), None)


async def facts(context: Context, generation: Generation, arrived: int | None = None) -> CardFacts:
    """Gather what a message says beyond the row, and how many bytes have come of a slow film."""
    now = context.clock()
    place, paused, provider = None, False, generation.request.provider or ""
    queued = generation.status is Status.QUEUED
    if queued and generation.ready_at is not None:
        place = await context.store.place(generation)
        paused = (await context.switches.now()).pauses(provider)
    return CardFacts(
        now=now,
        place=place,
        paused=paused,
        busy=queued and _is_busy(context, generation, now),
        out_of_order=queued and context.health.out_of_order(provider),
        expected=generation.expected_at,
        worst=generation.worst_at,
        mends=_mends(context, generation),
        continues=await _continues(context, generation),
        arrived=arrived,
        film_link=await context.hosting.film_link(generation, now) if generation.message_id is None else None,
    )


def _is_busy(context: Context, generation: Generation, now: datetime) -> bool:
    """Return whether its provider has turned it or another away, and told until when."""
    told = generation.ready_at is not None and generation.ready_at > now
    return told or context.health.paused_until(generation.request.provider or "") is not None


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


def cancel_is_charged(context: Context, generation: Generation) -> bool:
    """Return whether a cancel now would count in full, because its provider confirms none."""
    if generation.status not in AT_PROVIDER or generation.request.provider not in context.providers:
        return False
    return not context.capabilities_of(generation).cancel


def _is_progress(one: Carded, state: str) -> bool:
    """Return whether the state is the one that its card shows already."""
    return one.card_shown is not None and _state_of(one.card_shown) == state


def _is_too_soon(one: Carded, state: str, since: datetime, now: datetime) -> bool:
    """Return whether only progress could be told, and its rhythm wants a pause first."""
    if not _is_progress(one, state):
        return False
    distance, edited = spacing(now - since), one.card_edited_at
    return distance is None or (edited is not None and now - edited < distance)


def _has_room(context: Context, one: Carded, state: str, now: datetime) -> bool:
    """Return whether this edit has a place in the one budget of all cards of its channel."""
    if one.card_id is None:  # it is posted, not edited
        return True
    worth = Worth.PROGRESS if _is_progress(one, state) else Worth.STATE
    return context.budget.take(one.place.channel_id, one.id, worth, now)


def next_turn(context: Context, generation: Generation) -> datetime | None:
    """Return when its card's new state may be shown, where there was no room for it just now."""
    return context.budget.turn(generation.place.channel_id, generation.id, context.clock())


@dataclass(frozen=True, slots=True)
class _Riding(Cards):
    """Writes with the step's next transition: a card that is forgotten is looked for, an edit made again."""

    edited: dict[str, tuple[Generation, dict[str, Any]]]

    async def shown(self, generation: Generation, at: datetime, **changes: Any) -> None:  # noqa: ARG002
        """Keep what its card shows now."""
        self.edited[generation.id] = generation, changes


async def catch_up(context: Context, id: str) -> None:  # noqa: A002 - the field's own name
    """Write down what waits for a transition: amid long work, and where none came."""
    edited = context.edited.pop(id, None)
    if edited is not None:
        generation, changes = edited
        with contextlib.suppress(StoreUnavailable):  # else it is edited again
            await Cards(context.store).shown(generation, context.clock(), **changes)


def intent(generation: Generation, now: datetime) -> dict[str, Any]:
    """Return what to write down before its first card is posted, for a transition that comes before it."""
    nowhere = generation.card_shown == NOWHERE or generation.place.member_only
    known = generation.card_id is not None or generation.card_intended_at is not None
    return {} if nowhere or known else {"card_intended_at": now}


def is_first(generation: Generation) -> bool:
    """Return whether nobody has had its lease before, who could have posted the card that is intended."""
    return generation.version == 1 and generation.card_intended_at is not None


async def refresh(
    context: Context,
    generation: Generation,
    known: CardFacts | None = None,
    *,
    arrived: int | None = None,
    intended: bool = False,
) -> Generation:
    """Post the card or bring it up to date; return the generation with what is now known of it.

    What came of it is written down with the next transition; a post without an intent of this step at once.
    `known`: what was gathered just now. `arrived`: bytes of a film whose download is slow. `intended`: this
    very step has written its first intent down, so that no card can stand there yet.
    Raises as `show`, but never for Discord's sake: a card that can't be shown keeps no film waiting.
    """
    if generation.card_shown == NOWHERE:
        return generation
    if generation.place.member_only:
        return await leave_out(generation, Cards(context.store))
    told = known or await facts(context, generation, arrived)
    rides = intended or generation.card_id is not None
    return await show(
        context,
        generation,
        lambda: card(generation, told, cancel_charged=cancel_is_charged(context, generation)),
        post=but(generation, card_intended_at=None) if intended else generation,
        state=_state(generation, told),
        since=generation.created_at,
        shelf=_Riding(context.store, context.edited) if rides else Cards(context.store),
        generation=generation.id,
    )


def _state(generation: Generation, known: CardFacts) -> str:
    """Return what is told at once when it changes: that it is held up, too."""
    held_up = known.busy or known.out_of_order or known.arrived is not None
    return f"{generation.status} held up" if held_up else generation.status


async def leave_out(one: Carded, shelf: Shelf) -> Carded:
    """Show no card where only its member can see the bot: they were told so at the start."""
    await shelf.note(one.id, card_shown=NOWHERE)
    return but(one, card_shown=NOWHERE)


async def show(
    context: Context,
    one: Carded,
    drawn: Callable[[], Draft],
    *,
    post: Generation,
    state: str,
    since: datetime,
    shelf: Any,
    **who: str,
) -> Carded:
    """Post a generation's or a storyboard's card, or bring it up to date, where that is worth an edit.

    It is only `drawn` where its rhythm lets it be. `post` is what delivery knows the card by. Another
    `state` is told at once; within one, edits keep the rhythm of what has gone on `since`. `who` names it in
    the log. Raises `Conflict` if somebody else has taken it over, who knows better what to show.
    """
    now = context.clock()
    if _is_too_soon(one, state, since, now):
        return one
    draft = drawn()
    mark = f"{state}:{card_digest(draft)}"
    if one.card_shown == mark or not _has_room(context, one, state, now):
        return one
    if one.card_id is None and one.card_intended_at is None:
        await shelf.note(one.id, version=one.version, card_intended_at=now)
    if not await shelf.holds(one) or context.clock() - now > PATIENCE:  # we may have been asleep for hours
        raise Conflict("card")
    try:
        async with asyncio.timeout(PATIENCE.total_seconds()):
            card_id = await context.delivery.put_card(post, draft)
    except (ChannelClosed, TooLarge) as error:
        log.info("no card here", error=str(error), **who)
        shown: dict[str, Any] = {"card_shown": NOWHERE}
    except (DiscordUnavailable, TimeoutError) as error:
        log.info("card not shown", error=str(error), **who)
        return but(one, card_intended_at=one.card_intended_at or now)
    else:
        shown = {"card_id": card_id, "card_shown": mark, "card_edited_at": now}
    await shelf.shown(one, now, **shown)
    return but(one, **shown)


def up_to_date(generation: Generation) -> bool:
    """Return whether the card says the generation's last word, or can't."""
    shown = generation.card_shown
    if shown == NOWHERE or generation.status not in TERMINAL:
        return True
    return shown is not None and _state_of(shown) == generation.status


def _state_of(mark: str) -> str:
    return mark.partition(":")[0]
