"""The house's public listener on a real store, entered by the bytes of a connection without a socket."""

from __future__ import annotations

import asyncio
import logging
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from structlog.testing import capture_logs

from bot.app.doors import public
from bot.hosting import Hosting
from bot.log import QUIET
from bot.metrics import Metrics
from bot.providers import create
from bot.signatures import Signer
from tests.bot.store.examples import NOON, generation
from tests.databases import here
from tests.faults.forgeries import PROVIDERS

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from bot.listener import Listener
    from bot.models import Generation
    from bot.store import Store
    from bot.store.statements import Engine

ROUNDS = 60
"""Turns of the loop within which a refusal has been made; nothing in it waits for anything."""
PATIENCE = 2.0
NEEDED = ("store", "clock", "hosting", "metrics", "providers")
"""What the listener takes of everything that the tracker has."""
BAD_LEVELS = {"error", "critical"}


class Wire(asyncio.Transport):
    """One connection's other side: it keeps what is said, and whether the line was cut."""

    def __init__(self, address: str) -> None:
        super().__init__({"peername": (address, 40_000)})
        self.said = bytearray()
        self.cut = False
        self.answered = asyncio.Event()

    def write(self, data: Any) -> None:
        """Keep what is said."""
        self.said += data
        self.answered.set()

    def writelines(self, list_of_data: Any) -> None:
        """Keep all that is said."""
        self.write(b"".join(list_of_data))

    def close(self) -> None:
        """Cut the line."""
        self.cut = True
        self.answered.set()

    abort = close

    def is_closing(self) -> bool:
        """Say whether the line was cut."""
        return self.cut

    def can_write_eof(self) -> bool:
        """Say that it can be cut only as a whole."""
        return False

    def pause_reading(self) -> None:
        """Do nothing: whoever sends has sent all."""

    def resume_reading(self) -> None:
        """Do nothing here either."""

    def is_reading(self) -> bool:
        """Say whether the line is there."""
        return not self.cut

    def get_write_buffer_size(self) -> int:
        """Say that all was taken."""
        return 0

    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None:
        """Take at once what is said, whatever the marks."""

    @property
    def statuses(self) -> list[int]:
        """The status of each answer, without those that only ask for the body."""
        parts = bytes(self.said).split(b"HTTP/1.")[1:]
        return [status for part in parts if (status := int(part.split()[1])) >= 200]


class _Errors(logging.Handler):
    def __init__(self, into: list[str]) -> None:
        super().__init__(logging.ERROR)
        self._into = into

    def emit(self, record: logging.LogRecord) -> None:
        self._into.append(record.getMessage())


class Counting:
    """A real engine that counts how often it is asked for anything."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self.calls = 0

    async def read(self, statement: Any, parameters: Any) -> Any:
        """Count, and read."""
        self.calls += 1
        return await self._engine.read(statement, parameters)

    async def write(self, steps: Any) -> Any:
        """Count, and write."""
        self.calls += 1
        return await self._engine.write(steps)

    async def ping(self) -> None:
        """Ask whether it is there."""
        await self._engine.ping()

    async def close(self) -> None:
        """Let go."""
        await self._engine.close()


class Doorstep:
    """Where strangers knock, and what came of it."""

    listener: Listener

    def __init__(self, store: Store, ids: list[str], signer: Signer) -> None:
        self.signer = signer
        self.ids = ids
        self.nudges = 0
        self.errors: list[str] = []
        self.engine = Counting(store.engine)
        """What is asked of the database from this side of the door."""
        self._store = store

    @asynccontextmanager
    async def opened(self, context: Any) -> AsyncIterator[None]:
        """Serve the house's own application around what the tracker has."""
        counted = replace(self._store, engine=self.engine)
        seen = SimpleNamespace(**{**{name: getattr(context, name) for name in NEEDED}, "store": counted})
        seen.settings = SimpleNamespace(listen="127.0.0.1:0")
        self.listener = public(seen, self.nudge)  # type: ignore[arg-type]
        await self.listener.start()
        try:
            yield
        finally:
            await self.listener.stop()

    def nudge(self) -> None:
        """Count the times that the tracker is told of something."""
        self.nudges += 1

    async def rows(self) -> list[Generation]:
        """Return all generations."""
        return [row for each in self.ids if (row := await self._store.get(each)) is not None]

    async def knock(self, data: bytes, address: str, *, waits: bool = False, pieces: int = 1) -> list[int]:
        """Send bytes, take what is answered, hang up; return the answers' statuses."""
        return (await self.wired(data, address, waits=waits, pieces=pieces)).statuses

    async def wired(self, data: bytes, address: str, *, waits: bool = True, pieces: int = 1) -> Wire:
        """Send bytes, take what is answered, hang up; return the line with all that was said on it."""
        wire, door = Wire(address), self.listener.let_in()
        assert isinstance(door, asyncio.Protocol)
        door.connection_made(wire)
        step = -(-len(data) // pieces) or 1
        for at in range(0, len(data), step):
            if wire.cut:
                break
            door.data_received(data[at : at + step])
            await asyncio.sleep(0)
        if waits:
            try:
                async with asyncio.timeout(PATIENCE):
                    while not wire.statuses and not wire.cut:
                        wire.answered.clear()
                        await wire.answered.wait()
            except TimeoutError:
                pass  # it waits for more of the body, which never comes
        for _ in range(ROUNDS):
            if wire.cut:
                break
            await asyncio.sleep(0)
        door.connection_lost(None)
        await asyncio.sleep(0)
        return wire

    async def quiet(self) -> None:
        """Wait until nobody is dealt with any more, as long as one may be."""
        if others := under_way():
            await asyncio.wait(others, timeout=PATIENCE)


def under_way() -> set[asyncio.Task[Any]]:
    """Return what else is being done; PostgreSQL's engine always has something to look after."""
    others = asyncio.all_tasks() - {asyncio.current_task()}
    return {task for task in others if task.get_name() not in {"clock", "wakeups"}}


@asynccontextmanager
async def doorstep(folder: Path) -> AsyncIterator[Doorstep]:
    """Open the house's own listener on a real store with a few generations, and note every error."""
    store = await here().open(folder)
    ids = [(await store.start(generation(number), [])).id for number in range(1, 6)]
    providers = {name: create(name, api_key="k" * 40) for name in PROVIDERS}
    hosting = Hosting(folder, "https://bot.example", Signer(b"a secret for tests"), timedelta(days=30))
    hosting.prepare()
    context: Any = SimpleNamespace(
        store=store, clock=lambda: NOON, hosting=hosting, metrics=Metrics(), providers=providers
    )
    it = Doorstep(store, ids, hosting.signer)
    watcher, root = _Errors(it.errors), logging.getLogger()
    levels = {name: logging.getLogger(name).level for name in QUIET}
    for name, level in QUIET.items():
        logging.getLogger(name).setLevel(level)  # a level that is only written keeps what was asked before
    asyncio.get_running_loop().set_exception_handler(lambda _, told: it.errors.append(str(told)))
    root.addHandler(watcher)
    try:
        async with it.opened(context):
            with capture_logs() as lines:
                yield it
        it.errors += [str(line) for line in lines if line["log_level"] in BAD_LEVELS]
    finally:
        for name, level in levels.items():
            logging.getLogger(name).setLevel(level)
        root.removeHandler(watcher)
        for provider in providers.values():
            await provider.close()
        await store.close()
