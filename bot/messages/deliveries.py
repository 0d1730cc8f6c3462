"""What a film's message says besides when it doesn't come where it was asked for, or not as it should."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from bot.i18n import speaker
from bot.messages.draft import Draft
from bot.messages.film import mention, requester_only
from bot.messages.text import size

if TYPE_CHECKING:
    from bot.models import Generation


def hidden(link: str) -> str:
    """Return a link that is shown, with what Discord makes of it, only to those who click on it."""
    return f"||{link}||"


def from_elsewhere(draft: Draft, generation: Generation) -> Draft:
    """Return the message with the way back to the card, where there is one."""
    place = generation.place
    if generation.card_id is None or place.guild_id is None:
        return draft
    card = f"https://discord.com/channels/{place.guild_id}/{place.channel_id}/{generation.card_id}"
    asked = speaker(place.locale)("Asked for here: {link}", link=card)
    return replace(draft, content=f"{draft.content}\n-# {asked}")


def instead(draft: Draft, generation: Generation) -> Draft:
    """Return the message with why it comes in person, where its requester didn't want it so."""
    place = generation.place
    if place.guild_id is None or place.member_only or place.deliver == "dm":
        return draft
    why = speaker(place.locale)("The film could not be posted in <#{channel}>.", channel=place.channel_id)
    return replace(draft, content=f"{draft.content}\n-# {why}")


def smaller(draft: Draft, generation: Generation) -> Draft:
    """Return the message with why its file is smaller than the film that was made."""
    assert generation.film is not None
    whole = size(generation.film.size)
    why = speaker(generation.place.locale)(
        "Made smaller: at {size} it is too large to be attached here.", size=whole
    )
    return replace(draft, content=f"{draft.content}\n-# {why}")


def plain(generation: Generation, link: str | None) -> Draft:
    """Return the film's message without words of others and without buttons, for a server that refuses them.

    A word filter of the server's (AutoMod) knows the prompt only; whatever else Discord might refuse is left
    out as well.
    """
    ready = speaker(generation.place.locale)("{who} your film is ready.", who=mention(generation))
    content = f"{ready}\n{link}" if link else ready
    return Draft(content=content, allowed_mentions=requester_only(generation))
