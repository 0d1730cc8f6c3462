"""A connection: requests that are plain are read and answered here, and aiohttp gets the others."""

from __future__ import annotations

import asyncio
import socket
from dataclasses import dataclass
from datetime import timedelta
from http import HTTPStatus
from typing import TYPE_CHECKING, Final, NamedTuple, Protocol

import structlog

from bot.door.plain import answer

if TYPE_CHECKING:
    from collections.abc import Callable

    from bot.door.deadlines import Deadlines
    from bot.door.room import Room

UNREAD: Final = timedelta(seconds=8)
"""After this the kernel drops a connection whose other side takes nothing of what we send."""
log = structlog.get_logger("matinee.callbacks")


class Line(Protocol):
    """A connection on which one answer is awaited."""

    address: str

    def say(self, status: HTTPStatus, closing: bool = False) -> None:
        """Answer, and with `closing` end the connection. Nothing happens where nobody waits any more."""


class Letter(NamedTuple):
    """A request without a body yet: for what it is, and where its body begins and ends."""

    provider: str
    generation: str | None
    """None: it is for nobody, whatever its body says."""
    start: int
    end: int


class Reception(Protocol):
    """Answers some requests of an application by itself: those that come whole, and alone."""

    patience: float
    """Seconds from a head to its answer."""

    def read(self, data: bytes) -> Letter | None:
        """Return the request that begins with these bytes; None: it is for the application."""

    def take(self, letter: Letter, body: bytes, line: Line, since: float | None = None) -> None:
        """Answer on the line, now or later. `since`: when its head came, if that was before its body."""

    async def rest(self, seconds: float) -> None:
        """Let what was taken end for so long, and give up the rest."""


