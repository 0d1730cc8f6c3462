"""The card: the one public message that shows a generation's state."""

from __future__ import annotations

from typing import TYPE_CHECKING

import discord

from bot.i18n import speaker
from bot.messages import buttons, phrases
from bot.messages.draft import CardFacts, Draft
from bot.messages.text import ELLIPSIS, line, safe, width
from bot.models import UNTIL_PROVIDER_IS_DONE, WITHOUT_FILM, Generation, Status

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bot.i18n import Say

_PROMPT = 1500
_FIELD = 1024


def card(generation: Generation, facts: CardFacts, *, cancel_charged: bool = False) -> Draft:
    """Return the card as it should stand now.

    `cancel_charged`: cancelling now counts as much as the film, so the button says so first.
    Its content is what Discord shows of it above the film, which comes as an answer to it.
    """
    say = speaker(generation.place.locale)
    prompt = safe(generation.asked.prompt, _PROMPT)
    if prompt != safe(generation.asked.prompt, 4 * len(generation.asked.prompt) + 4):
        whole = say("The whole prompt: right-click here, Apps, Details.")
        prompt = f"{prompt}\n-# {whole}"
    embed = discord.Embed(
        description=f">>> {prompt}",
        colour=_colour(generation.status),
    )
    for title, value, inline in _fields(generation, facts, say):
        embed.add_field(name=title, value=value, inline=inline)
    embed.set_footer(text=generation.id)
    asked = say("**{who}** asked for a film.", who=line(generation.requester.name, 100) or "?")
    return Draft(content=asked, embed=embed, view=_cancel(generation, say, charged=cancel_charged))


def _fields(generation: Generation, facts: CardFacts, say: Say) -> Iterable[tuple[str, str, bool]]:
    request = generation.request
    yield say("State"), phrases.state(generation, facts, say), False
    yield say("Provider"), phrases.provider(request), True
    yield say("Model"), phrases.model(generation), True
    yield say("Mode"), phrases.mode(request, say), True
    if files := phrases.uses(request, say):
        yield say("Files"), _lines(files), False
    yield say("Options"), " · ".join(phrases.options(request, say)) or ELLIPSIS, False
    if facts.continues:
        yield say("Continues"), facts.continues, False
    yield say("Cost"), phrases.cost(generation, say), False
    yield say("Time"), phrases.timing(generation, facts, say), False


def _lines(lines: list[str]) -> str:
    """Join what fits into one field; the rest is counted."""
    for shown in range(len(lines), 0, -1):
        left = len(lines) - shown
        text = "\n".join([*lines[:shown], *([f"{ELLIPSIS} +{left}"] if left else [])])
        if width(text) <= _FIELD:
            return text
    return ELLIPSIS


def _cancel(generation: Generation, say: Say, *, charged: bool) -> discord.ui.View | None:
    if generation.status not in UNTIL_PROVIDER_IS_DONE or generation.cancel_wished:
        return None
    return buttons.row(buttons.cancel(generation.id, say, charged=charged))


def _colour(status: Status) -> discord.Colour:
    if status is Status.DELIVERED:
        return discord.Colour.green()
    if status is Status.CANCELLED:
        return discord.Colour.light_grey()
    if status in WITHOUT_FILM:
        return discord.Colour.red()
    if status in {Status.UNCERTAIN, Status.PARKED}:
        return discord.Colour.orange()
    return discord.Colour.blurple()
