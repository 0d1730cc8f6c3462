"""Whole generations, from the command's transaction to the card's last edit: through the bot, or by hand.

By hand the same clients make the same calls with the same bytes, one coroutine a generation, and what the bot
writes down is kept in memory; or it is written down, too, by the bot's own statements, made beforehand.
"""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from time import perf_counter, process_time
from typing import TYPE_CHECKING, Any

import aiohttp
import structlog

from benchmarks.beside import beside
from benchmarks.harness import answer, given
from benchmarks.ways.writing import Script
from bot import messages
from bot.app import open_app
from bot.delivery import Rung
from bot.messages import CardFacts
from bot.models import Generation, Mode, Place, Requester, Status, TaskStatus, VideoRequest
from bot.orders import Standing
from bot.roles import Duty, Role
from bot.settings import Settings
from bot.tracker.finishing import _download

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable

    from bot.running import App

    Written = Callable[[], Awaitable[None]]

IN_FLIGHT = 200
WAIT = timedelta(seconds=0.5)
"""Between two asks of one task."""
PROMPT = "a cat in the rain on a tin roof at night, close up, slow dolly in, neon lights in the puddles"


def settings(directory: Path, port: int) -> Settings:
    """Return what the bot needs to live outside."""
    return Settings(
        discord_token="token",
        discord_api_url=f"http://127.0.0.1:{port}/discord",
        data_dir=directory,
        seedance2ink_api_key="key",
        seedance2ink_base_url=f"http://127.0.0.1:{port}",
        seedance2ink_concurrency=IN_FLIGHT,
        trusted_hosts=f"127.0.0.1:{port}",
        poll_min=WAIT,
        poll_max=WAIT,
        upload_limit=10 * 2**20,
        daily_seconds=None,
    )


class Members:
    """Ask for one film after the other, each in a channel of its own."""

    def __init__(self, app: App) -> None:
        self._app = app
        self._number = 0

    def next(self) -> tuple[VideoRequest, Requester, Place, int]:
        """Return what the next one asks for."""
        self._number += 1
        number = self._number
        place = Place(channel_id=10**17 + number, guild_id=10**16 + number % 50)
        requester = Requester(10**15 + number % 500, "Anna")
        return VideoRequest(PROMPT, Mode.TEXT), requester, place, 10**18 + number

    async def start(self) -> Generation:
        """Give a command, without Discord's part of it."""
        asked, requester, place, number = self.next()
        return await self._app.generations.start(asked, requester, place, interaction_id=number)

    async def first(self) -> Generation:
        """Return what a command would write down."""
        asked, requester, place, number = self.next()
        drafted, _ = await self._app.generations.drafted(asked, requester, place, Standing())
        return replace(drafted, interaction_id=number)

    def like(self, first: Generation) -> Generation:
        """Return the same for the next one, without asking a store for rules, limits or blocks."""
        _, requester, place, number = self.next()
        return replace(first, id=f"{number:016x}", requester=requester, place=place, interaction_id=number)


async def through_the_bot(app: App, members: Members, many: int) -> None:
    """Keep so many in flight, and let the tracker do the rest, until the last has said its last word."""
    store, at_rest = app.store, asyncio.Event()
    ended = 0
    left = many - min(many, IN_FLIGHT)
    context: Any = app.tracker._context  # noqa: SLF001 - what its steps use
    move = context.store.engine.write

    async def noted(steps: Any) -> Any:
        nonlocal ended, left
        outcomes = await move(steps)
        first = steps[0]
        if first.statement.name == "move" and first.parameters.get("due") is None:
            ended += 1
            if left:
                left -= 1
                starting.add(asyncio.create_task(members.start()))
            if ended == many:
                at_rest.set()
        return outcomes

    starting: set[asyncio.Task[Generation]] = set()
    store.engine.write = noted  # type: ignore[method-assign]
    async with app.tracking():
        await asyncio.gather(*(members.start() for _ in range(min(many, IN_FLIGHT))))
        await at_rest.wait()


async def by_hand(films: Iterable[tuple[Generation, Written]], context: Any, *, edits: int) -> None:
    """Do the same without a store, a lease or a claim."""
    left = iter(films)

    async def member() -> None:
        for film, written in left:
            await _one(context, film, written, edits=edits)

    async with asyncio.TaskGroup() as group:
        for _ in range(IN_FLIGHT):
            group.create_task(member())


