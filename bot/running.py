"""The whole bot, built: it listens, tracks, connects to Discord, and ends in the reverse order."""

from __future__ import annotations

import asyncio
import contextlib
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, TypeVar

import aiohttp
import discord
import structlog
from discord.ext import commands

from bot import settings as settings_
from bot.client import point_at
from bot.errors import DiscordUnreachable, FilesUnavailable, SettingsError, StoreError
from bot.hosting import sweep_here
from bot.roles import EVERYTHING, Duty
from bot.store.purging import Purging
from bot.tracker.supervision import supervised
from bot.tracker.watchdog import watched

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Coroutine
    from datetime import datetime

    from bot.client import Matinee
    from bot.generations import Generations
    from bot.hosting import Hosting
    from bot.house import House
    from bot.listener import Listener
    from bot.metrics import Metrics
    from bot.providers.interface import Provider
    from bot.settings import Settings
    from bot.store import Store
    from bot.tracker import Tracker

STEPS_GRACE = timedelta(seconds=3)
"""What steps in progress get to finish at the end; Docker's own patience is 10 s, ours 8."""
GOODBYE = timedelta(seconds=1.5)
"""What the gateway gets to close."""
SWEEP_EVERY = timedelta(hours=1)
REFUSED_BY_THE_GATEWAY = frozenset({4004, 4010, 4011, 4012, 4013, 4014})
"""Close codes after which Discord says not to reconnect (topics/opcodes-and-status-codes)."""
REST = timedelta(minutes=2)
"""A bot that Discord's gateway refuses ends only after this: started again at once, for ever, it would use
up its 1,000 IDENTIFYs a day, and Discord then resets its token (topics/gateway, "Session Start Limit").
"""
T = TypeVar("T")
log = structlog.get_logger("matinee.app")


@dataclass(frozen=True)
class App:
    """Everything, built and connected, not yet running."""

    settings: Settings
    client: Matinee
    store: Store
    house: House
    tracker: Tracker
    hosting: Hosting
    metrics: Metrics
    providers: dict[str, Provider]
    public: Listener
    admin: Listener
    clock: Callable[[], datetime]
    duty: Duty = EVERYTHING

    @property
    def generations(self) -> Generations:
        """What makes films."""
        return self.house.generations

    @property
    def callback_address(self) -> str:
        """Return where callbacks, members' files and films are served."""
        return self.public.address

    @asynccontextmanager
    async def listening(self) -> AsyncIterator[None]:
        """Serve health and metrics, and where that is its duty callbacks and files."""
        async with _listening(*([self.public] if self.duty.receives else []), self.admin):
            yield

    @asynccontextmanager
    async def tracking(self) -> AsyncIterator[asyncio.Future[Any]]:
        """Run the tracker and the hourly sweep; at the end take nothing new and let steps finish.

        What is yielded raises `KeepsFailing` as soon as one of them can't go on.
        """
        tracking = asyncio.create_task(supervised("tracker", self.tracker.run), name="tracker")
        sweeping = asyncio.create_task(supervised("sweep", self._sweep), name="sweep")
        both = asyncio.gather(tracking, sweeping)
        both.add_done_callback(lambda it: it.cancelled() or it.exception())  # at the end nobody waits for it
        try:
            yield both
        finally:
            self.generations.stop_taking()
            sweeping.cancel()
            if not self.tracker.running:  # it waits to be begun again, or is over
                tracking.cancel()
            await self.tracker.stop(STEPS_GRACE)
            await asyncio.gather(tracking, sweeping, return_exceptions=True)

    @asynccontextmanager
    async def _doing(self) -> AsyncIterator[asyncio.Future[Any] | None]:
        """Do what moves by itself, where that is its duty; at the end take no more commands."""
        async with AsyncExitStack() as stack:
            stack.callback(self.generations.stop_taking)
            if self.duty.tracks:
                yield await stack.enter_async_context(self.tracking())
            else:
                await stack.enter_async_context(tidied(self.hosting, self.clock))
                yield None

    @asynccontextmanager
    async def serving(self) -> AsyncIterator[None]:
        """Listen and track, with a client that whoever calls this has logged in."""
        async with self.listening(), self.tracking():
            yield

    async def run(self, stop: asyncio.Event) -> None:
        """Connect to Discord and serve until `stop`. Raises what discord.py raises when it can't.

        Where a new start would do harm at once, it raises it later.
        """
        try:
            await self._run(stop)
        except discord.DiscordException as error:
            rest = REST if _refused(error) else self.client.ban.left
            if rest:
                log.error("Discord refuses the bot, which ends soon", seconds=rest.seconds)  # noqa: TRY400
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(stop.wait(), rest.total_seconds())
            raise

    async def _run(self, stop: asyncio.Event) -> None:
        point_at(self.settings.discord_api_url, self.settings.discord_gateway_url)
        async with self.listening():
            try:
                if await _unless(stop, self.client.login(settings_.require_token(self.settings))):
                    async with self._doing() as loops, watched():
                        log.info(
                            "serving",
                            role=self.duty.name,
                            **({"shards": str(self.duty.shards)} if self.duty.shards else {}),
                            **({"callbacks": self.public.address} if self.duty.receives else {}),
                            admin=self.admin.address,
                            public_url=self.hosting.public_url,
                            providers=list(self.providers),
                        )
                        work = self.client.connect() if self.duty.connects else asyncio.Event().wait()
                        if not await _unless(stop, work, loops):
                            log.info("stopping")
            finally:
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self.client.close(), GOODBYE.total_seconds())

    async def _sweep(self) -> None:
        while True:
            try:
                gone = await self.hosting.sweep(self.clock())
                if gone:
                    log.info("old files deleted", files=gone)
            except (FilesUnavailable, OSError) as error:
                log.warning("old files not deleted", error=type(error).__name__)
            try:
                await self.house.ordering.sweep(self.clock())
                await self.store.engine.scrub()
            except StoreError as error:
                log.warning("old orders not deleted", error=str(error))
            try:
                await self._purge()
            except StoreError as error:
                log.warning("old history not deleted", error=str(error))
            await asyncio.sleep(SWEEP_EVERY.total_seconds())

    async def _purge(self) -> None:
        if self.settings.keep_history is None:
            return
        gone = await Purging(self.store.engine).purge(self.clock() - self.settings.keep_history)
        if gone:
            log.info("old history deleted", rows=gone)


