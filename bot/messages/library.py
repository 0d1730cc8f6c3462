"""What a member reads of their own: the list of generations, one of them, the limits."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import discord

from bot.i18n import later
from bot.messages import buttons, orders, phrases
from bot.messages.draft import CardFacts, Draft
from bot.messages.text import ELLIPSIS, fitting, line, moment, size, visible, width
from bot.messages.text import name as visible_name
from bot.models import UNTIL_PROVIDER_IS_DONE, WITHOUT_FILM, Status
from bot.store.searching import Shown

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from bot.i18n import Say
    from bot.models import Generation
    from bot.providers.mends import Mend

PAGE = 8
"""Generations on one page."""
TURN = r"matinee:videos:(?P<shown>[a-z]{3,7}):(?P<way>older|newer):(?P<id>[0-9a-f]{16}):(?P<searched>.*)"
FILTER = r"matinee:filter:(?P<searched>.*)"
"""Of the menu that carries which states are shown."""
JUMP = r"matinee:jump"
"""Of the menu that carries which film is shown."""
LONGEST_SEARCH = 50
"""Characters of a search that a button can carry, whose custom_id may have 100."""
_MOST = 4000
_GAP = "\n\n"
_SHOWN = {
    Shown.ALL: later("All"),
    Shown.OPEN: later("Under way"),
    Shown.DONE: later("Done"),
    Shown.WITHOUT: later("Without a film"),
    Shown.PARKED: later("Looked into by the operator"),
}


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
    mends: tuple[Mend, ...] = ()
    """What one press may change where there is no film."""


@dataclass(frozen=True, slots=True)
class Sought:
    """Which generations are shown."""

    shown: Shown = Shown.ALL
    searched: str = ""


def searchable(words: str) -> str:
    """Return as much of a search as a button can carry, on one line."""
    one_line = visible(" ".join(words.split()), 6000)
    return one_line[: fitting(one_line, LONGEST_SEARCH)].strip()


def page(
    entries: Sequence[Entry], say: Say, sought: Sought = Sought(), *, older: bool = False, newer: bool = False
) -> Draft:
    """Return one page of a member's generations, newest first, with Cancel where it makes sense.

    `older` and `newer`: there may be more on that side.
    """
    told = _heading(sought, say)
    if not entries:
        empty = say("There are no videos of yours here. Make one with `/video`.")
        if sought == Sought():
            return Draft(content=empty)
        nothing = say("None of your videos is like that.")
        return Draft(content=f"{told}\n{nothing}", view=buttons.row(_filter(sought, say)))
    lines: list[str] = []
    for number, entry in enumerate(entries, start=1):
        new = _line(number, entry, say)
        if lines and sum(map(width, [*lines, new])) + len(_GAP) * len(lines) > _MOST:
            break
        lines.append(new)
    shown = [entry.generation for entry in entries[: len(lines)]]
    items: list[discord.ui.Item[Any]] = [_filter(sought, say), _jump(shown, say)]
    items += [
        button
        for number, entry in enumerate(entries[: len(lines)], 1)
        for button in _buttons(number, entry, say)
    ]
    if newer:
        items.append(_turn(sought, "newer", shown[0].id, say("Newer")))
    if older or len(shown) < len(entries):
        items.append(_turn(sought, "older", shown[-1].id, say("Older")))
    embed = discord.Embed(title=say("Your videos"), description=_GAP.join(lines))
    return Draft(content=told, embed=embed, view=buttons.row(*items))


def _heading(sought: Sought, say: Say) -> str | None:
    if not sought.searched:
        return None
    return say("Prompts with “{words}”:", words=line(sought.searched, 200))


def _filter(sought: Sought, say: Say) -> discord.ui.Select[discord.ui.View]:
    menu = discord.ui.Select[discord.ui.View](custom_id=f"matinee:filter:{sought.searched}")
    for shown, words in _SHOWN.items():
        menu.add_option(label=say(words), value=shown.value, default=shown is sought.shown)
    return menu


def _jump(shown: Sequence[Generation], say: Say) -> discord.ui.Select[discord.ui.View]:
    menu = discord.ui.Select[discord.ui.View](
        custom_id="matinee:jump", placeholder=say("Show one of these …")
    )
    for number, generation in enumerate(shown, start=1):
        prompt = visible_name(generation.asked.prompt, 80) or ELLIPSIS
        menu.add_option(label=f"{number}. {prompt}", value=generation.id)
    return menu


def _turn(sought: Sought, way: str, beyond: str, label: str) -> discord.ui.Button[discord.ui.View]:
    return discord.ui.Button(
        style=discord.ButtonStyle.secondary,
        label=label,
        custom_id=f"matinee:videos:{sought.shown}:{way}:{beyond}:{sought.searched}",
    )


def choice(generation: Generation) -> str:
    """Return a generation as a choice in a list: when it was asked for, and with which words."""
    day = f"{generation.created_at:%Y-%m-%d %H:%M}"
    return f"{day} · {visible_name(generation.asked.prompt, 75) or ELLIPSIS}"


def one(
    entry: Entry, now: datetime, say: Say, *, elsewhere: str | None = None, too_large: int | None = None
) -> Draft:
    """Return one of a member's own generations, for their eyes alone, with its live buttons.

    Whoever sends it attaches the film, or gives a link to where it lies `elsewhere`. `too_large`: the bytes
    of a film that lies here and can't be attached.
    """
    generation = entry.generation
    facts = CardFacts(now, place=entry.place, expected=generation.expected_at)
    told = [f"> {line(generation.asked.prompt, 400) or ELLIPSIS}", phrases.state(generation, facts, say)]
    if generation.status in WITHOUT_FILM:
        told.append(phrases.next_step(generation, say))
    told += _whereabouts(entry, say, elsewhere, too_large)
    words = [phrases.provider(generation.request), phrases.model(generation)]
    words += [*phrases.options(generation.request, say), moment(generation.created_at)]
    told += [f"-# {' · '.join(words)}", f"-# {phrases.cost(generation, say)}"]
    return Draft(content="\n".join(told), view=_below(entry, say))


def _whereabouts(entry: Entry, say: Say, elsewhere: str | None, too_large: int | None) -> Iterator[str]:
    """Say where the film is, where it isn't attached."""
    status = entry.generation.status
    if status not in {Status.DELIVERED, Status.PARKED}:
        return
    if elsewhere:
        yield elsewhere
    elif too_large is not None and entry.link:
        yield say("Too large to be attached here, so as a link:") + f"\n{entry.link}"
    elif too_large is not None:
        yield say("The film is kept, but too large to be sent here ({size}).", size=size(too_large))
    elif not entry.kept and status is Status.DELIVERED:
        yield say("The film itself is no longer kept, and its message is gone.")


