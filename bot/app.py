"""Builds everything in order and takes it down in reverse: the only place that knows them all."""

from __future__ import annotations

import asyncio
import contextlib
import json
import random
import secrets
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, cast

from bot import settings as settings_
from bot.administration.accounts import Accounts
from bot.administration.audit import Audit
from bot.administration.operations import Operations
from bot.administration.people import People
from bot.administration.rules import Rules
from bot.admission import Admission, Gate
from bot.callbacks import admin_app, callback_app
from bot.client import Matinee, point_at
from bot.delivery import Delivery
from bot.errors import StoreError
from bot.generations import Generations
from bot.hosting import Hosting
from bot.house import House
from bot.keepsakes import Keepsakes
from bot.listener import Listener
from bot.media.download import Downloader
from bot.media.fit import fit
from bot.media.join import join
from bot.media.probe import Prober
from bot.members.ordering import Ordering
from bot.members.own import Own
from bot.metrics import Metrics
from bot.models import Limit
from bot.providers import create, prices
from bot.providers.health import Health
from bot.providers.router import Router
from bot.quotas import Limits
from bot.running import App
from bot.schedule import Bounds
from bot.signatures import Signer
from bot.store import open_store
from bot.store.alarm import takes_writes
from bot.store.audit import Deeds
from bot.store.blocks import Blocks
from bot.store.orders import Orders
from bot.store.servers import Servers
from bot.store.storyboards import Storyboards
from bot.store.switches import Switches
from bot.storyboards.direction import Direction
from bot.tracker import Context, Tracker
from bot.tracker.money import MICRO

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
    from decimal import Decimal
    from pathlib import Path

    from pydantic import SecretStr

    from bot.models import VideoRequest
    from bot.providers.interface import Provider
    from bot.settings import Settings
    from bot.store import Store


def utc_now() -> datetime:
    """Return the moment."""
    return datetime.now(UTC)


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
    *,
    clock: Callable[[], datetime] = utc_now,
    randomness: random.Random | None = None,
) -> AsyncIterator[App]:
    """Build everything in order and take it down in reverse. Raises `SettingsError` or `StoreError`."""
    key = settings_.secret_key(settings)
    hosting = Hosting(
        settings.data_dir, settings.public_url, Signer(key), settings.keep_films, settings.keep_files
    )
    hosting.prepare()
    async with AsyncExitStack() as stack:
        store = await open_store(_secret(settings.database_url), settings.data_dir)
        stack.push_async_callback(store.close)
        prober = Prober()
        stack.push_async_callback(prober.close)
        providers = _providers(settings)
        for provider in providers.values():
            stack.push_async_callback(provider.close)
        health = Health(clock)
        shared = _Shared(
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
        )
        yield _assembled(shared)


@dataclass(frozen=True)
class _Shared:
    """What several of the parts stand on."""

    settings: Settings
    hosting: Hosting
    store: Store
    prober: Prober
    providers: dict[str, Provider]
    clock: Callable[[], datetime]
    chance: random.Random
    metrics: Metrics
    nudged: asyncio.Event
    health: Health
    router: Router
    price: Callable[[VideoRequest], int | None]
    limits: Limits


def _assembled(shared: _Shared) -> App:
    """Put together what needs no taking down."""
    settings = shared.settings
    house = _house(shared)
    client = _client(settings, house, shared.hosting.signer, shared.clock)
    context = _context(shared, client, house.admission)
    tracker = Tracker(context, shared.nudged)
    return App(
        settings=settings,
        client=client,
        store=shared.store,
        house=house,
        tracker=tracker,
        hosting=shared.hosting,
        metrics=shared.metrics,
        providers=shared.providers,
        public=_public(settings, context, tracker),
        admin=_admin(shared, tracker, client),
        clock=shared.clock,
    )


