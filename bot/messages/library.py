"""What a member reads of their own: the list of generations, the limits."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import discord

from bot.messages import buttons, phrases
from bot.messages.draft import CardFacts, Draft
from bot.messages.text import line, moment, width
from bot.models import UNTIL_PROVIDER_IS_DONE, Status

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from bot.i18n import Say
    from bot.models import Generation

PAGE = 8
"""Generations on one page."""
_MOST = 4000
_GAP = "\n\n"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Entry:
    """One of a member's generations, and what its row doesn't say."""

    generation: Generation
    place: int | None = None
    """In the queue, from 1."""
    link: str | None = None
    """A signed link to the kept film."""
    kept: bool = False
    """Whether the film still lies here."""
    cancel_charged: bool = False


def page(entries: Sequence[Entry], say: Say, *, more: bool) -> Draft:
    """Return one page of a member's generations, newest first, with Cancel where it makes sense.

    `more`: there may be older ones.
    """
    if not entries:
        return Draft(content=say("There are no videos of yours here. Make one with `/video`."))
    lines: list[str] = []
    for number, entry in enumerate(entries, start=1):
        told = _line(number, entry, say)
        if lines and sum(map(width, [*lines, told])) + len(_GAP) * len(lines) > _MOST:
            break
        lines.append(told)
    shown = entries[: len(lines)]
    items = [button for number, entry in enumerate(shown, start=1) for button in _buttons(number, entry, say)]
    if more or len(shown) < len(entries):
        items.append(buttons.older(_micros(shown[-1].generation.created_at), say))
    embed = discord.Embed(title=say("Your videos"), description=_GAP.join(lines))
    return Draft(embed=embed, view=buttons.row(*items) if items else None)


def _line(number: int, entry: Entry, say: Say) -> str:
    generation = entry.generation
    facts = CardFacts(generation.updated_at, place=entry.place)
    words = [
        f"**{number}.** {line(generation.asked.prompt, 80)}",
        phrases.model(generation),
        moment(generation.created_at),
    ]
    if entry.link:
        words.append(say("[file]({link})", link=entry.link))
    return f"{' · '.join(words)}\n{phrases.state(generation, facts, say)}"


def _buttons(number: int, entry: Entry, say: Say) -> Iterator[discord.ui.Button[discord.ui.View]]:
    generation = entry.generation
    if generation.status in UNTIL_PROVIDER_IS_DONE and not generation.cancel_wished:
        yield buttons.cancel(generation.id, say, charged=entry.cancel_charged, label=str(number))
    if generation.status is Status.DELIVERED and generation.message_id is None and entry.kept:
        yield buttons.get(generation.id, say, label=str(number))


def _micros(time: datetime) -> int:
    return (time - _EPOCH) // timedelta(microseconds=1)


def cancelled(generation: Generation, say: Say, *, in_full: bool) -> str:
    """Return what is said to a wish to cancel; `in_full`: it counts as much as the film."""
    if in_full:
        return say("It is being cancelled. It counts in full.")
    if generation.status is Status.QUEUED or generation.status is Status.CANCELLED:
        return say("It is being cancelled. It counts nothing.")
    return say("It is being cancelled. If the film is faster, it comes all the same; else it counts nothing.")


def usage(
    say: Say,
    *,
    videos: tuple[int, int | None],
    seconds: tuple[int, int | None],
    under_way: tuple[int, int, int | None],
    resets: datetime,
    open_: Sequence[Generation],
) -> str:
    """Return what a member has used of today's limits, as (used, limit), and what is under way.

    `under_way`: running, waiting, and how many may be at once.
    """
    running, waiting, at_once = under_way
    most = say("any number") if at_once is None else at_once
    lines = [
        _used(say("Videos"), videos, say),
        _used(say("Seconds"), seconds, say),
        say(
            "Under way: {running} running, {waiting} waiting; {most} at once.",
            running=running,
            waiting=waiting,
            most=most,
        ),
        say("Today's limits start anew {when}.", when=moment(resets)),
    ]
    for generation in open_[:PAGE]:
        state = phrases.state(generation, CardFacts(generation.updated_at), say)
        lines.append(f"- {line(generation.asked.prompt, 60)} · {state}")
    return "\n".join(lines)


def _used(what: str, used: tuple[int, int | None], say: Say) -> str:
    count, limit = used
    if limit is None:
        return say("{what} today: {count}, without limit.", what=what, count=count)
    return say(
        "{what} today: {count} of {limit} used, {left} left.",
        what=what,
        count=count,
        limit=limit,
        left=max(0, limit - count),
    )
