"""A web application on a socket that nobody can hold on to: deadlines, room for so many, a quick stop."""

from __future__ import annotations

import asyncio
import errno
import os
import resource
import socket
from collections import Counter
from collections.abc import Awaitable, Callable
from datetime import timedelta
from email.utils import formatdate
from functools import lru_cache
from http import HTTPStatus
from time import time
from typing import TYPE_CHECKING, Final, Generic, TypeVar

from aiohttp import hdrs, web

from bot.errors import SettingsError
from bot.media.addresses import is_public

if TYPE_CHECKING:
    from aiohttp.abc import AbstractStreamWriter

MOST = 1024
MOST_PER_ADDRESS = 64
HEAD = timedelta(seconds=5)
"""For a request's line and headers, and between two requests on one connection."""
UNREAD = timedelta(seconds=8)
"""After this the kernel drops a connection whose other side takes nothing of what we send."""
Respond = Callable[[web.BaseRequest], Awaitable[web.StreamResponse]]
Shortcut = Callable[[web.BaseRequest], Awaitable[web.StreamResponse] | None]
SHORTCUT: Final[web.AppKey[Shortcut]] = web.AppKey("shortcut", Callable)  # type: ignore[arg-type]
"""What answers some of an application's requests without its routes and signals. None: not this one."""
LAST_WORDS = 0.5
"""Seconds that a request under way has to end when we stop; it is counted twice."""

Guest = TypeVar("Guest")


class Room(Generic[Guest]):
    """Who is connected, and who has to go when it is full: the oldest who hasn't said a word yet.

    The limit per address is for public ones. A private one is a proxy in front of us, behind which is
    everybody.
    """

    def __init__(self, most: int, most_per_address: int) -> None:
        self._most = most
        self._most_per_address = most_per_address
        self._silent: dict[Guest, str] = {}
        self._heard: dict[Guest, str] = {}
        self._addresses: Counter[str] = Counter()

    def __len__(self) -> int:
        return len(self._silent) + len(self._heard)

    def enter(self, guest: Guest, address: str) -> Guest | None:
        """Let a guest in and return who must leave for it: nobody, another, or the guest itself."""
        if self._addresses[address] >= self._most_per_address and is_public(address):
            return guest
        leaver = next(iter(self._silent or self._heard)) if len(self) >= self._most else None
        if leaver is not None:
            self.leave(leaver)
        self._silent[guest] = address
        self._addresses[address] += 1
        return leaver

    def hear(self, guest: Guest) -> None:
        """Note that a guest has made a whole request."""
        if guest in self._silent:
            self._heard[guest] = self._silent.pop(guest)

    def leave(self, guest: Guest) -> None:
        """Forget a guest; one who is unknown has left already."""
        address = self._silent.pop(guest, None) or self._heard.pop(guest, None)
        if address is not None:
            self._addresses[address] -= 1
            if not self._addresses[address]:
                del self._addresses[address]


class _Door(asyncio.Protocol):
    """Stands between the socket and aiohttp's protocol, and lets through whom the room takes."""

    def __init__(self, room: Room[_Door], make: Callable[[], asyncio.Protocol]) -> None:
        self._room = room
        self._make = make
        self._inner = asyncio.Protocol()
        """What answers; for who isn't let in it does nothing."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport  # before anybody can be told to leave
        leaver = self._room.enter(self, transport.get_extra_info("peername")[0])
        if leaver is not None:
            leaver.shut()
        if leaver is not self:
            _forget_the_deaf(transport)
            self._inner = self._make()
            self._inner.connection_made(transport)

    def shut(self) -> None:
        """Cut the connection."""
        self._transport.abort()

    def data_received(self, data: bytes) -> None:
        if b"\r\n\r\n" in data:
            self._room.hear(self)
        self._inner.data_received(data)

    def eof_received(self) -> bool | None:
        return self._inner.eof_received()

    def connection_lost(self, exc: Exception | None) -> None:
        self._room.leave(self)
        self._inner.connection_lost(exc)

    def pause_writing(self) -> None:
        self._inner.pause_writing()

    def resume_writing(self) -> None:
        self._inner.resume_writing()


class _Speaker(web.RequestHandler):
    """aiohttp's side of a connection, which says nothing about itself to whoever sends nonsense."""

    __slots__ = ()

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,
    ) -> web.StreamResponse:
        super().handle_error(request, status, exc, message)  # it logs, and sees to answers that have begun
        response = web.Response(status=status, headers={hdrs.SERVER: ""})
        response.force_close()
        return response


