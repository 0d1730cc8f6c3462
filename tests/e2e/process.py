"""The bot as its own process: started, waited for, killed and started again."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import socket
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Self

import aiohttp

if TYPE_CHECKING:
    from collections.abc import Mapping

ROOT = Path(__file__).resolve().parents[2]
INHERITED = ("PATH", "HOME", "LANG", "SYSTEMROOT", "VIRTUAL_ENV")


def free_port() -> int:
    """Return a port of loopback that nobody listens on just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Program:
    """One Python module run again and again with the same settings; everything it prints goes to one file.

    It runs in a directory of its own, so that no `.env` of a developer is read.
    """

    def __init__(
        self, directory: Path, settings: Mapping[str, str], *arguments: str, ready: str = ""
    ) -> None:
        directory.mkdir(parents=True, exist_ok=True)
        self.log = directory / "output.log"
        self.settings = dict(settings)
        self._directory = directory
        self._arguments = arguments
        self._ready = ready
        self._process: asyncio.subprocess.Process | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._process is not None and self._process.returncode is None:
            await self.kill()

    @property
    def said(self) -> str:
        """All that it has printed."""
        return self.log.read_text(errors="replace") if self.log.exists() else ""

    @property
    def tail(self) -> str:
        """The end of what it printed, for a failed test."""
        return "\n".join(self.said.splitlines()[-60:])

    async def spawn(self) -> asyncio.subprocess.Process:
        """Start it and return at once."""
        environment = {name: os.environ[name] for name in INHERITED if name in os.environ}
        environment |= {"PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1", **self.settings}
        with self.log.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable, *self._arguments, cwd=self._directory, env=environment, stdout=log, stderr=log
            )
        return self._process

    async def start(self, *, within: float = 40.0) -> None:
        """Start it and wait until its readiness address answers 200."""
        await self.spawn()
        await self.answers(200, within=within)

    async def answers(self, status: int, *, within: float = 40.0) -> str:
        """Wait until its readiness address answers with a status, and return the answer's text."""
        deadline = time.monotonic() + within
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(2)) as client:
            while True:
                with contextlib.suppress(aiohttp.ClientError, TimeoutError):
                    async with client.get(self._ready) as answer:
                        if answer.status == status:
                            return await answer.text()
                assert self._process is not None
                assert self._process.returncode is None, f"ended: {self._process.returncode}\n{self.tail}"
                assert time.monotonic() < deadline, f"not {status} within {within} s\n{self.tail}"
                await asyncio.sleep(0.05)  # the process has no other way to tell

    async def run(self, *, within: float = 40.0) -> int:
        """Run it to its end and return its exit code."""
        process = await self.spawn()
        async with asyncio.timeout(within):
            return await process.wait()

    async def kill(self) -> None:
        """SIGKILL: nothing is finished, nothing is flushed."""
        assert self._process is not None
        self._process.kill()
        await self._process.wait()

    async def terminate(self, *, within: float = 20.0) -> tuple[int, float]:
        """SIGTERM: return the exit code and the seconds that it took."""
        assert self._process is not None
        begun = time.monotonic()
        self._process.send_signal(signal.SIGTERM)
        async with asyncio.timeout(within):
            code = await self._process.wait()
        return code, time.monotonic() - begun
