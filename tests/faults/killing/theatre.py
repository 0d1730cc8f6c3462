"""Where evenings are played: opens a Discord, the providers and a nursery of bots, and closes them."""

from __future__ import annotations

from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, Self

from bot.demo.film import FilmOrder, draw
from bot.demo.stand_ins import StandIns
from tests.e2e.house import PROVIDERS, key_of, settings
from tests.e2e.member import Member
from tests.e2e.wire import WireDiscord
from tests.faults.killing.books import Database
from tests.faults.killing.evening import Evening
from tests.faults.killing.nursery import Nurse, Nursery

if TYPE_CHECKING:
    from pathlib import Path

    from bot.demo.stand_ins.records import ProviderName

OPEN_HOUSE = {
    "DAILY_VIDEOS": "",
    "DAILY_SECONDS": "",
    "CONCURRENT": "50",
    "POLL_MIN": "0.3s",
    "POLL_MAX": "1s",
    **{f"{name.upper()}_CONCURRENCY": "50" for name in PROVIDERS},
}
"""Nobody has to wait for a place: what is unclear keeps its own."""


@dataclass
class Props:
    """What all evenings share."""

    commands: list[dict[str, Any]] = field(default_factory=list)
    """As `sync` registered them."""

    nurse: Nurse = field(default_factory=Nurse)

    @cached_property
    def film(self) -> bytes:
        """A film that is quick to look into."""
        return draw(FilmOrder(prompt="a boat", width=160, height=96, seconds=1))


class Theatre:
    """Opens evenings, and closes them."""

    def __init__(self, directory: Path, props: Props) -> None:
        self._directory = directory
        self._props = props
        self._stack = AsyncExitStack()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._stack.aclose()

    async def evening(
        self, name: str, address: str | None, *providers: ProviderName, pace: Any = (0.1, 1.0), **more: str
    ) -> Evening:
        """Open one. `address`: of a PostgreSQL without rows; None: SQLite in its directory."""
        wire = await self._stack.enter_async_context(WireDiscord())
        stand_ins = await self._stack.enter_async_context(
            StandIns(keys={n: key_of(n) for n in PROVIDERS}, pace=pace, film=self._drawn, seed=0)
        )
        directory = self._directory / name
        nursery = await self._stack.enter_async_context(Nursery(directory, self._props.nurse))
        environment = settings(wire, stand_ins, directory, providers or PROVIDERS) | OPEN_HOUSE
        if address is not None:
            environment["DATABASE_URL"] = address
        evening = Evening(
            wire=wire,
            stand_ins=stand_ins,
            nursery=nursery,
            database=Database(directory / "data" / "matinee.db", address),
            settings=environment | more,
            directory=directory,
            members=[Member(wire, who) for who in ("Ada", "Bo", "Cy")],
            name=name,
        )
        await self._register(evening)
        return evening

    async def _drawn(self, _: FilmOrder) -> bytes:
        return self._props.film

    async def _register(self, evening: Evening) -> None:
        """Let `sync` register the commands once, and tell later Discords."""
        commands = self._props.commands
        if commands:
            evening.wire.backend.register_commands(None, commands)
            return
        life = await evening.nursery.begin(evening.settings, "sync")
        assert await life.end(within=60) == 0, evening.nursery.tail
        known = ("id", "application_id")
        for one in evening.wire.backend.commands[None].values():
            commands.append({name: value for name, value in one.items() if name not in known})
