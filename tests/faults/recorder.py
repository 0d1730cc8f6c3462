"""A recorder at the socket itself: whatever this process connects to is seen, and goes nowhere."""

from __future__ import annotations

import socket
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

OUTWARD = frozenset({"socket.connect", "socket.sendto", "socket.sendmsg"})
Address = tuple[str, int]


class Recorder:
    """Notes each address that any socket is to connect or send to, and lets only those of `served` through.

    It hears the interpreter's own audit events (PEP 578): no library can pass it by.
    """

    def __init__(self, served: Collection[Address] = ()) -> None:
        self.served = {*served}
        self.seen: list[Address] = []

    def hear(self, address: object) -> None:
        """Note an address. Raises `ConnectionRefusedError` for one that isn't served here."""
        if not isinstance(address, tuple) or len(address) < 2:  # a path of the file system
            return
        place = (str(address[0]), int(address[1]))
        self.seen.append(place)
        if place not in self.served:
            raise ConnectionRefusedError("seen by the recorder")

    def beyond(self, allowed: Collection[Address]) -> list[Address]:
        """Return what was seen besides what is served and what is allowed."""
        return [place for place in self.seen if place not in self.served and place not in allowed]


_listening: list[Recorder] = []
_hooked: list[bool] = []


def _hook(event: str, arguments: tuple[Any, ...]) -> None:
    if _listening and event in OUTWARD and arguments[0].family in {socket.AF_INET, socket.AF_INET6}:
        _listening[-1].hear(arguments[1])


@contextmanager
def recording(served: Collection[Address] = ()) -> Iterator[Recorder]:
    """Record while the block runs. The hook stays for the life of the process, and sleeps."""
    if not _hooked:
        sys.addaudithook(_hook)
        _hooked.append(True)
    recorder = Recorder(served)
    _listening.append(recorder)
    try:
        yield recorder
    finally:
        _listening.remove(recorder)
