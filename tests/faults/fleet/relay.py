"""Carries bytes between a port and whoever is behind it: the way to the database, and to the callbacks."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    Way = Callable[[], Awaitable[tuple[asyncio.StreamReader, asyncio.StreamWriter]]]

PATIENCE = 1.0
"""Seconds until somebody who doesn't answer is passed over for the next."""
PIECE = 1 << 16


class Relay:
    """Listens, and passes each connection on to the first way that opens. `ways` says which to try now."""

    def __init__(self, host: str, ways: Callable[[], Sequence[Way]]) -> None:
        self._host = host
        self._ways = ways
        self._server: asyncio.Server | None = None
        self._open: set[asyncio.StreamWriter] = set()
        self.address = ""

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, self._host, 0)
        self.address = f"{self._host}:{self._server.sockets[0].getsockname()[1]}"
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._server is not None
        self._server.close()
        for writer in self._open:
            writer.transport.abort()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for way in self._ways():
            with contextlib.suppress(OSError, TimeoutError):
                async with asyncio.timeout(PATIENCE):
                    other_reader, other_writer = await way()
                break
        else:
            writer.transport.abort()
            return
        both = {writer, other_writer}
        self._open |= both
        await asyncio.gather(_pipe(reader, other_writer), _pipe(other_reader, writer))
        self._open -= both


async def _pipe(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
    """Carry one direction to its end; a connection that breaks breaks on both sides."""
    try:
        while piece := await source.read(PIECE):
            target.write(piece)
            await target.drain()
    except OSError:
        pass
    finally:
        target.close()


def to_socket(path: str) -> Way:
    """Return the way to a Unix socket."""
    return lambda: asyncio.open_unix_connection(path)


def to_address(address: str) -> Way:
    """Return the way to a port."""
    host, _, port = address.rpartition(":")
    return lambda: asyncio.open_connection(host, int(port))