class Door(asyncio.Protocol):
    """Stands between the socket and aiohttp's protocol, and lets through whom the room takes.

    As long as nothing comes but what the reception takes, there is no aiohttp behind it. With the first bytes
    that the reception doesn't understand as a whole, aiohttp gets these bytes and the connection, for good.
    """

    def __init__(self, house: House) -> None:
        self._house = house
        self._inner: asyncio.Protocol | None = None
        self._head: bytes | None = b""
        """The last bytes of the head that aiohttp reads first; None: it has come to its end."""
        self._kept = bytearray()
        """A request whose body hasn't come as a whole, or what came while an answer was awaited."""
        self._end = 0
        self._since = 0.0
        self._awaited = False
        self._deaf = False
        self._last = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Ask for room; in a house that is closed there is none."""
        assert isinstance(transport, asyncio.Transport)
        if self._house.closed:
            transport.abort()
            return
        self._transport = transport  # before anybody can be told to leave
        self.address = str(transport.get_extra_info("peername")[0])
        leaver = self._house.room.enter(self, self.address)
        if leaver is not None:
            leaver.shut()
        if leaver is not self:
            _forget_the_deaf(transport)
            self._house.heads.expect(self)

    def shut(self) -> None:
        """Cut the connection."""
        self._transport.abort()

    def hang_up(self) -> None:
        """End the connection, after what was said."""
        self._transport.close()

    def data_received(self, data: bytes) -> None:
        """Read a request, or keep what can't be read yet."""
        if self._inner is not None:
            self._pass_on(self._inner, data)
        elif self._awaited or self._deaf:
            self._kept += data
            self._transport.pause_reading()
        elif not self._kept:
            self._read(data)
        else:
            self._kept += data
            if len(self._kept) >= self._end:
                self._house.bodies.forget(self)
                self._read(self._all_kept(), self._since)

    def _all_kept(self) -> bytes:
        kept, self._kept = bytes(self._kept), bytearray()
        return kept

    def _read(self, data: bytes, since: float | None = None) -> None:
        """Let the reception take a request that is whole, and wait for one that can become so."""
        reception = self._house.reception
        letter = None if reception is None else reception.read(data)
        missing = 0 if letter is None else letter.end - len(data)
        if reception is None or letter is None or missing < 0 or (missing and letter.generation is None):
            self._hand_over(data)
            return
        self._house.room.hear(self)
        self._house.heads.forget(self)
        if missing:
            self._kept += data
            self._end, self._since = letter.end, asyncio.get_running_loop().time()
            self._house.bodies.expect(self)
        else:
            self._awaited = True
            reception.take(letter, data[letter.start :], self, since)

    def _hand_over(self, data: bytes) -> None:
        self._inner = self._house.speaker()
        self._inner.connection_made(self._transport)
        self._pass_on(self._inner, data)

    def _pass_on(self, inner: asyncio.Protocol, data: bytes) -> None:
        """Give aiohttp what came. Its own deadlines hold from the end of the first head that it reads."""
        if self._head is not None:
            self._head = self._head + data if self._head else data.lstrip(b"\r\n")
            if b"\r\n\r\n" in self._head:
                self._head = None
                self._house.heads.forget(self)
                self._house.room.hear(self)
            else:
                self._head = self._head[-3:]
        inner.data_received(data)

    def say(self, status: HTTPStatus, closing: bool = False) -> None:
        """Answer, and go on with what came meanwhile."""
        if self._awaited:
            self._awaited = False
            self._transport.write(answer(status, closing=closing))
            if closing or self._last:
                self.hang_up()
            else:
                self._go_on()

    def _go_on(self) -> None:
        if self._awaited or self._deaf or self._transport.is_closing():
            return
        self._house.heads.expect(self)
        if self._kept:
            self._transport.resume_reading()
            try:
                self._read(self._all_kept())
            except Exception:  # whoever brings us here has others to answer, too
                log.exception("connection_failed")
                self.shut()

    def give_up(self) -> None:
        """Wait no longer for the rest of a body."""
        self._awaited = True
        self.say(HTTPStatus.REQUEST_TIMEOUT, closing=True)

    def leave(self) -> None:
        """End the connection once nobody waits for an answer; aiohttp ends its own."""
        self._last = True
        if self._inner is None and not self._awaited:
            self.hang_up()

    def abandon(self) -> None:
        """Cut the connection, unless aiohttp has it, which cuts by itself."""
        if self._inner is None:
            self.shut()

    def eof_received(self) -> bool | None:
        """End the connection, unless aiohttp wants more of it."""
        return None if self._inner is None else self._inner.eof_received()

    def connection_lost(self, exc: Exception | None) -> None:
        """Leave; what was asked for is done all the same."""
        self._awaited = False
        self._house.forget(self)
        if self._inner is not None:
            self._inner.connection_lost(exc)

    def pause_writing(self) -> None:
        """Take nothing more of who doesn't take what was said."""
        if self._inner is not None:
            self._inner.pause_writing()
        else:
            self._deaf = True

    def resume_writing(self) -> None:
        """Go on."""
        if self._inner is not None:
            self._inner.resume_writing()
        else:
            self._deaf = False
            self._go_on()


@dataclass(slots=True)
class House:
    """What all doors of a listener share."""

    room: Room[Door]
    reception: Reception | None
    speaker: Callable[[], asyncio.Protocol]
    heads: Deadlines[Door]
    bodies: Deadlines[Door]
    closed: bool = False
    """Whether whoever comes now is cut at once."""

    def forget(self, door: Door) -> None:
        """Forget a connection that is lost."""
        self.room.leave(door)
        self.heads.forget(door)
        self.bodies.forget(door)

    def close(self) -> None:
        """Let nobody in any more: who comes now is cut, and who is there leaves once it is answered."""
        self.closed = True  # a connection that was accepted in this very turn has yet to come in
        for door in self.room:
            door.leave()

    def clear(self) -> None:
        """Cut whoever is still there. Only once it is closed."""
        self.heads.stop()
        self.bodies.stop()
        for door in self.room:
            door.abandon()


def _forget_the_deaf(transport: asyncio.Transport) -> None:
    """Let the kernel cut a connection on which sent bytes aren't taken (Linux: tcp(7), TCP_USER_TIMEOUT)."""
    option = getattr(socket, "TCP_USER_TIMEOUT", None)
    wire = transport.get_extra_info("socket")
    if option is not None and wire is not None:
        wire.setsockopt(socket.IPPROTO_TCP, option, int(UNREAD.total_seconds() * 1000))