async def in_memory(app: App, members: Members, many: int) -> Iterable[tuple[Generation, Written]]:
    """Return films of which nothing is written down, one after the other."""
    del app
    first = await members.first()
    return ((members.like(first), _nothing) for _ in range(many))


async def scripted(app: App, members: Members, many: int) -> Iterable[tuple[Generation, Written]]:
    """Return films with what the bot writes down of each, learned from one that it makes."""
    context: Any = app.tracker._context  # noqa: SLF001
    first, script = await members.first(), Script(context.store.engine)
    await script.learn(through_the_bot(app, members, 1))
    films = [members.like(first) for _ in range(many)]
    films = [replace(film, member=f"{film.requester.user_id:032x}") for film in films]
    return [(film, script.of(film, f"scripted_{film.id}")) for film in films]


async def _nothing() -> None:
    """Write nothing down."""


async def _one(context: Any, generation: Generation, written: Written, *, edits: int) -> None:
    """Make one film: the card, the submit, the asks, the film, its post, and the card again and again.

    What the bot writes down is `written` where it writes it.
    """
    provider, delivery, now = context.provider_of(generation), context.delivery, context.clock

    async def shown(generation: Generation) -> Generation:
        draft = messages.card(generation, CardFacts(now()), cancel_charged=False)
        return replace(generation, card_id=await delivery.put_card(generation, draft))

    await written()
    generation = await shown(generation)
    body = provider.prepare(generation.request, media_urls=(), user=generation.member, callback_url=None)
    await written()
    task = await provider.submit(body, key=generation.id)
    await written()
    generation = replace(generation, status=Status.RUNNING, task_id=task.id, submitted_at=now())
    changes: list[Callable[[Generation], Awaitable[Generation]]] = [shown] * edits
    if changes:
        generation = await changes.pop()(generation)
    await written()
    while task.status is not TaskStatus.SUCCEEDED:
        await asyncio.sleep(WAIT.total_seconds())
        task = await context.fetch(generation, task.id)
        await written()
    generation = replace(generation, status=Status.RENDERED, urls=task.urls)
    if len(changes) > 1:
        generation = await changes.pop()(generation)
    film = await _download(context, generation, context.hosting.film_target(generation))
    await written()
    generation = replace(generation, status=Status.POSTING, film=film)
    parcel = await delivery.pack(generation, Rung.CHANNEL, now())
    await written()
    posted = await delivery.post_film(generation, Rung.CHANNEL, parcel, CardFacts(now()))
    await written()
    await delivery.discard(generation, parcel)
    generation = replace(generation, status=Status.DELIVERED, message_id=posted.message_id)
    while changes:
        generation = await changes.pop()(generation)
    await written()


async def _films(
    asked: dict[str, Any], app: App, members: Members
) -> Iterable[tuple[Generation, Written]] | None:
    """Return the films that are made by hand; None: the bot makes its own."""
    if asked["store"]:
        return None
    return await (scripted if asked.get("scripted") else in_memory)(app, members, asked["many"])


async def main(asked: dict[str, Any]) -> None:
    """Make so many films and tell how fast, with what was asked for outside."""
    structlog.configure(processors=[], logger_factory=structlog.ReturnLoggerFactory())
    many = asked["many"]
    with beside("benchmarks.ways.outside") as port:
        async with open_app(settings(Path(asked["directory"]), port), Duty(Role.WORKER)) as app:
            from bot.client import point_at  # noqa: PLC0415

            point_at(app.settings.discord_api_url, None)
            await app.client.login("token")
            members, context = Members(app), app.tracker._context  # noqa: SLF001
            films = await _films(asked, app, members)
            since, spent = perf_counter(), process_time()
            if films is None:
                await through_the_bot(app, members, many)
            else:
                await by_hand(films, context, edits=asked["edits"])
            seconds, spent = perf_counter() - since, process_time() - spent
            await app.client.close()
        async with aiohttp.ClientSession() as session, session.get(f"http://127.0.0.1:{port}/told") as told:
            counts = await told.json()
    answer(per_s=many / seconds, cpu_ms=1000 * spent / many, **{
        f"n_{name}": number / many for name, number in sorted(counts.items())
    })  # fmt: skip


if __name__ == "__main__":
    asyncio.run(main(given()))