class Word(web.StreamResponse):
    """An empty answer on a connection that may stay, made once for all: only the date in it changes."""

    def __init__(self, status: HTTPStatus, *, closing: bool = False) -> None:
        super().__init__(status=status)
        self._said = status, closing
        if closing:
            self.force_close()

    @property
    def keep_alive(self) -> bool:
        """Whether the connection stays."""
        return not self._said[1]

    async def prepare(self, request: web.BaseRequest) -> AbstractStreamWriter | None:
        """Send it."""
        writer = request.writer
        await writer.write(_head(*self._said, int(time())))
        await writer.drain()
        return writer

    async def write_eof(self, data: bytes = b"") -> None:
        """Add nothing: what was written is all."""

    def spelled(self) -> web.Response:
        """Return the same for any version of HTTP, and for who wants to go."""
        status, closing = self._said
        response = web.Response(status=status)
        if closing:
            response.force_close()
        return response


@lru_cache(maxsize=8)
def _head(status: HTTPStatus, closing: bool, second: int) -> bytes:
    length = "" if status is HTTPStatus.NO_CONTENT else "Content-Length: 0\r\n"
    connection = "Connection: close\r\n" if closing else ""
    first = f"HTTP/1.1 {status.value} {status.phrase}\r\n"
    return f"{first}{length}Date: {formatdate(second, usegmt=True)}\r\n{connection}\r\n".encode()


def _forget_the_deaf(transport: asyncio.Transport) -> None:
    """Let the kernel cut a connection on which sent bytes aren't taken (Linux: tcp(7), TCP_USER_TIMEOUT)."""
    option = getattr(socket, "TCP_USER_TIMEOUT", None)
    wire = transport.get_extra_info("socket")
    if option is not None and wire is not None:
        wire.setsockopt(socket.IPPROTO_TCP, option, int(UNREAD.total_seconds() * 1000))


def _first(shortcut: Shortcut, answer: Respond) -> Respond:
    """Return what asks the shortcut before the application."""

    def answered(request: web.BaseRequest) -> Awaitable[web.StreamResponse]:
        return shortcut(request) or answer(request)

    return answered


def _why_not(error: OSError | OverflowError) -> str:
    """Say in plain words why an address can't be had. The resolver's numbers are none of the system's."""
    if isinstance(error, OverflowError):
        return "there is no such port"
    if isinstance(error, socket.gaierror) or error.errno in {None, errno.EADDRNOTAVAIL}:
        return "the host isn't one of this machine's addresses"
    return os.strerror(error.errno).lower()


class Listener:
    """Serves one application on one address, written `host:port`. Port 0: any free one.

    `variable` is the setting to name when the address can't be had.
    """

    def __init__(
        self,
        app: web.Application,
        address: str,
        *,
        variable: str = "LISTEN",
        head: timedelta = HEAD,
        most: int = MOST,
        most_per_address: int = MOST_PER_ADDRESS,
    ) -> None:
        host, _, port = address.rpartition(":")
        self._host, self._port = host.strip("[]"), int(port)
        self._variable = variable
        half_of_our_files = resource.getrlimit(resource.RLIMIT_NOFILE)[0] // 2
        self._room: Room[_Door] = Room(min(most, half_of_our_files), most_per_address)
        self._head = head
        self._runner = web.AppRunner(app, handle_signals=False, shutdown_timeout=LAST_WORDS)
        self._server: asyncio.Server | None = None

    @property
    def address(self) -> str:
        """Where it listens, as `host:port`. Only while it does."""
        assert self._server is not None
        host, port = self._server.sockets[0].getsockname()[:2]
        return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"

    async def start(self) -> None:
        """Listen. Raises `SettingsError` if the address can't be had."""
        await self._runner.setup()
        if (shortcut := self._runner.app.get(SHORTCUT)) is not None:
            server = self._runner.server
            assert server is not None
            server.request_handler = _first(shortcut, server.request_handler)
        try:
            self._server = await asyncio.get_running_loop().create_server(
                self.let_in, self._host, self._port, backlog=512
            )
        except (OSError, OverflowError) as error:
            await self._runner.cleanup()
            raise SettingsError(f"{self._variable}: can't be listened on ({_why_not(error)})") from None

    def let_in(self) -> asyncio.Protocol:
        """Return what a new connection meets."""
        return _Door(self._room, self._speaker)

    def _speaker(self) -> asyncio.Protocol:
        server = self._runner.server
        assert server is not None
        return _Speaker(
            server,
            loop=asyncio.get_running_loop(),
            access_log=None,  # type: ignore[arg-type] # as AppRunner takes it: paths hold tokens and signatures
            auto_decompress=False,
            keepalive_timeout=self._head.total_seconds(),  # since aiohttp 3.14 from the connection on
            lingering_time=1.0,
        )

    async def stop(self) -> None:
        """Take no more connections, let requests under way end for a moment, and cut the rest."""
        if self._server is None:
            return
        self._server.close()
        await self._runner.cleanup()
        self._server = None
