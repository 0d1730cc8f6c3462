"""Fixtures: a Discord on the wire, stand-ins of the providers, and the bot between them."""

from __future__ import annotations

from contextlib import AsyncExitStack
from typing import TYPE_CHECKING, Any

import pytest

from bot.demo.stand_ins import StandIns

from .house import PROVIDERS, House, key_of, settings
from .process import Program
from .wire import WireDiscord

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable
    from pathlib import Path

    Opens = Callable[..., Awaitable[House]]


@pytest.fixture(scope="session")
def synced() -> list[dict[str, Any]]:
    """Keep the commands as `sync` registered them, so that one test process runs it once."""
    return []


@pytest.fixture
async def house(
    tmp_path: Path, synced: list[dict[str, Any]], request: pytest.FixtureRequest
) -> AsyncIterator[Opens]:
    """Open a house by its providers and further settings; its bot serves, unless `start` says otherwise."""
    opened: list[House] = []
    async with AsyncExitStack() as stack:

        async def opens(*providers: str, start: bool = True, pace: float = 2.0, **more: str) -> House:
            wire = await stack.enter_async_context(WireDiscord())
            stand_ins = await stack.enter_async_context(
                StandIns(keys={n: key_of(n) for n in PROVIDERS}, pace=pace)
            )
            environment = settings(wire, stand_ins, tmp_path, providers or PROVIDERS) | more
            bot = Program(
                tmp_path,
                environment,
                "-m",
                "bot",
                "run",
                ready=f"http://{environment['ADMIN_LISTEN']}/readyz",
            )
            place = House(wire, stand_ins, await stack.enter_async_context(bot), tmp_path)
            opened.append(place)
            if start:
                await register(place, synced)
                await bot.start()
            return place

        yield opens
        gaps = [gap for place in opened for gap in place.wire.rest.gaps]
        failed = getattr(request.node, "failed", False)
        for place in opened:
            if failed or gaps:
                print(place.evidence())  # noqa: T201  pytest shows it with the failure
    assert gaps == []


async def register(place: House, synced: list[dict[str, Any]]) -> None:
    """Run `sync` once, and give later Discords what it registered."""
    if synced:
        place.wire.backend.register_commands(None, synced)
        return
    sync = Program(place.directory / "sync", place.bot.settings, "-m", "bot", "sync")
    assert await sync.run() == 0, sync.tail
    kept = ("id", "application_id")
    synced += [
        {name: value for name, value in command.items() if name not in kept}
        for command in place.wire.backend.commands[None].values()
    ]


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Any:
    """Let fixtures know that their test failed."""
    outcome = yield
    if outcome.get_result().failed:
        item.failed = True  # type: ignore[attr-defined]
