"""Machines as network namespaces: each has an address of its own, on a line that can be cut.

Whoever makes them lives in a namespace without any other line (`ALONE`), so that what listens there can't be
reached from anywhere else. `python -m tests.faults.fleet` is begun like that.
"""

from __future__ import annotations

import ctypes
import os
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Final, Self

if TYPE_CHECKING:
    from collections.abc import Iterator

CENTRE: Final = "10.77.0.1"
"""Where everything is that isn't ours: Discord, the providers, the database."""
CLONE_NEWNET: Final = 0x40000000
PROGRAMS: Final = ("ip", "unshare", "nsenter")


def alone() -> tuple[str, ...]:
    """Return what a command line must begin with so that it runs in a namespace of its own."""
    return ("unshare", "--net") if os.geteuid() == 0 else ("unshare", "--map-root-user", "--net")


@lru_cache(maxsize=1)
def why_not() -> str | None:
    """Return why no such network can be made here; None: it can."""
    missing = [program for program in PROGRAMS if shutil.which(program) is None]
    if missing:
        return f"no network can be cut here: {', '.join(missing)} (of util-linux and iproute2) is missing"
    probe = "ip link add probe0 type veth peer name probe1 && unshare --net true"
    tried = subprocess.run([*alone(), "sh", "-c", probe], capture_output=True, text=True, check=False)
    if tried.returncode:
        return f"no network can be cut here: {tried.stderr.strip() or 'namespaces are not permitted'}"
    return None


def join(pid: int) -> None:
    """Move this process into the network of another one. Raises `OSError`."""
    descriptor = os.open(f"/proc/{pid}/ns/net", os.O_RDONLY)
    try:
        if ctypes.CDLL(None, use_errno=True).setns(descriptor, CLONE_NEWNET):
            number = ctypes.get_errno()
            raise OSError(number, os.strerror(number))
    finally:
        os.close(descriptor)


def _run(*command: str) -> None:
    subprocess.run(command, check=True, capture_output=True)


@dataclass(frozen=True, slots=True)
class Host:
    """One machine on its line to the centre."""

    number: int
    keeper: subprocess.Popen[bytes]
    """A process that does nothing but keep the namespace."""

    @property
    def address(self) -> str:
        """Where the centre reaches it."""
        return f"10.77.{self.number}.2"

    def cut(self) -> None:
        """Let nothing through any more: what is sent is lost, and nobody is told."""
        _run("ip", "link", "set", f"line{self.number}", "down")

    def mend(self) -> None:
        """Let everything through again."""
        _run("ip", "link", "set", f"line{self.number}", "up")

    def close(self) -> None:
        """Take the machine away."""
        assert self.keeper.stdin is not None
        self.keeper.stdin.close()
        self.keeper.wait()


class Network:
    """All machines, from `with` to its end. It must be made where there is no other line (`alone`)."""

    def __init__(self) -> None:
        self._hosts: list[Host] = []

    def __enter__(self) -> Self:
        _run("ip", "link", "set", "lo", "up")
        _run("ip", "address", "add", f"{CENTRE}/32", "dev", "lo")
        return self

    def __exit__(self, *_: object) -> None:
        for host in self._hosts:
            host.close()

    def host(self) -> Host:
        """Put one more machine on a line of its own."""
        number = len(self._hosts) + 1
        keeper = subprocess.Popen(
            ("unshare", "--net", "cat"), stdin=subprocess.PIPE, stdout=subprocess.DEVNULL
        )
        host = Host(number, keeper)
        self._hosts.append(host)
        _await_namespace(keeper.pid)
        line, inside = f"line{number}", ("nsenter", f"--net=/proc/{keeper.pid}/ns/net", "ip")
        _run("ip", "link", "add", line, "type", "veth", "peer", "name", "eth0", "netns", str(keeper.pid))
        _run("ip", "address", "add", f"10.77.{number}.1/30", "dev", line)
        _run("ip", "link", "set", line, "up")
        for words in _inside(host):
            _run(*inside, *words)
        return host


def _inside(host: Host) -> Iterator[tuple[str, ...]]:
    yield ("link", "set", "lo", "up")
    yield ("address", "add", f"{host.address}/30", "dev", "eth0")
    yield ("link", "set", "eth0", "up")
    yield ("route", "add", "default", "via", f"10.77.{host.number}.1")


def _await_namespace(pid: int) -> None:
    """Wait until a process has left our namespace for its own."""
    ours, deadline = Path("/proc/self/ns/net").readlink(), time.monotonic() + 10
    while Path(f"/proc/{pid}/ns/net").readlink() == ours:
        if time.monotonic() > deadline:
            sys.exit("a network namespace wasn't made within ten seconds")
        time.sleep(0.001)  # the process has no other way to tell
