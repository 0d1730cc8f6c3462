"""Whoever holds on to a connection without a word is cut, and honest callbacks don't wait for it."""

from __future__ import annotations

import asyncio
import contextlib
import resource
import socket
import time
from collections import Counter
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import pytest

from tests.faults.doorstep import doorstep
from tests.faults.figures import in_full

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from tests.faults.doorstep import Doorstep

pytestmark = pytest.mark.usefixtures("on_sqlite")  # about the door: what stalls never reaches a store
ROW = "stalled clients held; honest callback p99; all cut after"
FILM = "ab" * 16
LARGE = 64 << 20
PATIENCE = 20.0
"""Seconds after which the proof gives up."""
PULSE = 0.25
"""Seconds between two bytes of those who drip."""


def stalls(step: Doorstep) -> dict[str, bytes]:
    """Return how a client may stall: what it says before it says no more, or only a byte now and then."""
    path = f"/callbacks/maxapi/{step.signer.callback_token('maxapi', step.ids[0])}"
    head = f"POST {path} HTTP/1.1\r\nHost: x\r\n".encode()
    promise = head + b"Content-Length: 60000\r\n\r\n{"
    return {
        "silent": b"",
        "half a line": head[:20],
        "half a head": head + b"X-Long: ",
        "dripping head": head + b"X-Long: ",
        "half a body": promise,
        "dripping body": promise,
        "half a chunk": head + b"Transfer-Encoding: chunked\r\n\r\nFFFF\r\n{",
        "waits to be asked": head + b"Expect: 100-continue\r\nContent-Length: 9\r\n\r\n",
        "idle after a request": b"GET / HTTP/1.1\r\nHost: x\r\n\r\n",
        "deaf": f"GET /media/{FILM}.mp4 HTTP/1.1\r\nHost: x\r\n\r\n".encode(),
        "dripping ear": f"GET /media/{FILM}.mp4 HTTP/1.1\r\nHost: x\r\n\r\n".encode(),
    }


class Crowd:
    """Clients that hold on, each in its own way."""

    def __init__(self, step: Doorstep) -> None:
        self.ways: dict[int, str] = {}
        """By the port from which a client speaks."""
        self._wires: list[socket.socket] = []
        self._step = step

    async def gather(self, count: int) -> None:
        """Connect so many, all ways alike."""
        host, _, port = self._step.listener.address.rpartition(":")
        ways = [*stalls(self._step).items()]
        for number in range(count):
            way, words = ways[number % len(ways)]
            wire = socket.socket()
            wire.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            wire.setblocking(False)
            self._wires.append(wire)
            await asyncio.get_running_loop().sock_connect(wire, (host, int(port)))
            wire.send(words)
            self.ways[wire.getsockname()[1]] = way
        for _ in range(count):  # connected by the kernel, not yet taken by the listener
            await asyncio.sleep(0)

    async def drip(self) -> None:
        """Let those who drip say or take another byte, for ever."""
        while True:
            await asyncio.sleep(PULSE)
            for wire, way in zip(self._wires, self.ways.values(), strict=True):
                with contextlib.suppress(OSError):
                    if way in {"dripping head", "dripping body"}:
                        wire.send(b"a")
                    elif way == "dripping ear":
                        wire.recv(1)

    def held(self) -> Counter[str]:
        """Return how many of each way the listener still holds."""
        room = self._step.listener._room
        peers = (guest._transport.get_extra_info("peername") for guest in [*room._silent, *room._heard])
        return Counter(self.ways[peer[1]] for peer in peers if peer[1] in self.ways)

    def close(self) -> None:
        """Go."""
        for wire in self._wires:
            wire.close()


@pytest.fixture
def many_files() -> Iterator[None]:
    """Let this process open as many files as the system allows it: both ends of each line are its own."""
    few, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(most, max(few, 8192)), most))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, (few, most))


@asynccontextmanager
async def crowded(step: Doorstep, count: int) -> AsyncIterator[Crowd]:
    """Gather a crowd before the door."""
    crowd = Crowd(step)
    try:
        await crowd.gather(count)
        dripping = asyncio.create_task(crowd.drip())
        yield crowd
        dripping.cancel()
        await asyncio.gather(dripping, return_exceptions=True)
    finally:
        crowd.close()


async def honest(step: Doorstep) -> float:
    """Make a true callback on a line of its own; return the seconds until its answer."""
    host, _, port = step.listener.address.rpartition(":")
    path = f"/callbacks/maxapi/{step.signer.callback_token('maxapi', step.ids[1])}"
    began = time.perf_counter()
    reader, writer = await asyncio.open_connection(host, int(port))
    writer.write(
        f"POST {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 2\r\n\r\n{{}}".encode()
    )
    answer = await reader.read()
    took = time.perf_counter() - began
    writer.close()
    assert b"204" == answer.split()[1]
    return took


async def test_a_crowd_of_stalled_clients_is_cut_while_honest_ones_are_served(tmp_path, reached, many_files):
    """Silent, half said, dripping and deaf: all cut within 10 s, honest callbacks served meanwhile (T-05)."""
    count, took, last = 1000 if in_full() else 200, [], {}
    async with doorstep(tmp_path) as step:
        with (tmp_path / "media" / f"{FILM}.mp4").open("wb") as film:
            film.truncate(LARGE)
        async with crowded(step, count) as crowd:
            began = time.perf_counter()
            most = crowd.held()
            while (held := crowd.held()) and time.perf_counter() - began < PATIENCE:
                last.update(dict.fromkeys(held, time.perf_counter() - began))
                took.append(await honest(step))
                await asyncio.sleep(0.02)
    p99 = sorted(took)[len(took) * 99 // 100]
    reached(ROW, most.total(), p99 * 1000, max(last.values()))
    assert count == most.total()
    assert [] == step.errors
    assert (True, True) == (p99 < 0.25, max(last.values()) <= 10)
