"""How the bot stands: for a server's admins what concerns them, for operators all of it."""

from __future__ import annotations

import asyncio
import shutil
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING

import structlog

from bot.errors import ProviderError, StoreError
from bot.messages.status import Balance, OfBot, OfServer, ProviderFigures, ProviderState

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime
    from pathlib import Path

    from bot.admission import Admission
    from bot.hosting import Hosting
    from bot.metrics import Metrics
    from bot.providers.health import Health
    from bot.providers.interface import Provider
    from bot.store import Store
    from bot.store.overview import Overview

PATIENCE = timedelta(seconds=3)
"""How long a provider may take to tell its balance, and the database to take a write."""
BALANCE_LIFE = timedelta(minutes=1)
log = structlog.get_logger("matinee.status")


@dataclass(frozen=True, slots=True)
class Status:
    """Gathers what is so just now. Raises `StoreUnavailable` where the database can't be read."""

    store: Store
    overview: Overview
    admission: Admission
    providers: Mapping[str, Provider]
    health: Health
    metrics: Metrics
    hosting: Hosting
    clock: Callable[[], datetime]
    database: str
    """What it is called."""
    version: str
    watched: bool = True
    """Whether this process deals with the providers; else nobody tells it how they are."""
    _balances: dict[str, tuple[datetime, Balance]] = field(default_factory=dict)

    async def of_server(self, guild_id: int) -> OfServer:
        """Return what concerns a server, without any figure of another's."""
        switched = await self.admission.switches.now()
        rules = await self.admission.rules(guild_id)
        tasks = await self.overview.at_providers(guild_id)
        return OfServer(
            providers=tuple(
                ProviderState(
                    name=name,
                    paused=switched.pauses(name),
                    paused_here=rules.paused or name in rules.paused_providers,
                    healthy=self.health.healthy(name),
                    rests_until=self.health.paused_until(name),
                    tasks=tasks.get(name, 0),
                )
                for name in self.providers
            ),
            backlog=await self.overview.backlog(guild_id),
            everything_paused=switched.everything,
            paused_here=rules.paused,
            draining=switched.draining,
            watched=self.watched,
        )

    async def of_bot(self) -> OfBot:
        """Return everything, for operators: providers are asked for their balance, within seconds."""
        balances = await asyncio.gather(*map(self._balance, self.providers.values()))
        figures = {}
        for (name, provider), balance in zip(self.providers.items(), balances, strict=True):
            taken = await self.store.at_provider(name)
            called = self.metrics.last_callback(name)
            figures[name] = ProviderFigures(taken, provider.concurrency, balance, called)
        free, kept = await asyncio.to_thread(self._disk)
        return OfBot(
            providers=figures,
            backlog=await self.overview.backlog(None),
            free=free,
            kept=kept,
            database=self.database,
            writable=await self._is_writable(),
            public=self.hosting.public_url is not None,
        )

    async def _balance(self, provider: Provider) -> Balance:
        now = self.clock()
        at, known = self._balances.get(provider.name, (None, Balance()))
        if at is not None and timedelta() <= now - at < BALANCE_LIFE:
            return known
        try:
            async with asyncio.timeout(PATIENCE.total_seconds()):
                told = Balance(await provider.balance())
        except (ProviderError, TimeoutError) as error:
            log.info("balance not told", provider=provider.name, error=type(error).__name__)
            told = Balance(failed=True)
        self._balances[provider.name] = (now, told)
        return told

    async def _is_writable(self) -> bool:
        try:
            async with asyncio.timeout(PATIENCE.total_seconds()):
                await self.store.ping()
        except (StoreError, TimeoutError) as error:
            log.warning("the database takes no write", error=str(error))
            return False
        return True

    def _disk(self) -> tuple[int, int]:
        folders = (self.hosting.media_dir, self.hosting.films_dir)
        return shutil.disk_usage(self.hosting.data_dir).free, sum(map(_size, folders))


def _size(folder: Path) -> int:
    """Return the bytes of the files in a folder; what is deleted meanwhile has none."""
    total = 0
    for each in folder.iterdir():
        try:
            total += each.stat().st_size
        except OSError:
            continue
    return total
