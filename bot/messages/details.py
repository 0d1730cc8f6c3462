"""Every parameter of a film, for whoever wants to know how it was made."""

from __future__ import annotations

from typing import TYPE_CHECKING

import discord

from bot.messages import phrases
from bot.messages.draft import CardFacts, Draft
from bot.messages.text import ELLIPSIS, code, line, moment, safe, size, span, width
from bot.models import MediaKind

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from bot.i18n import Say
    from bot.models import Generation, MediaFile

_PROMPT = 2500
"""Characters of the prompt that are shown; see `whole_prompt` for the rest."""
_FIELD = 1024
_WHOLE = 1_000_000
"""Millionths of a credit."""


def details(generation: Generation, facts: CardFacts, say: Say) -> Draft:
    """Return everything that is known of how a generation was asked for, made and paid for.

    It is the reader's own answer: in their language, without buttons. A prompt that doesn't fit is cut.
    """
    embed = discord.Embed(
        title=say("Details"), description=f">>> {safe(generation.asked.prompt, _PROMPT) or ELLIPSIS}"
    )
    for title, value, inline in _fields(generation, facts, say):
        embed.add_field(name=title, value=value, inline=inline)
    embed.set_footer(text=generation.id)
    return Draft(embed=embed)


def whole_prompt(generation: Generation) -> str | None:
    """Return the prompt word for word if `details` must cut it: it belongs into a file then."""
    prompt = generation.asked.prompt
    return prompt if safe(prompt, _PROMPT) != safe(prompt, 4 * len(prompt) + 4) else None


def _fields(generation: Generation, facts: CardFacts, say: Say) -> Iterable[tuple[str, str, bool]]:
    request = generation.request
    yield say("State"), phrases.state(generation, facts, say), False
    yield say("Asked by"), line(generation.requester.name, 100) or "?", True
    yield say("Provider"), phrases.provider(request), True
    yield say("Model"), _model(generation, say), True
    yield say("Mode"), phrases.mode(request, say), True
    if request.media:
        yield say("Files"), _files(generation, say), False
    yield say("Options"), _options(generation, say), False
    if generation.film:
        yield say("Film"), _film(generation, say), False
    if facts.continues:
        yield say("Continues"), facts.continues, False
    yield say("Cost"), _cost(generation, say), False
    yield say("Time"), _times(generation, say), False


def _model(generation: Generation, say: Say) -> str:
    used, routed = phrases.model(generation), line(generation.request.model or "?", 80)
    return used if used == routed else say("{used} (asked for as {model})", used=used, model=routed)


def _files(generation: Generation, say: Say) -> str:
    media = generation.request.media
    lines = [
        f"{used} · {_measured(file, say)}"
        for used, file in zip(phrases.uses(generation.request, say), media, strict=True)
    ]
    return _fitting(lines)


def _measured(file: MediaFile, say: Say) -> str:
    facts = [size(file.size)]
    if file.kind is not MediaKind.AUDIO:
        facts.append(f"{file.width} × {file.height}")
    if file.kind is not MediaKind.IMAGE:
        facts.append(say("{seconds} s", seconds=f"{file.duration.total_seconds():.4g}"))
    return " · ".join(facts)


def _options(generation: Generation, say: Say) -> str:
    """Return every option with its value, and whether it was chosen or left to the bot."""
    lines = []
    for option in ("ratio", "resolution", "seconds", "sound", "fallback", "web_search"):
        value = getattr(generation.request, option)
        if value is not None:
            shown = _value(option, value, say)
            left_to_us = getattr(generation.asked, option) is None
            named = code(say.name("option", option), 40)
            lines.append(
                say("{option} {value} (by default)", option=named, value=shown)
                if left_to_us
                else f"{named} {shown}"
            )
    return _fitting(lines) or ELLIPSIS


def _value(option: str, value: object, say: Say) -> str:
    match value:
        case bool():
            return say("yes") if value else say("no")
        case int():
            return say("{seconds} s", seconds=value)
        case _ if option == "ratio":
            return line(say.name("choice", str(value)), 20)
        case _:
            return line(str(value), 20)


def _film(generation: Generation, say: Say) -> str:
    film = generation.film
    assert film is not None
    sound = say("with sound") if film.sound else say("without sound")
    seconds = say("{seconds} s", seconds=f"{film.duration.total_seconds():.4g}")
    return " · ".join([f"{film.width} × {film.height}", seconds, size(film.size), sound])


def _cost(generation: Generation, say: Say) -> str:
    lines = [phrases.cost(generation, say)]
    provider = phrases.provider(generation.request)
    if generation.charged is not None:
        credits_ = f"{generation.charged / _WHOLE:g}"
        lines.append(say("{provider} charged {credits} credits.", provider=provider, credits=credits_))
    return "\n".join(lines)


def _times(generation: Generation, say: Say) -> str:
    lines = [say("Asked {when}", when=moment(generation.created_at))]
    if generation.submitted_at:
        lines.append(say("sent {when}", when=moment(generation.submitted_at)))
    if generation.submitted_at and generation.rendered_at:
        taken = span(generation.rendered_at - generation.submitted_at, say)
        lines.append(say("made in {span}", span=taken))
    if generation.finished_at:
        lines.append(say("ended {when}", when=moment(generation.finished_at)))
    return " · ".join(lines)


def _fitting(lines: Sequence[str]) -> str:
    """Join what fits into one field; the rest is counted."""
    for shown in range(len(lines), 0, -1):
        left = len(lines) - shown
        text = "\n".join([*lines[:shown], *([f"{ELLIPSIS} +{left}"] if left else [])])
        if width(text) <= _FIELD:
            return text
    return ""
