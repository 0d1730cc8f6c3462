"""Builds everything in order, runs it, takes it down in reverse: the only place that knows them all."""

from __future__ import annotations

import asyncio
import contextlib
import json
import random
import secrets
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, TypeVar, cast

import aiohttp
import discord
import structlog

from bot import settings as settings_
from bot.callbacks import admin_app, callback_app
from bot.client import Matinee, point_at
from bot.delivery import Delivery
from bot.errors import DiscordUnreachable, SettingsError, StoreError
from bot.generations import Generations
from bot.hosting import Hosting
from bot.listener import Listener
from bot.media.download import Downloader
from bot.media.fit import fit
from bot.media.probe import Prober
from bot.metrics import Metrics
from bot.models import Limit
from bot.providers import create, prices
from bot.providers.health import Health
from bot.providers.router import Router
from bot.quotas import Limits
from bot.schedule import Bounds
from bot.signatures import Signer
from bot.store import open_store
from bot.tracker import Context, Tracker
from bot.tracker.money import MICRO

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
    from decimal import Decimal
    from pathlib import Path

    from pydantic import SecretStr

    from bot.providers.interface import Provider
    from bot.settings import Settings
    from bot.store import Store

STEPS_GRACE = timedelta(seconds=3)
"""What steps in progress get to finish at the end; Docker's own patience is 10 s, ours 8."""
GOODBYE = timedelta(seconds=1.5)
"""What the gateway gets to close."""
SWEEP_EVERY = timedelta(hours=1)
REFUSED_BY_THE_GATEWAY = frozenset({4004, 4010, 4011, 4012, 4013, 4014})
"""Close codes after which Discord says not to reconnect (topics/opcodes-and-status-codes)."""
T = TypeVar("T")
log = structlog.get_logger("matinee.app")


def utc_now() -> datetime:
    """Return the moment."""
    return datetime.now(UTC)


@dataclass(frozen=True)
class App:
    """Everything, built and connected, not yet running."""

    settings: Settings
    client: Matinee
    store: Store
    generations: Generations
    tracker: Tracker
    hosting: Hosting
    metrics: Metrics
    providers: dict[str, Provider]
    public: Listener
    admin: Listener
    clock: Callable[[], datetime]

    @property
    def callback_address(self) -> str:
        """Return where callbacks, members' files and films are served."""
        return self.public.address

    @asynccontextmanager
    async def listening(self) -> AsyncIterator[None]:
        """Serve callbacks and files, health and metrics."""
        await self.public.start()
        try:
            await self.admin.start()
            try:
                yield
            finally:
                await self.admin.stop()
        finally:
            await self.public.stop()

    @asynccontextmanager
    async def tracking(self) -> AsyncIterator[None]:
        """Run the tracker and the hourly sweep; at the end take nothing new and let steps finish."""
        tracking = asyncio.create_task(self.tracker.run(), name="tracker")
        sweeping = asyncio.create_task(self._sweep(), name="sweep")
        try:
            yield
        finally:
            self.generations.stop_taking()
            sweeping.cancel()
            await self.tracker.stop(STEPS_GRACE)
            await asyncio.gather(tracking, sweeping, return_exceptions=True)

    @asynccontextmanager
    async def serving(self) -> AsyncIterator[None]:
        """Listen and track, with a client that whoever calls this has logged in."""
        async with self.listening(), self.tracking():
            yield

    async def run(self, stop: asyncio.Event) -> None:
        """Connect to Discord and serve until `stop`. Raises what discord.py raises when it can't."""
        point_at(self.settings.discord_api_url, self.settings.discord_gateway_url)
        async with self.listening():
            try:
                if await _unless(stop, self.client.login(settings_.require_token(self.settings))):
                    async with self.tracking():
                        log.info(
                            "serving",
                            callbacks=self.public.address,
                            admin=self.admin.address,
                            public_url=self.hosting.public_url,
                            providers=list(self.providers),
                        )
                        if not await _unless(stop, self.client.connect()):
                            log.info("stopping")
            finally:
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self.client.close(), GOODBYE.total_seconds())

    async def _sweep(self) -> None:
        while True:
            gone = await asyncio.to_thread(self.hosting.sweep, self.clock())
            if gone:
                log.info("old files deleted", files=gone)
            await asyncio.sleep(SWEEP_EVERY.total_seconds())


async def _unless(stop: asyncio.Event, work: Coroutine[None, None, None]) -> bool:
    """Do the work, unless `stop` comes first: then it is cancelled. Return whether it was done."""
    working, stopping = asyncio.create_task(work), asyncio.create_task(stop.wait())
    done, pending = await asyncio.wait({working, stopping}, return_when=asyncio.FIRST_COMPLETED)
    for task in pending:
        task.cancel()
    await asyncio.gather(*pending, return_exceptions=True)
    if working in done:
        working.result()
    return working in done


async def sync(settings: Settings) -> int:
    """Register the commands with Discord; return how many. The bot may be running meanwhile."""
    point_at(settings.discord_api_url, settings.discord_gateway_url)
    nobody = cast("Generations", None)  # registering commands calls none of them
    client = _client(settings, nobody, Signer(b""))
    async with client:
        await client.login(settings_.require_token(settings))
        return len(await client.tree.sync())


