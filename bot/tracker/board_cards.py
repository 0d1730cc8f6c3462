"""Keeps a storyboard's one card true, as sparingly as a generation's own: all of its shots are on it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.messages import storyboard
from bot.shots import NOWHERE, OPEN, film_of, is_under_way
from bot.tracker import cards

if TYPE_CHECKING:
    from collections.abc import Sequence

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
    if board.place.member_only:
        return await cards.leave_out(board, context.storyboards)
    shown = [storyboard.Shown(shot, await cards.facts(context, shot)) for shot in shots]
    facts = await _film_facts(context, film)
    under_way = [shot.released_at or shot.created_at for shot in shots if is_under_way(shot)]
    return await cards.show(
        context,
        board,
        lambda: storyboard.card(board, shown, film, facts, charged=is_charged(context, shots)),
        post=film_of(board, shots, context.clock()),
        state=_state(board, shots, film),
        since=max(under_way, default=board.created_at),
        shelf=context.storyboards,
        storyboard=board.id,
    )


async def _film_facts(context: Context, film: Generation | None) -> storyboard.CardFacts | None:
    return None if film is None else await cards.facts(context, film)


def is_charged(context: Context, shots: Sequence[Generation]) -> bool:
    """Return whether giving up now would count a shot in full, because its provider confirms no cancel."""
    return any(cards.cancel_is_charged(context, shot) for shot in shots)


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
