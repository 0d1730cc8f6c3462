"""Fetch a file from an address that somebody else named, without being led astray.

aiohttp is used without httpx above it: httpx writes a link's percent signs anew, which breaks signatures made
over the exact text, and hides the socket that a request uses.
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import shutil
import socket
from datetime import timedelta
from http import HTTPStatus
from typing import TYPE_CHECKING, Final

import aiohttp
from aiohttp.abc import AbstractResolver
from yarl import URL

from bot import __version__, authorities
from bot.errors import DownloadError, ForbiddenAddress, LinkExpired, Oversized
from bot.media.addresses import HTTPS_PORT, Link, is_public, parse
from bot.media.arriving import Part, Pen, unbroken
from bot.media.inflow import flowing
from bot.media.pace import Pace, Steps

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable, Collection
    from pathlib import Path

    from aiohttp.abc import ResolveResult

    from bot.media.arriving import Downloaded

TEN_MINUTES: Final = timedelta(minutes=10)
MOST_HOPS: Final = 3
ATTEMPTS: Final = 3
READ_AHEAD: Final = 96 << 10
"""Bytes of a body without a length: twice as many are held unread, and more wait in the socket."""
KEPT_FREE: Final = 64 << 20
"""Bytes that a download leaves on the disk: the database lives there too."""
COPIES: Final = 3
"""Times its size that a film may need: for itself, and made smaller for its channel and for its member."""
NO_REST: Final = frozenset({HTTPStatus.PARTIAL_CONTENT, HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE})
"""What is answered to who asks for a rest: this, or that there is none."""
GONE: Final = frozenset({HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND, HTTPStatus.GONE})
ELSEWHERE: Final = frozenset({301, 302, 303, 307, 308})
HEADERS: Final = {"Accept": "*/*", "Accept-Encoding": "identity", "User-Agent": f"Matinee/{__version__}"}


class _Cut(DownloadError):
    """The body ended early: worth another try."""


class _PublicOnly(AbstractResolver):
    """A resolver whose answers are refused whole if one of their addresses isn't public."""

    def __init__(self, inner: AbstractResolver) -> None:
        self._inner = inner

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        answer = await self._inner.resolve(host, port, family)
        if not all(is_public(entry["host"]) for entry in answer):
            raise ForbiddenAddress(f"{host} leads to an address that isn't public")
        return answer

    async def close(self) -> None:
        await self._inner.close()


def plain_socket(address: aiohttp.AddrInfoType) -> socket.socket:
    """Make the socket that connects to `address`."""
    return socket.socket(address[0], address[1], address[2])


def free_space(folder: Path) -> int:
    """Return the bytes that are free on the disk of `folder`."""
    return shutil.disk_usage(folder).free