@dataclass(frozen=True)
class Doorway:
    """What takes callbacks and serves files for others: it knows neither Discord nor a provider's key."""

    public: Listener
    admin: Listener
    hosting: Hosting
    clock: Callable[[], datetime]
    duty: Duty

    async def run(self, stop: asyncio.Event) -> None:
        """Serve until `stop`."""
        async with _listening(self.public, self.admin), tidied(self.hosting, self.clock), watched():
            log.info(
                "serving",
                role=self.duty.name,
                callbacks=self.public.address,
                admin=self.admin.address,
                public_url=self.hosting.public_url,
            )
            await stop.wait()
            log.info("stopping")


@asynccontextmanager
async def _listening(*listeners: Listener) -> AsyncIterator[None]:
    """Listen meanwhile. Raises `SettingsError` where an address can't be had."""
    async with AsyncExitStack() as stack:
        for listener in listeners:
            await listener.start()
            stack.push_async_callback(listener.stop)
        yield


@asynccontextmanager
async def tidied(hosting: Hosting, clock: Callable[[], datetime]) -> AsyncIterator[None]:
    """Delete copies that rest here, of files that are kept for all machines; who tracks does so anyway."""

    async def tidy() -> None:
        while True:
            try:
                await asyncio.to_thread(sweep_here, hosting, clock())
            except OSError as error:
                log.warning("old files not deleted", error=type(error).__name__)
            await asyncio.sleep(SWEEP_EVERY.total_seconds())

    async with AsyncExitStack() as stack:
        if hosting.files.shared:
            tidying = asyncio.create_task(tidy(), name="sweep")
            stack.push_async_callback(asyncio.wait, {tidying})
            stack.callback(tidying.cancel)
        yield


async def _unless(
    stop: asyncio.Event,
    work: Coroutine[Any, Any, object],
    besides: asyncio.Future[Any] | None = None,
) -> bool:
    """Do the work, unless `stop` comes first: then it is cancelled. Return whether it was done.

    What goes wrong `besides` ends the work, too, and is raised.
    """
    working, stopping = asyncio.create_task(work), asyncio.create_task(stop.wait())
    some: set[asyncio.Future[Any]] = {working, stopping}
    if besides is not None:
        some.add(besides)
    done, _ = await asyncio.wait(some, return_when=asyncio.FIRST_COMPLETED)
    pending = [task for task in (working, stopping) if task not in done]
    for task in pending:
        task.cancel()
    await asyncio.gather(*pending, return_exceptions=True)
    if besides is not None and besides.done():
        besides.result()
    if working in done:
        working.result()
    return working in done


def _refused(error: Exception) -> int | None:
    """Return the code with which Discord's gateway doesn't let us in, now or later; None: it isn't that."""
    if isinstance(error, discord.PrivilegedIntentsRequired):
        return 4014
    code = error.code if isinstance(error, discord.ConnectionClosed) else None
    return code if code in REFUSED_BY_THE_GATEWAY else None


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
        code = _refused(closed)
        if code is not None:
            line = f"Discord's gateway refuses the bot (code {code}); look at it in the developer portal"
            raise SettingsError(line) from None
        code = getattr(closed, "code", 0)
        raise DiscordUnreachable(f"Discord's gateway closed the connection (code {code}).") from None
    except (discord.app_commands.AppCommandError, commands.ExtensionError):
        raise
    except discord.HTTPException as error:
        if error.status == HTTPStatus.NOT_FOUND and not discord.http.Route.BASE.endswith("/api/v10"):
            raise SettingsError("DISCORD_API_URL: Discord isn't there; it must end in /api/v10") from None
        raise DiscordUnreachable(f"Discord answered {error.status}; try again later.") from None
    except (discord.DiscordException, aiohttp.ClientError, OSError, TimeoutError) as error:
        raise DiscordUnreachable(f"Discord can't be reached ({type(error).__name__}).") from None
    except AttributeError as error:
        if error.name != "sequence":  # discord.py 2.7 trips over it when its first connection fails
            raise
        raise DiscordUnreachable("Discord's gateway can't be reached.") from None