def _house(shared: _Shared) -> House:
    """Put together what commands use."""
    engine = shared.store.engine
    deeds, blocks, pseudonym = Deeds(engine), Blocks(engine), shared.hosting.signer.pseudonym
    switches = Switches(engine, shared.clock)
    admission = Admission(
        Servers(engine), blocks, deeds, pseudonym, shared.clock, switches, gate(shared.settings)
    )
    generations = Generations(
        store=shared.store,
        admission=admission,
        router=shared.router,
        price=shared.price,
        capabilities=[model for each in shared.providers.values() for model in each.capabilities.values()],
        prober=shared.prober,
        hosting=shared.hosting,
        limits=shared.limits,
        clock=shared.clock,
        random=shared.chance,
        nudge=shared.nudged.set,
    )
    return House(
        generations=generations,
        admission=admission,
        orders=Orders(engine),
        ordering=Ordering(
            generations,
            admission,
            Orders(engine),
            shared.store,
            shared.clock,
            shared.chance,
            confirm_above=_micros(shared.settings.confirm_above),
        ),
        own=Own.over(
            shared.store,
            hosting=shared.hosting,
            router=shared.router,
            admission=admission,
            clock=shared.clock,
            random=shared.chance,
        ),
        clock=shared.clock,
        audit=Audit(deeds, shared.clock),
        accounts=Accounts.over(shared.store, shared.hosting.signer.pseudonym, shared.clock),
        rules=Rules(admission.servers, generations.capabilities, shared.clock),
        people=People(blocks, shared.store, shared.clock),
        operations=_operations(shared, admission, generations),
        keepsakes=Keepsakes(shared.store, shared.hosting, generations),
        storyboards=Direction(
            generations, Storyboards(engine), shared.clock, shared.chance, shared.nudged.set
        ),
    )


def _operations(shared: _Shared, admission: Admission, generations: Generations) -> Operations:
    """Put together what operators run the bot with."""
    return Operations.over(
        shared.store,
        admission=admission,
        generations=generations,
        providers=shared.providers,
        health=shared.health,
        metrics=shared.metrics,
        hosting=shared.hosting,
        clock=shared.clock,
        nudge=shared.nudged.set,
        database="PostgreSQL" if shared.settings.database_url else "SQLite",
    )


def _context(shared: _Shared, client: Matinee, admission: Admission) -> Context:
    """Put together what the tracker's steps use."""
    settings, hosting, prober, clock = shared.settings, shared.hosting, shared.prober, shared.clock
    return Context(
        store=shared.store,
        providers=shared.providers,
        router=shared.router,
        switches=admission.switches,
        rules=admission.rules,
        health=shared.health,
        price=shared.price,
        credits_limited=shared.limits.on_credits,
        delivery=Delivery(
            client, hosting=hosting, fit=_fitting(prober), upload_limit=settings.upload_limit, clock=clock
        ),
        downloader=Downloader(trusted_hosts=settings.trusted_hosts),
        prober=prober,
        hosting=hosting,
        bounds=Bounds(settings.poll_min, settings.poll_max),
        queue_max=settings.queue_max,
        clock=clock,
        random=shared.chance,
        metrics=shared.metrics,
        join=_joining(),
    )


def _client(
    settings: Settings, house: House, signer: Signer, clock: Callable[[], datetime] = utc_now
) -> Matinee:
    return Matinee(
        house=house,
        signer=signer,
        reference=lambda: secrets.token_hex(3),
        trusted_hosts=settings.trusted_hosts,
        operators=settings.operators,
        user_install=settings.allow_user_install,
        clock=clock,
    )


def _fitting(prober: Prober) -> Callable[[Path, Path, int], Awaitable[object]]:
    """Return what makes a film smaller: one at a time, since it takes a whole processor."""
    turn = asyncio.Semaphore(1)

    async def shrink(source: Path, target: Path, budget: int) -> object:
        async with turn:
            return await fit(source, target, budget=budget, film=await prober.probe(source))

    return shrink


