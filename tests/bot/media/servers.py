"""Servers on loopback that lie, and a recorder of what is connected to."""

from __future__ import annotations

import asyncio
import gzip
import socket
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from aiohttp.abc import AbstractResolver

if TYPE_CHECKING:
    import ssl
    from collections.abc import AsyncIterator, Awaitable, Callable

FILM = bytes(range(256)) * 1200
"""300 KiB."""
BOMB = gzip.compress(bytes(50 << 20))


class Peer:
    """One request as it came, and the way to answer it byte by byte."""

    def __init__(self, head: bytes, writer: asyncio.StreamWriter) -> None:
        self._writer = writer
        first, *rest = head.decode("latin-1").rstrip("\r\n").split("\r\n")
        self.target = first.split(" ")[1]
        self.headers = {
            name.lower(): value.strip() for name, _, value in (line.partition(":") for line in rest)
        }

    async def say(self, *parts: bytes) -> None:
        """Send bytes as they are."""
        for part in parts:
            self._writer.write(part)
            await self._writer.drain()

    async def give(self, status: str = "200 OK", body: bytes = b"", **headers: str) -> None:
        """Answer properly, but for what `headers` say (`Content_Length="9"`); empty ones are left out."""
        fields = {"Content_Length": str(len(body)), "Connection": "close", **headers}
        lines = [f"{name.replace('_', '-')}: {value}" for name, value in fields.items() if value]
        await self.say("\r\n".join([f"HTTP/1.1 {status}", *lines, "", ""]).encode(), body)


@asynccontextmanager
async def serving(
    answer: Callable[[Peer], Awaitable[None]], tls: ssl.SSLContext | None = None
) -> AsyncIterator[tuple[int, list[Peer]]]:
    """Answer on a port of 127.0.0.1; yields the port and the list that requests are noted in."""
    requests: list[Peer] = []
    tasks: set[asyncio.Task[None]] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        tasks.add(task)
        try:
            peer = Peer(await reader.readuntil(b"\r\n\r\n"), writer)
            requests.append(peer)
            await answer(peer)
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass
        finally:
            tasks.discard(task)
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=tls)
    try:
        yield server.sockets[0].getsockname()[1], requests
    finally:
        server.close()
        for task in [*tasks]:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


class Names(AbstractResolver):
    """A resolver that answers from a script: a name's answers one after the other, the last one for ever."""

    def __init__(self, answers: dict[str, list[list[str]]]) -> None:
        self.answers = answers
        self.asked: list[str] = []

    def __call__(self) -> Names:
        """Be one's own factory."""
        return self

    async def resolve(self, host, port=0, family=socket.AF_UNSPEC):
        """Return the next answer for a name."""
        self.asked.append(host)
        known = self.answers.get(host)
        if not known:
            raise OSError("no such name")
        addresses = known.pop(0) if len(known) > 1 else known[0]
        return [
            {
                "hostname": host,
                "host": address,
                "port": port,
                "family": socket.AF_INET6 if ":" in address else socket.AF_INET,
                "proto": 0,
                "flags": socket.AI_NUMERICHOST,
            }
            for address in addresses
        ]

    async def close(self) -> None:
        """Nothing is held."""
