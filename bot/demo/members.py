"""Scripted members: each gives its commands, two at once, and waits for its films like anybody else.

They see what members see (private answers, cards, film messages), and know nothing of the bot's inside.
"""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from datetime import datetime, timedelta

    from bot.demo.local_discord import Attachment, LocalDiscord, Post
    from bot.demo.script import Ask

AT_ONCE: Final = 2
"""What a member may have under way by default."""
ID: Final = re.compile(r"\b[0-9a-f]{16}\b")
"""A generation's id, as its card shows it."""
STATE: Final = re.compile(r"^State: (.*)$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one command."""

    ask: Ask
    member: str
    asked_at: datetime
    answer: str
    """What only the member read."""
    generation: str | None = None
    state: str = ""
    """What its card said in the end."""
    card_after: timedelta | None = None
    film_after: timedelta | None = None
    film: Attachment | None = None
    mentions: frozenset[int] = frozenset()
    """Who the film's message mentions."""


async def play(
    server: LocalDiscord,
    asks: Mapping[str, Sequence[Ask]],
    *,
    patience: timedelta,
    told: Callable[[Outcome], None] = lambda _: None,
) -> tuple[Outcome, ...]:
    """Let every member give its commands and return what became of each, in order of the takes.

    `patience` is how long a member waits for one film. `told` hears of each as it comes.
    """
    outcomes: list[Outcome] = []

    async def work(member: str, left: Iterator[Ask]) -> None:
        for ask in left:
            outcomes.append(await _one(server, member, ask, patience))
            told(outcomes[-1])

    async with asyncio.TaskGroup() as members:
        for member, own in asks.items():
            left = iter(own)
            for _ in range(AT_ONCE):
                members.create_task(work(member, left))
    return tuple(sorted(outcomes, key=lambda outcome: outcome.ask.take))


async def _one(server: LocalDiscord, member: str, ask: Ask, patience: timedelta) -> Outcome:
    name, options = ask.command
    asked_at = server.clock()
    outcome = Outcome(ask, member, asked_at, await server.command(member, name, **options))
    await server.until(lambda: card_of(server.posts, ask) is not None, within=patience)
    card = card_of(server.posts, ask)
    found = ID.search(card.text) if card else None
    if card is None or found is None:
        return outcome
    id_ = found.group()
    outcome = replace(outcome, generation=id_, card_after=card.at - asked_at)
    await server.until(
        lambda: film_of(server.posts, id_) is not None or _gave_up(server.posts, ask), within=patience
    )
    post = film_of(server.posts, id_)
    if post is None:
        said = STATE.search(server.posts[card.id].text)
        return replace(outcome, state=said.group(1) if said else "")
    return replace(outcome, film_after=post.at - asked_at, film=post.files[0], mentions=post.mentions)


def card_of(posts: Mapping[int, Post], ask: Ask) -> Post | None:
    """Return the first public message that quotes the prompt."""
    return next(_quoting(posts, ask), None)


def film_of(posts: Mapping[int, Post], generation: str) -> Post | None:
    """Return the message whose film bears the generation's id."""
    return next((post for post in posts.values() if any(generation in name for name, _ in post.files)), None)


def _gave_up(posts: Mapping[int, Post], ask: Ask) -> bool:
    """Say whether there is a notice: it quotes the prompt like the card, and comes after it."""
    return sum(1 for _ in _quoting(posts, ask)) > 1


def _quoting(posts: Mapping[int, Post], ask: Ask) -> Iterator[Post]:
    quoted = re.compile(rf"\bTake {ask.take}\b")
    return (post for post in posts.values() if quoted.search(post.text))