def _joining() -> Callable[[Sequence[Path], Path], Awaitable[object]]:
    """Return what joins films: one at a time, as with fitting."""
    turn = asyncio.Semaphore(1)

    async def joined(sources: Sequence[Path], target: Path) -> object:
        async with turn:
            return await join(sources, target)

    return joined


def _public(settings: Settings, context: Context, tracker: Tracker) -> Listener:
    """Return what faces the world: a callback only makes its generation due, and says which task it means."""
    store, clock = context.store, context.clock

    async def wake(generation_id: str) -> bool:
        woken = await store.wake(generation_id, clock())
        tracker.nudge()
        return woken

    async def name_task(provider: str, generation_id: str, body: bytes) -> None:
        with contextlib.suppress(ValueError, RecursionError, KeyError, StoreError):
            task_id = context.providers[provider].named_task(json.loads(body))
            if task_id is not None:
                await store.name_task(generation_id, task_id, provider=provider)

    app = callback_app(
        signer=context.hosting.signer,
        wake=wake,
        name_task=name_task,
        media_dir=context.hosting.media_dir,
        films_dir=context.hosting.films_dir,
        clock=clock,
        metrics=context.metrics,
    )
    return Listener(app, settings.listen)


def _admin(shared: _Shared, tracker: Tracker, client: Matinee) -> Listener:
    """Return what the operator's machines ask."""
    store, metrics = shared.store, shared.metrics

    async def count() -> None:
        metrics.clocks({name: provider.clock_off for name, provider in shared.providers.items()})
        metrics.standing({status.value: number for status, number in (await store.counts()).items()})

    async def ready() -> list[str]:
        runs = tracker.running and not tracker.stands_still
        reasons = [] if runs else ["the tracker doesn't run"]
        reasons += client.troubles
        try:
            await count()
        except StoreError:
            reasons.append("the database doesn't answer")
        if not await takes_writes(store.engine):
            reasons.append("the database takes no writes; is there room?")
        return reasons

    app = admin_app(ready, count, metrics, lambda: tracker.stands_still)
    return Listener(app, shared.settings.admin_listen, variable="ADMIN_LISTEN")


def _secret(value: SecretStr | None) -> str | None:
    return value.get_secret_value() if value is not None else None


def _providers(settings: Settings) -> dict[str, Provider]:
    built = {}
    for name in settings.providers_on():
        key = settings.api_key(name)
        assert key is not None
        extra = {"files_url": settings.evolink_files_url} if name == "evolink" else {}
        built[name] = create(
            name,
            api_key=key.get_secret_value(),
            base_url=getattr(settings, f"{name}_base_url"),
            concurrency=getattr(settings, f"{name}_concurrency"),
            **extra,
        )
        built[name].capabilities = {
            model: replace(each, longest_prompt=settings.max_prompt)
            for model, each in built[name].capabilities.items()
        }
    return built


def limits(settings: Settings) -> Limits:
    """Return the limits that the settings name."""
    return Limits(
        user_day=_limit(settings.daily_videos, settings.daily_seconds, settings.daily_credits),
        user_month=_limit(settings.monthly_videos, settings.monthly_seconds, settings.monthly_credits),
        server_day=_limit(settings.server_daily_videos, settings.server_daily_seconds),
        bot_day=_limit(settings.bot_daily_videos, settings.bot_daily_seconds, settings.bot_daily_credits),
        at_once=settings.concurrent,
        server_at_once=settings.server_concurrent,
    )


def gate(settings: Settings) -> Gate:
    """Return what the operator lets through, whoever asks."""
    return Gate(settings.daily_refusals, settings.queue_videos)


def _limit(videos: int | None, seconds: int | None, credit: Decimal | None = None) -> Limit:
    return Limit(videos, seconds, _micros(credit))


def _micros(credit: Decimal | None) -> int | None:
    return None if credit is None else int(credit * MICRO)
