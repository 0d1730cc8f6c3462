"""A child process of ours that speaks JSON lines, seen from the bot's side."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import bot
from bot.errors import MediaError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import timedelta

ROOT = Path(bot.__file__).parent.parent
KEPT = ("PATH", "LANG", "LC_ALL", "TMPDIR", "SYSTEMROOT", "LD_LIBRARY_PATH")


def environment() -> dict[str, str]:
    """Return what a child may know: nothing that could hold a secret of ours."""
    kept = {name: os.environ[name] for name in KEPT if name in os.environ}
    return kept | {"PYTHONPATH": str(ROOT), "MALLOC_ARENA_MAX": "1"}


class Worker:
    """One child, which answers one question at a time and is killed at the first fault."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    @classmethod
    async def start(cls, command: Sequence[str]) -> Worker:
        """Start `command`, a Python module of ours and its arguments, with nothing but pipes."""
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            *command,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            env=environment(),
            start_new_session=True,  # Ctrl-C in our terminal is ours to handle
        )
        return cls(process)

    @property
    def pid(self) -> int:
        """The child's process id."""
        return self._process.pid

    @property
    def alive(self) -> bool:
        """Whether the child can be asked."""
        return self._process.returncode is None

    async def ask(self, question: Mapping[str, object], deadline: timedelta) -> dict[str, Any]:
        """Return the child's answer.

        Raises `MediaError`: `too_complex` when time or memory ran out, `unreadable` when the child broke.
        Whatever goes wrong, cancellation included, the child is dead afterwards.
        """
        try:
            async with asyncio.timeout(deadline.total_seconds()):
                answer = await self._exchange(question)
        except TimeoutError as error:
            await self.kill()
            raise MediaError("too_complex", "the child took too long") from error
        except BaseException:
            await self.kill()
            raise
        return answer

    async def _exchange(self, question: Mapping[str, object]) -> dict[str, Any]:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        try:
            self._process.stdin.write(json.dumps(question).encode() + b"\n")
            await self._process.stdin.drain()
            line = await self._process.stdout.readline()
            if not line:
                raise await self._end()
            answer = json.loads(line)
        except ConnectionError as error:
            raise await self._end() from error
        except ValueError as error:
            raise MediaError("unreadable", "the child answered nonsense") from error
        if not isinstance(answer, dict):
            raise MediaError("unreadable", "the child answered nonsense")
        return answer

    async def _end(self) -> MediaError:
        """Say what a child died of that was alive when it was asked."""
        code = await self._process.wait()
        if code in {-signal.SIGPROF, -signal.SIGKILL}:
            return MediaError("too_complex", "the child was stopped")
        return MediaError("unreadable", f"the child ended with {code}")

    async def kill(self) -> None:
        """End the child at once and wait until it is gone."""
        with contextlib.suppress(ProcessLookupError):
            self._process.kill()
        await asyncio.shield(self._process.wait())
        if self._process.stdin is not None:
            self._process.stdin.close()
