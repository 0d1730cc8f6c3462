"""A provider's front desk on loopback: it answers what it is told to, and knows what it took."""

from __future__ import annotations

from collections import deque
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from bot.providers import create
from bot.providers._http import Patience
from tests.bot.providers import faulty
from tests.bot.providers.asking import KEY, PROVIDER_NAMES

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from bot.providers.interface import Provider
    from tests.bot.providers.faulty import Behaviour

NAMES = PROVIDER_NAMES
HASTE = Patience(connect=timedelta(seconds=5), silence=timedelta(seconds=0.6), whole=timedelta(seconds=1.5))
TASK = "task-unified-1"
ACCEPTED = {
    "maxapi": b'{"code": 0, "msg": "success", "data": {"taskId": "task-unified-1"}}',
    "seedance2ink": b'{"success": true, "requestId": "task-unified-1", "status": "queued"}',
    "evolink": b'{"id": "task-unified-1", "status": "pending"}',
}
RUNNING = {
    "maxapi": b'{"code": 0, "data": {"taskId": "task-unified-1", "status": "PROCESSING"}}',
    "seedance2ink": b'{"success": true, "requestId": "task-unified-1", "status": "processing"}',
    "evolink": b'{"id": "task-unified-1", "status": "processing"}',
}


def answer(status: str, body: bytes = b"", *headers: str) -> Behaviour:
    """Return what answers with a status line, a body and headers."""
    head = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", "Connection: close", *headers, "", ""]
    return faulty.raw("\r\n".join(head).encode() + body)


@dataclass
class Desk:
    """Answers submits with the next thing on its list, then accepts; says of every task that it runs."""

    name: str
    submits: deque[Behaviour] = field(default_factory=deque)
    always: Behaviour | None = None
    """What every submit is answered after the list, rather than accepted."""
    taken: list[bytes] = field(default_factory=list)
    """Every submit that came in full, head and body."""

    @property
    def accepted(self) -> bytes:
        """The body that accepts."""
        return ACCEPTED[self.name]

    async def __call__(self, reader: Any, writer: Any) -> None:
        """Serve one connection, which carries one request."""
        request = await faulty.read_request(reader)
        if not request.startswith(b"POST"):
            await answer("200 OK", RUNNING[self.name])(_Read(request, reader), writer)
            return
        self.taken.append(request)
        behaviour = self.submits.popleft() if self.submits else self.always
        await (behaviour or answer("200 OK", self.accepted))(_Read(request, reader), writer)


class _Read:
    """A request that was read, for whoever reads it again."""

    def __init__(self, request: bytes, rest: Any) -> None:
        head, _, body = request.partition(b"\r\n\r\n")
        self._parts = [head + b"\r\n\r\n", body]
        self._rest = rest

    async def readuntil(self, _: bytes) -> bytes:
        """Return the head."""
        return self._parts[0]

    async def readexactly(self, _: int) -> bytes:
        """Return the body."""
        return self._parts[1]

    async def read(self, most: int = -1) -> bytes:
        """Wait for more."""
        return bytes(await self._rest.read(most))


@asynccontextmanager
async def open_desk(
    name: str, *submits: Behaviour, always: Behaviour | None = None, **how: Any
) -> AsyncIterator[tuple[Desk, Provider]]:
    """Open a provider's desk, with the real provider that goes there."""
    desk = Desk(name, deque(submits), always)
    async with faulty.serving(desk) as address:
        provider = create(name, api_key=KEY, base_url=address, patience=HASTE, **how)
        try:
            yield desk, provider
        finally:
            await provider.close()