def _below(entry: Entry, say: Say) -> discord.ui.View | None:
    generation = entry.generation
    if generation.status is Status.DELIVERED:
        below = buttons.of_film(generation, say)
        for item in below.children:
            if re.fullmatch(buttons.DELETE, getattr(item, "custom_id", None) or ""):
                below.remove_item(item)  # of a private message, which nobody but its reader can remove
        return below
    if generation.status in WITHOUT_FILM:
        return buttons.of_notice(generation, say, orders.retries(generation.id, entry.mends, say))
    own = list(_buttons("", entry, say))
    return buttons.row(*own) if own else None


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


def _buttons(number: int | str, entry: Entry, say: Say) -> Iterator[discord.ui.Button[discord.ui.View]]:
    generation = entry.generation
    if generation.status in UNTIL_PROVIDER_IS_DONE and not generation.cancel_wished:
        yield buttons.cancel(generation.id, say, charged=entry.cancel_charged, label=str(number))
    if generation.status is Status.DELIVERED and generation.message_id is None and entry.kept:
        yield buttons.get(generation.id, say, label=str(number))


def cancelled(generation: Generation, say: Say, *, in_full: bool) -> str:
    """Return what is said to a wish to cancel; `in_full`: it counts as much as the film."""
    if in_full:
        return say("It is being cancelled. It counts in full.")
    if generation.status is Status.QUEUED or generation.status is Status.CANCELLED:
        return say("It is being cancelled. It counts nothing.")
    return say("It is being cancelled. If the film is faster, it comes all the same; else it counts nothing.")