class Downloader:
    """Fetches files from addresses that providers and members name.

    Only https on port 443 and public addresses, except for `trusted_hosts` (`host` or `host:port`). The
    address is checked as written, in every answer of the resolver, and on the socket itself: the last is
    the check that holds. `resolver`, `open_socket`, `tls` and `space` can be replaced in tests.
    """

    def __init__(
        self,
        *,
        trusted_hosts: frozenset[str] = frozenset(),
        pace: Pace | None = None,
        resolver: Callable[[], AbstractResolver] = aiohttp.ThreadedResolver,
        open_socket: aiohttp.SocketFactoryType = plain_socket,
        tls: Callable[[], ssl.SSLContext] = authorities.trusted,
        space: Callable[[Path], int] = free_space,
    ) -> None:
        self._trusted = trusted_hosts
        self._pace = pace or Pace()
        self._resolver = resolver
        self._open_socket = open_socket
        self._make_tls = tls
        self._space = space

    async def download(
        self,
        url: str,
        target: Path,
        *,
        most: int,
        deadline: timedelta = TEN_MINUTES,
        hosts: Collection[str] | None = None,
    ) -> Downloaded:
        """Fetch `url` to `target`, which appears only once it is whole and on the disk.

        `most` is in bytes; `hosts`, if given, are the only ones besides the trusted that any hop may lead to.
        A body that is cut short is asked for again: its rest, where the server says by an entity tag that it
        is still the same, else all of it. Raises `LinkExpired`, `ForbiddenAddress` (nothing was
        sent), or `DownloadError` for everything else: too large, too slow, no room on the disk, no answer.
        """
        link = self._permitted(parse(url), hosts)
        try:
            async with asyncio.timeout(deadline.total_seconds()):
                return await self._persist(link, target, most, hosts)
        except TimeoutError as error:
            raise DownloadError(f"{link.host}: too slow") from error
        except OSError as error:
            raise DownloadError(f"disk: {errno.errorcode.get(error.errno or 0, 'unknown')}") from error

    async def _persist(
        self, link: Link, target: Path, most: int, hosts: Collection[str] | None
    ) -> Downloaded:
        async with Part(target) as part:
            for _ in range(ATTEMPTS - 1):
                with contextlib.suppress(_Cut):
                    await self._follow(link, part, most, hosts)
                    break
            else:
                await self._follow(link, part, most, hosts)
            return await unbroken(asyncio.to_thread(part.finish))

    def _permitted(self, link: Link, hosts: Collection[str] | None) -> Link:
        if link.among(self._trusted):
            return link
        if link.scheme != "https" or link.port != HTTPS_PORT:
            raise ForbiddenAddress(f"{link.host}: not https on port {HTTPS_PORT}")
        if _is_literal(link.host) and not is_public(link.host):
            raise ForbiddenAddress(f"{link.host} isn't public")
        if hosts is not None and not link.among(hosts):
            raise ForbiddenAddress(f"{link.host} isn't one of the hosts that may be used here")
        return link

    async def _follow(self, link: Link, part: Part, most: int, hosts: Collection[str] | None) -> None:
        for _ in range(MOST_HOPS + 1):
            location = await self._get(link, part, most)
            if location is None:
                return
            link = self._permitted(link.follow(location), hosts)
        raise DownloadError(f"{link.host}: more than {MOST_HOPS} redirects")

    async def _get(self, link: Link, part: Part, most: int) -> str | None:
        """Ask once; return where a redirect leads, or None when the body has been taken."""
        timeout = aiohttp.ClientTimeout(sock_connect=self._pace.connect.total_seconds())
        async with asyncio.timeout(self._pace.window.total_seconds()) as stall:
            try:
                async with (
                    aiohttp.ClientSession(
                        connector=await self._connector(link),
                        cookie_jar=aiohttp.DummyCookieJar(),
                        auto_decompress=False,
                        read_bufsize=READ_AHEAD,
                        timeout=timeout,
                    ) as session,
                    session.get(
                        URL(link.url, encoded=True), headers=HEADERS | part.wanted(), allow_redirects=False
                    ) as response,
                ):
                    if response.status in ELSEWHERE:
                        return response.headers.get("Location", "")
                    self._check(link, response, part, most)
                    await self._take(response, part, most, stall)
            except aiohttp.ClientError as error:
                raise DownloadError(f"{link.host}: {type(error).__name__}") from error
        return None

    async def _connector(self, link: Link) -> aiohttp.TCPConnector:
        trusted = link.among(self._trusted)
        resolver = self._resolver()

        def guarded(address: aiohttp.AddrInfoType) -> socket.socket:
            host = str(address[4][0])
            if not trusted and not is_public(host):
                raise ForbiddenAddress(f"{link.host} leads to {host}, which isn't public")
            return self._open_socket(address)

        tls = await asyncio.to_thread(self._make_tls) if link.scheme == "https" else True
        return aiohttp.TCPConnector(
            resolver=resolver if trusted else _PublicOnly(resolver),
            socket_factory=guarded,
            ssl=tls,
            # One address after the other: in a race aiohttp would swallow the refusal.
            happy_eyeballs_delay=None,
            use_dns_cache=False,
            force_close=True,
        )

    def _check(self, link: Link, response: aiohttp.ClientResponse, part: Part, most: int) -> None:
        if response.status in GONE:
            raise LinkExpired(f"{link.host}: status {response.status}")
        if response.status in NO_REST and part.wanted() and not part.goes_on(response):
            part.begin("", None)
            raise _Cut(f"{link.host}: no rest of what we have")
        if response.status == HTTPStatus.OK:
            part.begin(response.headers.get("ETag", ""), response.content_length)
        elif response.status != HTTPStatus.PARTIAL_CONTENT or not part.wanted():
            raise DownloadError(f"{link.host}: status {response.status}")
        encoding = response.headers.get("Content-Encoding", "identity").strip().lower()
        transfer = response.headers.get("Transfer-Encoding", "chunked").strip().lower()
        if encoding not in {"", "identity"} or transfer != "chunked":
            raise DownloadError(f"{link.host}: encoded although we asked for none")
        length = response.content_length or 0
        if part.size + length > most:
            raise Oversized(f"{link.host}: {part.size + length} bytes, more than {most}")
        self._check_room(part, COPIES * length)

    def _check_room(self, part: Part, size: int) -> None:
        if self._space(part.folder) < size + KEPT_FREE:
            raise DownloadError(f"disk: no room for {size} bytes")

    async def _take(
        self, response: aiohttp.ClientResponse, part: Part, most: int, stall: asyncio.Timeout
    ) -> None:
        size, steps = part.size, Steps(self._pace, stall)
        try:
            async with Pen(part) as pen:
                with flowing(response, steps.came) as chunks:
                    async for chunk in chunks:
                        size += len(chunk)
                        if size > most:
                            raise Oversized(f"more than {most} bytes")
                        if await pen.write(chunk):
                            self._check_room(part, 0)
        except aiohttp.ClientError as error:
            raise _Cut(f"cut after {size} bytes") from error
        if part.whole not in {None, part.size}:
            raise _Cut(f"no more after {size} bytes")


def _is_literal(host: str) -> bool:
    return ":" in host or host.rpartition(".")[2].isdigit()
