"""Opens the whole bot in order and takes it down in reverse."""

from __future__ import annotations

import asyncio
import random
import secrets
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from typing import TYPE_CHECKING, cast

from bot import settings as settings_
from bot.app import commands, doors, steps
from bot.app.parts import Ground, Parts, limits, providers_on, secret, utc_now
from bot.client import Courier, Matinee, Sharded, point_at
from bot.files import storage_at
from bot.hosting import Hosting
from bot.media.probe import Prober
from bot.metrics import Metrics
from bot.providers import prices
from bot.providers.health import Health
from bot.providers.router import Router
from bot.roles import EVERYTHING, Duty
from bot.running import App, Doorway
from bot.secret_key import secret_key
from bot.signatures import Signer
from bot.store import open_store
from bot.tracker import Tracker

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from datetime import datetime

    from bot.house import House
    from bot.settings import Settings


async def sync(settings: Settings) -> int:
    """Register the commands with Discord; return how many. The bot may be running meanwhile."""
    point_at(settings.discord_api_url, settings.discord_gateway_url)
    nobody = cast("House", None)  # registering commands calls none of them
    client = _client(settings, nobody, Signer(b""))
    async with client:
        await client.login(settings_.require_token(settings))
        return len(await client.tree.sync())


@asynccontextmanager
async def open_app(
    settings: Settings,
    duty: Duty = EVERYTHING,
    *,
    clock: Callable[[], datetime] | None = None,
    randomness: random.Random | None = None,
) -> AsyncIterator[App]:
    """Build everything in order and take it down in reverse. Raises `SettingsError` or `StoreError`.

    Without a clock it is the database's, which all of its processes share.
    """
    hosting = _hosting(settings)
    async with AsyncExitStack() as stack:
        store = await open_store(secret(settings.database_url), settings.data_dir)
        stack.push_async_callback(store.close)
        clock = clock or store.engine.now
        prober = Prober()
        stack.push_async_callback(prober.close)
        providers = providers_on(settings)
        for provider in providers.values():
            stack.push_async_callback(provider.close)
        health = Health(clock)
        parts = Parts(
            settings=settings,
            hosting=hosting,
            store=store,
            prober=prober,
            providers=providers,
            clock=clock,
            chance=randomness or random.SystemRandom(),
            metrics=Metrics(),
            nudged=asyncio.Event(),
            health=health,
            router=Router(tuple(providers.values()), health.healthy, public=settings.public_url is not None),
            price=partial(prices.price, overrides=settings.prices),
            limits=limits(settings),
            duty=duty,
        )
        yield _assembled(parts)


@asynccontextmanager
async def open_doorway(settings: Settings, duty: Duty) -> AsyncIterator[Doorway]:
    """Build what takes callbacks for others, and take it down. Raises as `open_app`."""
    hosting = _hosting(settings)
    store = await open_store(secret(settings.database_url), settings.data_dir)
    try:
        ground = Ground(settings, hosting, store, store.engine.now, Metrics())
        public, admin = doors.public(ground, lambda: None), doors.admin(ground)
        yield Doorway(public, admin, hosting, ground.clock, duty)
    finally:
        await store.close()


def _hosting(settings: Settings) -> Hosting:
    """Return where files lie, ready to take them."""
    hosting = Hosting(
        settings.data_dir,
        settings.public_url,
        Signer(secret_key(settings)),
        settings.keep_films,
        settings.keep_files,
        storage_at(settings.files_at(), settings.data_dir),
    )
    hosting.prepare()
    return hosting


def _assembled(parts: Parts) -> App:
    """Put together what needs no taking down."""
    settings, duty = parts.settings, parts.duty
    house = commands.house(parts)
    client = _client(settings, house, parts.hosting.signer, parts.clock, duty)
    parts.store.engine.give_way_to(client.precedence.waited_for)
    context = steps.context(parts, client, house.admission)
    tracker = Tracker(context, parts.nudged)

    def troubles() -> list[str]:
        runs = tracker.running and not tracker.stands_still
        return [*([] if runs or not duty.tracks else ["the tracker doesn't run"]), *client.troubles]

    return App(
        settings=settings,
        client=client,
        store=parts.store,
        house=house,
        tracker=tracker,
        hosting=parts.hosting,
        metrics=parts.metrics,
        providers=parts.providers,
        public=doors.public(parts, tracker.nudge),
        admin=doors.admin(
            parts,
            troubles=troubles,
            stands_still=lambda: tracker.stands_still,
            providers=parts.providers,
        ),
        clock=parts.clock,
        duty=duty,
    )


def _client(
    settings: Settings,
    house: House,
    signer: Signer,
    clock: Callable[[], datetime] = utc_now,
    duty: Duty = EVERYTHING,
) -> Matinee:
    kind: Callable[..., Matinee] = Matinee if duty.connects else Courier
    if duty.shards is not None:
        kind = partial(Sharded, shards=duty.shards)
    return kind(
        house=house,
        signer=signer,
        reference=lambda: secrets.token_hex(3),
        trusted_hosts=settings.trusted_hosts,
        operators=settings.operators,
        user_install=settings.allow_user_install,
        clock=clock,
    )
