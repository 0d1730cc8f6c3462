"""A plain callback, read from the bytes of a connection, and its answer in bytes.

It is what nearly every callback is. Nothing else is understood here: not everything that is HTTP, and nothing
that could be read in two ways. For the rest there is aiohttp.
"""

from __future__ import annotations

import re
from email.utils import formatdate
from functools import lru_cache
from http import HTTPStatus
from time import time
from typing import Final, NamedTuple

LARGEST_BODY: Final = 64 * 1024
LONGEST_HEAD: Final = 4096
MOST_FIELDS: Final = 64
_END: Final = b"\r\n\r\n"
_FIRST: Final = re.compile(rb"POST /callbacks/([a-z0-9_]{1,32})/([0-9a-f]{48}) HTTP/1\.1\r\n")
_FIELD: Final = re.compile(rb"([!#$%&'*+.^_`|~0-9A-Za-z-]+):([\t -~]*)\r\n")
_HOST: Final = re.compile(rb"[A-Za-z0-9._-]+(?::[0-9]{1,5})?|\[[0-9A-Fa-f:.]+\](?::[0-9]{1,5})?")
_LENGTH: Final = re.compile(rb"[1-9][0-9]{0,4}")
_NOT_PLAIN: Final = frozenset(
    (b"transfer-encoding", b"expect", b"upgrade", b"proxy-connection", b"trailer", b"sec-websocket-key1")
)
"""Names of fields with which a request isn't plain, whatever they say."""


class Plain(NamedTuple):
    """Where a plain callback goes, and where in the bytes its body begins and ends."""

    provider: str
    token: str
    start: int
    end: int


def plain(data: bytes) -> Plain | None:
    """Return what these bytes begin with, if that is the whole head of a plain callback.

    The bytes may end before the body does, or go on after it.
    """
    first = _FIRST.match(data)
    if first is None:
        return None
    end = data.find(_END, 0, LONGEST_HEAD)
    length = _length(data[first.end() : end + 2]) if end > 0 else None
    if length is None:
        return None
    provider, token = first.groups()
    start = end + len(_END)
    return Plain(provider.decode(), token.decode(), start, start + length)


@lru_cache(maxsize=256)
def _length(fields: bytes) -> int | None:
    """Return how long a body these lines promise; None: they aren't plain. A provider's are mostly alike."""
    found: dict[bytes, bytes] = {}
    at = 0
    while at < len(fields):
        field = _FIELD.match(fields, at)
        if field is None or len(found) == MOST_FIELDS:
            return None
        name = field[1].lower()
        if name in found or name in _NOT_PLAIN:
            return None
        found[name] = field[2].strip(b" \t")
        at = field.end()
    length = found.get(b"content-length", b"")
    stays = found.get(b"connection", b"keep-alive").lower() == b"keep-alive"
    if not stays or not _HOST.fullmatch(found.get(b"host", b"")) or not _LENGTH.fullmatch(length):
        return None
    return int(length) if int(length) <= LARGEST_BODY else None


def answer(status: HTTPStatus, *, closing: bool = False) -> bytes:
    """Return an empty answer; `closing` says that the connection ends with it."""
    return _answer(status, closing, int(time()))


@lru_cache(maxsize=16)
def _answer(status: HTTPStatus, closing: bool, second: int) -> bytes:
    length = "" if status is HTTPStatus.NO_CONTENT else "Content-Length: 0\r\n"
    connection = "Connection: close\r\n" if closing else ""
    first = f"HTTP/1.1 {status.value} {status.phrase}\r\n"
    return f"{first}{length}Date: {formatdate(second, usegmt=True)}\r\n{connection}\r\n".encode()
