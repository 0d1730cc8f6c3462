"""Lives of the bot, one after the other, from one process that has everything loaded."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

from tests.e2e.process import INHERITED, ROOT

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


@dataclass(slots=True)
class Life:
    """One process of the bot."""

    pid: int
    ending: asyncio.Task[int]
    diary: Path
    ended_at: float = 0.0
    """By the clock on the wall, as its diary."""

    @property
    def over(self) -> bool:
        """Whether it has ended."""
        return self.ending.done()

    def note_the_end(self, _: object) -> None:
        """Note when it ended: now."""
        self.ended_at = time.time()

    def send(self, number: signal.Signals) -> None:
        """Send a signal, if it still lives."""
        if not self.over:
            with suppress(ProcessLookupError):
                os.kill(self.pid, number)

    async def end(self, within: float) -> int:
        """Wait for its end and return its exit code, or minus the signal's number."""
        async with asyncio.timeout(within):
            return await asyncio.shield(self.ending)

    @property
    def moments(self) -> list[tuple[float, str]]:
        """What it noted before its end: times and names."""
        if not self.diary.exists():
            return []
        lines = self.diary.read_text().splitlines()
        return [(float(at), name) for at, _, name in (line.partition(" ") for line in lines)]


class Nurse:
    """A process that has everything loaded, and forks one life after the other."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            (sys.executable, "-m", "tests.faults.killing.mortal", "nursery"),
            cwd=ROOT,
            env=inherited(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def close(self) -> None:
        """End it, when no life is left."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait()
        self._process.stdout.close()

    async def begin(self, told: Mapping[str, object]) -> int:
        """Fork a life and return its process id."""
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(told) + "\n")
        self._process.stdin.flush()
        return await self.number()

    async def number(self) -> int:
        """Return what it says next: a life's process id, or how it ended."""
        assert self._process.stdout is not None
        line = await asyncio.to_thread(self._process.stdout.readline)
        assert line, "the process that forks the others has ended"
        return int(line)


class Nursery:
    """Starts the lives of one bot: `mortal` says what can be told them."""

    def __init__(self, directory: Path, nurse: Nurse) -> None:
        directory.mkdir(parents=True, exist_ok=True)
        self.log = directory / "output.log"
        self.born = 0
        self._directory = directory
        self._nurse = nurse
        self._life: Life | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._life is not None:
            self._life.send(signal.SIGKILL)
            await self._life.ending

    async def begin(self, settings: Mapping[str, str], *arguments: str) -> Life:
        """Start the bot with these settings; the life before it must be over."""
        assert self._life is None or self._life.over
        self.born += 1
        diary = self._directory / f"diary {self.born}"
        told = {
            "arguments": arguments,
            "environment": {**inherited(), **settings, "MORTAL_DIARY": str(diary)},
            "directory": str(self._directory),
            "log": str(self.log),
        }
        pid = await self._nurse.begin(told)
        self._life = life = Life(pid, asyncio.create_task(self._nurse.number()), diary)
        life.ending.add_done_callback(life.note_the_end)
        return life

    @property
    def said(self) -> list[str]:
        """The lines that all lives have printed."""
        return self.log.read_text(errors="replace").splitlines() if self.log.exists() else []

    @property
    def tail(self) -> str:
        """The end of what was printed, for a failed test."""
        return "\n".join(self.said[-60:])


def inherited() -> dict[str, str]:
    """Return what a process of ours needs to run at all."""
    known = {name: os.environ[name] for name in INHERITED if name in os.environ}
    return known | {"PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"}
