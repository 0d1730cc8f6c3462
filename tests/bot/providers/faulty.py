"""Real servers on loopback that misbehave the way networks do."""

from __future__ import annotations

import asyncio
import socket
import struct
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

if TYPE_CHECKING:
    Behaviour = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def serving(behaviour: Behaviour) -> AsyncIterator[str]:
    """Serve connections with a behaviour and give the address."""
    open_: set[asyncio.Task[None]] = set()

    async def serve(reader, writer) -> None:
        open_.add(asyncio.current_task())
        try:
            with suppress(OSError, EOFError, ValueError, asyncio.CancelledError):
                await behaviour(reader, writer)
        finally:
            writer.transport.abort()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        server.close()
        for task in open_:
            task.cancel()
        await asyncio.gather(*open_, return_exceptions=True)
        await asyncio.sleep(0)  # what was aborted is closed in the loop's next round


def closed_port() -> str:
    """Return an address where nobody listens."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{taken.getsockname()[1]}"


async def read_request(reader: asyncio.StreamReader) -> bytes:
    """Return the whole of a request."""
    head = await reader.readuntil(b"\r\n\r\n")
    lengths = [line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")]
    length = int(lengths[0].partition(b":")[2]) if lengths else 0
    return head + await reader.readexactly(length)


async def reset_after_body(reader, writer) -> None:
    """Take everything, then reset the connection."""
    await read_request(reader)
    linger = struct.pack("ii", 1, 0)
    writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)


async def close_after_body(reader, writer) -> None:
    """Take everything, then hang up without a word."""
    await read_request(reader)
    writer.close()
    await writer.wait_closed()


async def silence(reader, writer) -> None:
    """Take everything and say nothing, until the other side gives up."""
    await read_request(reader)
    await reader.read()


async def drip(reader, writer) -> None:
    """Answer a byte at a time, for ever."""
    await read_request(reader)
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n")
    while True:
        writer.write(b" ")
        await writer.drain()
        await asyncio.sleep(0.01)


async def no_tls(reader, writer) -> None:
    """Answer a greeting in plain words."""
    await reader.read(1)
    writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
    await writer.drain()


async def no_handshake(reader, writer) -> None:
    """Never answer a greeting."""
    while await reader.read(1000):
        pass
    writer.close()


def raw(answer: bytes) -> Behaviour:
    """Return a behaviour that answers with these very bytes."""

    async def behaviour(reader, writer) -> None:
        await read_request(reader)
        writer.write(answer)
        await writer.drain()
        writer.close()
        await writer.wait_closed()

    return behaviour
