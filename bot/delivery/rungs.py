"""The ladder: where a film belongs, and where it goes when that place doesn't take it."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bot.models import Generation


class Rung(StrEnum):
    """Where a film may go, from the top down. Never a guessed channel."""

    GALLERY = "gallery"
    """The channel that the server's admins chose for films."""
    THREAD = "thread"
    """A thread of its own below the card."""
    CHANNEL = "channel"
    """Where it was asked for."""
    DM = "dm"
    KEPT = "kept"


def ladder(generation: Generation) -> tuple[Rung, ...]:
    """Return where a film may go, in this order.

    A member who wants it in their direct messages may not want others to see it: it is kept for them rather
    than shown where it was asked for.
    """
    place = generation.place
    if place.member_only or (place.deliver == "dm" and place.guild_id is not None):
        return (Rung.DM, Rung.KEPT)
    if place.film_channel_id not in {None, place.channel_id}:
        return (Rung.GALLERY, Rung.CHANNEL, Rung.DM, Rung.KEPT)
    # A thread takes no thread; without a card there is nothing to start one from.
    if place.thread and place.parent_id is None and generation.card_id is not None:
        return (Rung.THREAD, Rung.CHANNEL, Rung.DM, Rung.KEPT)
    return (Rung.CHANNEL, Rung.DM, Rung.KEPT)


def first(generation: Generation) -> Rung:
    """Return where a film belongs."""
    return ladder(generation)[0]


def below(generation: Generation, rung: Rung) -> Rung:
    """Return where a film goes that `rung` didn't take."""
    every = list(Rung)
    lower = (each for each in ladder(generation) if every.index(each) > every.index(rung))
    return next(lower, Rung.KEPT)


def for_notices(generation: Generation) -> tuple[Rung, ...]:
    """Return where somebody may be told that there is no film: beside the card, else in person."""
    place = generation.place
    if place.member_only:
        return (Rung.DM,)
    if place.deliver == "dm" and place.guild_id is not None:
        return (Rung.DM, Rung.CHANNEL)
    return (Rung.CHANNEL, Rung.DM)


def wants_copy(generation: Generation, rung: Rung) -> bool:
    """Return whether a copy is owed to its requester's direct messages after it was posted there."""
    place = generation.place
    return place.deliver == "both" and place.guild_id is not None and rung not in {Rung.DM, Rung.KEPT}
