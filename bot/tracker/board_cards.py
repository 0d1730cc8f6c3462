"""Keeps a storyboard's one card true, as sparingly as a generation's own: all of its shots are on it."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from bot.errors import ChannelClosed, DiscordUnavailable, TooLarge
from bot.messages import card_digest, storyboard
from bot.models import AT_PROVIDER
from bot.shots import NOWHERE, OPEN, film_of, is_under_way
from bot.tracker import cards
from bot.tracker.budget import Worth
from bot.tracker.context import log

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from bot.models import Generation
    from bot.shots import Storyboard
    from bot.tracker.context import Context


async def refresh(
    context: Context, board: Storyboard, shots: Sequence[Generation], film: Generation | None
) -> Storyboard:
    """Post the card or bring it up to date; return the storyboard with what is now known of it.

    Never raises for Discord's sake: a card that can't be shown keeps no shot waiting.
    """
    if board.card_shown == NOWHERE:
        return board
    if board.place.member_only:  # its member was told so at the start
        await context.storyboards.note(board.id, card_shown=NOWHERE)
        return replace(board, card_shown=NOWHERE)
    now = context.clock()
    shown = [storyboard.Shown(shot, await cards.facts(context, shot)) for shot in shots]
    draft = storyboard.card(
        board, shown, film, await _film_facts(context, film), charged=is_charged(context, shots)
    )
    mark = f"{_state(board, shots, film)}:{card_digest(draft)}"
    if board.card_shown == mark or not _may_edit(context, board, shots, mark, now):
        return board
    if board.card_id is None and board.card_intended_at is None:
        await context.storyboards.note(board.id, card_intended_at=now)
    try:
        async with asyncio.timeout(cards.PATIENCE.total_seconds()):
            card_id = await context.delivery.put_card(film_of(board, shots, now), draft)
    except (ChannelClosed, TooLarge) as error:
        log.info("no card here", storyboard=board.id, error=str(error))
        known: dict[str, Any] = {"card_shown": NOWHERE}
    except (DiscordUnavailable, TimeoutError) as error:
        log.info("card not shown", storyboard=board.id, error=str(error))
        return replace(board, card_intended_at=board.card_intended_at or now)
    else:
        known = {"card_id": card_id, "card_shown": mark, "card_edited_at": now}
    await context.storyboards.note(board.id, **known)
    return replace(board, **known)


async def _film_facts(context: Context, film: Generation | None) -> storyboard.CardFacts | None:
    return None if film is None else await cards.facts(context, film)


def is_charged(context: Context, shots: Sequence[Generation]) -> bool:
    """Return whether giving up now would count a shot in full, because its provider confirms no cancel."""
    return any(
        shot.status in AT_PROVIDER
        and shot.request.provider in context.providers
        and not context.capabilities_of(shot).cancel
        for shot in shots
    )


def up_to_date(board: Storyboard) -> bool:
    """Return whether the card says the storyboard's last word, or can't."""
    if board.card_shown == NOWHERE or board.status in OPEN:
        return True
    return (board.card_shown or "").startswith(f"{board.status}-")


def is_current(board: Storyboard, shots: Sequence[Generation]) -> bool:
    """Return whether the card of a storyboard without a film says how it stands, or can't."""
    return board.card_shown == NOWHERE or (board.card_shown or "").startswith(
        f"{_state(board, shots, None)}:"
    )


def _state(board: Storyboard, shots: Sequence[Generation], film: Generation | None) -> str:
    """Return what makes an edit due at once."""
    states = [board.status, *(shot.status for shot in shots), *([film.status] if film else [])]
    return "-".join([*states, *(["enough"] if board.enough else [])])


def _may_edit(
    context: Context, board: Storyboard, shots: Sequence[Generation], mark: str, now: datetime
) -> bool:
    """Return whether this edit is worth one: a new state always, else in the rhythm of the shot under way.

    All cards of a channel share one budget.
    """
    shown, worth = board.card_shown, Worth.STATE
    if shown is not None and shown.partition(":")[0] == mark.partition(":")[0]:
        under_way = [shot.released_at or shot.created_at for shot in shots if is_under_way(shot)]
        distance = cards.spacing(now - max(under_way, default=board.created_at))
        edited = board.card_edited_at
        if distance is None or (edited is not None and now - edited < distance):
            return False
        worth = Worth.PROGRESS
    if board.card_id is None:  # it is posted, not edited
        return True
    return context.budget.take(board.place.channel_id, board.id, worth, now)
