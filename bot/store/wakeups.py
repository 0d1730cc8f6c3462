"""How processes on one PostgreSQL tell each other that something is due: a hint, with polling beneath.

NOTIFY takes a lock of the whole database at commit, so it is never part of a transition: it follows one,
on a connection of its own, and whatever was to be said meanwhile is said once. It doesn't wait for the disk,
since it is worth nothing after a crash.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

import asyncpg
import structlog

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from bot.store.statements import Primitive, Row

CHANNEL: Final = "matinee_due"
SAY: Final = f"BEGIN; SET LOCAL synchronous_commit = off; NOTIFY {CHANNEL}; COMMIT"
PATIENCE: Final = 10.0
"""Seconds for one word."""
SPACING: Final = 0.005
"""Seconds between two words: a burst of transitions is one."""
LONGEST_WAIT: Final = 5.0
"""Seconds until a lost connection is tried again, at most."""
SILENCE: Final = 60.0
"""Seconds after which a silent connection is looked at: a cable that was pulled says nothing."""
log = structlog.get_logger("matinee.store")


class Wakeups:
    """Says that something is due, and hears it from others. Nothing is connected before either is wanted."""

    def __init__(self, connect: Callable[[], Awaitable[asyncpg.Connection]]) -> None:
        self._connect = connect
        self._heard: Callable[[], None] | None = None
        self._unsaid = False
        self._stir = asyncio.Event()
        self._line: asyncpg.Connection | None = None
        self._turn = asyncio.Lock()
        """Held by whoever speaks on the line: one at a time."""
        self._keeping: asyncio.Task[None] | None = None
        self._closed = False

    def say(self) -> None:
        """Tell every other process, soon; never fails."""
        self._unsaid = True
        self._go_on()

    def listen(self, heard: Callable[[], None]) -> None:
        """Call `heard` from now on for each word of another process, and when one may have been missed."""
        self._heard = heard
        self._go_on()

    def _go_on(self) -> None:
        self._stir.set()
        if self._keeping is None and not self._closed:
            self._keeping = asyncio.create_task(self._keep(), name="wakeups")

    async def _keep(self) -> None:
        """Hold the connection, and open it anew whenever it is lost."""
        misses = 0
        while True:
            try:
                connection = await self._connect()
                misses = 0
                try:
                    self._line = connection
                    await self._talk(connection)
                finally:
                    self._line = None
                    connection.terminate()
            except Exception as error:  # noqa: BLE001 - whatever it is, polling goes on meanwhile
                log.info("no word from other processes", error=type(error).__name__)
            misses += 1
            await asyncio.sleep(min(LONGEST_WAIT, 0.1 * 2 ** min(misses, 8)))

    async def _talk(self, connection: asyncpg.Connection) -> None:
        """Say and hear until the connection is lost."""
        listening = False
        connection.add_termination_listener(lambda _: self._stir.set())
        while not connection.is_closed():
            self._stir.clear()
            async with self._turn:
                if self._heard is not None and not listening:
                    await connection.add_listener(CHANNEL, self._hear)
                    listening = True
                    self._heard()
                if self._unsaid:
                    self._unsaid = False
                    await self._said(connection)
            try:
                async with asyncio.timeout(SILENCE):  # wait_for of Python 3.11 loses a cancel now and then
                    await self._stir.wait()
            except TimeoutError:
                async with self._turn:
                    await connection.execute("SELECT 1", timeout=PATIENCE)

    async def _said(self, connection: asyncpg.Connection) -> None:
        try:
            await connection.execute(SAY, timeout=PATIENCE)
        except BaseException:
            self._unsaid = True  # for the next connection
            raise
        await asyncio.sleep(SPACING)

    async def ask(self, text: str, arguments: Sequence[Primitive]) -> list[Row] | None:
        """Return the rows of a short question, asked on this connection, which says nothing most of the time.

        That costs half of what it does by the pool, which has others: None while it is lost, or in use.
        Raises what the driver raises, and then the connection is opened anew.
        """
        line = self._line
        if line is None or line.is_closed() or self._turn.locked():
            return None
        async with self._turn:
            try:
                rows: list[Row] = await line.fetch(text, *arguments, timeout=PATIENCE)
            except BaseException as error:
                hung_up = line.is_closed()
                line.terminate()  # it is lost, or in the middle of an answer that nobody waits for any more
                if hung_up and isinstance(error, AttributeError):  # hung up on between two of its messages
                    raise asyncpg.InterfaceError("the connection was closed meanwhile") from error
                raise
        return rows

    def _hear(self, connection: asyncpg.Connection, pid: int, _channel: str, _payload: object) -> None:
        if pid != connection.get_server_pid():
            self.hint()

    def hint(self) -> None:
        """Say here that something may be due."""
        if self._heard is not None:
            self._heard()

    async def close(self) -> None:
        """Hang up."""
        self._closed = True
        if self._keeping is not None:
            self._keeping.cancel()
            await asyncio.gather(self._keeping, return_exceptions=True)