async def with_discord(work: Coroutine[None, None, T]) -> T:
    """Do work that needs Discord. What keeps Discord from being had is told in one sentence, without secrets.

    Raises `SettingsError` where trying again changes nothing, and else `DiscordUnreachable`.
    """
    try:
        return await work
    except discord.LoginFailure:
        remedy = "reset it in the developer portal, page Bot, and set the new one"
        raise SettingsError(f"DISCORD_TOKEN: Discord doesn't accept it; {remedy}") from None
    except (discord.ConnectionClosed, discord.PrivilegedIntentsRequired) as closed:
        code = getattr(closed, "code", 4014)
        if code in REFUSED_BY_THE_GATEWAY:
            line = f"Discord's gateway refuses the bot (code {code}); look at it in the developer portal"
            raise SettingsError(line) from None
        raise DiscordUnreachable(f"Discord's gateway closed the connection (code {code}).") from None
    except discord.app_commands.AppCommandError:
        raise
    except discord.HTTPException as error:
        raise DiscordUnreachable(f"Discord answered {error.status}; try again later.") from None
    except (discord.DiscordException, aiohttp.ClientError, OSError, TimeoutError) as error:
        raise DiscordUnreachable(f"Discord can't be reached ({type(error).__name__}).") from None
    except AttributeError as error:
        if error.name != "sequence":  # discord.py 2.7 trips over it when its first connection fails
            raise
        raise DiscordUnreachable("Discord's gateway can't be reached.") from None


@asynccontextmanager
async def open_app(
    settings: Settings,
    *,
    clock: Callable[[], datetime] = utc_now,
    randomness: random.Random | None = None,
) -> AsyncIterator[App]:
    """Build everything in order and take it down in reverse. Raises `SettingsError` or `StoreError`."""
    key = settings_.secret_key(settings)
    hosting = Hosting(settings.data_dir, settings.public_url, Signer(key), settings.keep_films)
    hosting.prepare()
    async with AsyncExitStack() as stack:
        store = await open_store(_secret(settings.database_url), settings.data_dir)
        stack.push_async_callback(store.close)
        prober = Prober()
        stack.push_async_callback(prober.close)
        providers = _providers(settings)
        for provider in providers.values():
            stack.push_async_callback(provider.close)
        yield _assembled(
            settings,
            hosting=hosting,
            store=store,
            prober=prober,
            providers=providers,
            clock=clock,
            chance=randomness or random.SystemRandom(),
        )


def _assembled(
    settings: Settings,
    *,
    hosting: Hosting,
    store: Store,
    prober: Prober,
    providers: dict[str, Provider],
    clock: Callable[[], datetime],
    chance: random.Random,
) -> App:
    """Put together what needs no taking down."""
    metrics, nudged, health = Metrics(), asyncio.Event(), Health(clock)
    router = Router(tuple(providers.values()), health.healthy)
    price = partial(prices.price, overrides=settings.prices)
    allowed = limits(settings)
    generations = Generations(
        store=store,
        router=router,
        price=price,
        capabilities=[model for each in providers.values() for model in each.capabilities.values()],
        prober=prober,
        hosting=hosting,
        limits=allowed,
        clock=clock,
        random=chance,
        nudge=nudged.set,
    )
    client = _client(settings, generations, hosting.signer)
    context = Context(
        store=store,
        providers=providers,
        router=router,
        health=health,
        price=price,
        credits_limited=allowed.on_credits,
        delivery=Delivery(client, hosting=hosting, fit=_fitting(prober), upload_limit=settings.upload_limit),
        downloader=Downloader(trusted_hosts=settings.trusted_hosts),
        prober=prober,
        hosting=hosting,
        bounds=Bounds(settings.poll_min, settings.poll_max),
        queue_max=settings.queue_max,
        clock=clock,
        random=chance,
        metrics=metrics,
    )
    tracker = Tracker(context, nudged)
    return App(
        settings=settings,
        client=client,
        store=store,
        generations=generations,
        tracker=tracker,
        hosting=hosting,
        metrics=metrics,
        providers=providers,
        public=_public(settings, context, tracker),
        admin=_admin(settings, store, metrics, tracker, client),
        clock=clock,
    )


def _client(settings: Settings, generations: Generations, signer: Signer) -> Matinee:
    return Matinee(
        generations=generations,
        signer=signer,
        reference=lambda: secrets.token_hex(3),
        trusted_hosts=settings.trusted_hosts,
    )


def _fitting(prober: Prober) -> Callable[[Path, Path, int], Awaitable[object]]:
    """Return what makes a film smaller: one at a time, since it takes a whole processor."""
    turn = asyncio.Semaphore(1)

    async def shrink(source: Path, target: Path, budget: int) -> object:
        async with turn:
            return await fit(source, target, budget=budget, film=await prober.probe(source))

    return shrink


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


def _admin(settings: Settings, store: Store, metrics: Metrics, tracker: Tracker, client: Matinee) -> Listener:
    """Return what the operator's machines ask."""

    async def count() -> None:
        metrics.standing({status.value: number for status, number in (await store.counts()).items()})

    async def ready() -> list[str]:
        reasons = [] if tracker.running else ["the tracker doesn't run"]
        if not client.admitted:
            reasons.append("Discord's gateway has not let us in yet")
        try:
            await count()
        except StoreError:
            reasons.append("the database doesn't answer")
        return reasons

    return Listener(admin_app(ready, count, metrics), settings.admin_listen, variable="ADMIN_LISTEN")


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
    )


def _limit(videos: int | None, seconds: int | None, credit: Decimal | None = None) -> Limit:
    return Limit(videos, seconds, None if credit is None else int(credit * MICRO))
