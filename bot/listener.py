"""A web application on a socket that nobody can hold on to: deadlines, room for so many, a quick stop."""

from __future__ import annotations

import asyncio
import errno
import os
import resource
import socket
from datetime import timedelta
from typing import Final

from aiohttp import hdrs, web

from bot.door.deadlines import Deadlines
from bot.door.door import Door, House, Reception
from bot.door.room import Room
from bot.errors import SettingsError

MOST = 1024
MOST_PER_ADDRESS = 64
HEAD = timedelta(seconds=5)
"""For a request's line and headers, and between two requests on one connection."""
LAST_WORDS = 0.5
"""Seconds that a request under way has to end when we stop; it is counted twice."""

RECEPTION: Final[web.AppKey[Reception]] = web.AppKey("reception", Reception)
"""What takes an application's plainest requests in front of it."""


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
        self._room: Room[Door] = Room(min(most, half_of_our_files), most_per_address)
        self._head = head.total_seconds()
        self._reception = app.get(RECEPTION)
        self._house = House(
            room=self._room,
            reception=self._reception,
            speaker=self._speaker,
            heads=Deadlines(self._head, Door.hang_up),
            bodies=Deadlines(self._reception.patience if self._reception else self._head, Door.give_up),
        )
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
        try:
            self._server = await asyncio.get_running_loop().create_server(
                self.let_in, self._host, self._port, backlog=512
            )
        except (OSError, OverflowError) as error:
            await self._runner.cleanup()
            raise SettingsError(f"{self._variable}: can't be listened on ({_why_not(error)})") from None

    def let_in(self) -> asyncio.Protocol:
        """Return what a new connection meets."""
        return Door(self._house)

    def _speaker(self) -> asyncio.Protocol:
        server = self._runner.server
        assert server is not None
        return _Speaker(
            server,
            loop=asyncio.get_running_loop(),
            access_log=None,  # type: ignore[arg-type] # as AppRunner takes it: paths hold tokens and signatures
            auto_decompress=False,
            keepalive_timeout=self._head,  # since aiohttp 3.14 from the connection on
            lingering_time=1.0,
        )

    async def stop(self) -> None:
        """Take no more connections, let requests under way end for a moment, and cut the rest."""
        if self._server is None:
            return
        self._server.close()
        self._house.close()
        await asyncio.gather(self._runner.cleanup(), self._said_all())
        self._server = None

    async def _said_all(self) -> None:
        if self._reception is not None:
            await self._reception.rest(LAST_WORDS)
        self._house.clear()
