"""Running the bot: pause and resume, on a server or everywhere, and drain it before it is stopped."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Self

from bot import __version__
from bot.administration.queue import Queue
from bot.administration.status import Status
from bot.errors import RequestRefused
from bot.store.overview import Overview
from bot.store.switches import ALL, DRAIN

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping
    from datetime import datetime

    from bot.admission import Admission
    from bot.generations import Generations
    from bot.hosting import Hosting
    from bot.metrics import Metrics
    from bot.providers.health import Health
    from bot.providers.interface import Provider
    from bot.servers import Deed, ServerRules
    from bot.store import Store
    from bot.store.switches import Switched, Switches


@dataclass(frozen=True, slots=True)
class Operations:
    """What operators turn off for the whole bot, and where everything stands."""

    switches: Switches
    overview: Overview
    names: tuple[str, ...]
    """The providers that there are."""
    queue: Queue
    status: Status
    nudge: Callable[[], None]

    @classmethod
    def over(
        cls,
        store: Store,
        *,
        admission: Admission,
        generations: Generations,
        providers: Mapping[str, Provider],
        health: Health,
        metrics: Metrics,
        hosting: Hosting,
        clock: Callable[[], datetime],
        nudge: Callable[[], None],
        database: str,
        watched: bool = True,
    ) -> Self:
        """Put it together. `watched` is as in `Status`."""
        overview = Overview(store.engine)
        return cls(
            switches=admission.switches,
            overview=overview,
            names=tuple(providers),
            queue=Queue(overview, store, generations, clock, nudge),
            status=Status(
                store,
                overview,
                admission,
                providers,
                health,
                metrics,
                hosting,
                clock,
                database,
                __version__,
                watched=watched,
            ),
            nudge=nudge,
        )

    async def pause(self, provider: str | None, *, by: int, deed: Deed | None = None) -> Switched:
        """Turn a provider off, or everything. Raises `RequestRefused` for one that there isn't."""
        check(provider, self.names)
        await self.switches.turn_off(provider or ALL, by=by, deed=deed)
        self.nudge()
        return await self.switches.now()

    async def resume(self, provider: str | None, deed: Deed | None = None) -> Switched:
        """Turn a provider on again; without one everything, and end a drain. Raises `RequestRefused`.

        One that is turned off in the settings meanwhile can still be turned on.
        """
        check(provider, {*self.names, *(await self.switches.now()).providers})
        await self.switches.turn_on(provider, deed=deed)
        self.nudge()
        return await self.switches.now()

    async def drain(self, *, by: int, deed: Deed | None = None) -> int:
        """Take nothing new and finish what is begun; return how much is left."""
        await self.switches.turn_off(DRAIN, by=by, deed=deed)
        self.nudge()
        return await self.overview.left()


def check(provider: str | None, names: Collection[str]) -> None:
    """Refuse the name of a provider that there isn't."""
    if provider is not None and provider not in names:
        raise RequestRefused("not_here", option="provider", value=provider, allowed=tuple(sorted(names)))


def pausing(rules: ServerRules, provider: str | None) -> ServerRules:
    """Change a server's rules so that nothing new is made there, or nothing with a provider."""
    if provider is None:
        return replace(rules, paused=True)
    return replace(rules, paused_providers=tuple(dict.fromkeys([*rules.paused_providers, provider])))


def resuming(rules: ServerRules, provider: str | None) -> ServerRules:
    """Change a server's rules back, for a provider, or for everything."""
    if provider is None:
        return replace(rules, paused=False, paused_providers=())
    return replace(rules, paused_providers=tuple(name for name in rules.paused_providers if name != provider))
