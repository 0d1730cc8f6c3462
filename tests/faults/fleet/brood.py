"""One process that has everything loaded, and forks many lives that go on side by side.

`python -m tests.faults.fleet.brood` reads lives from standard input as JSON lines (see `killing.mortal`, and
`network`: the process whose network it joins), and writes `{"born": name, "pid": …}` and
`{"ended": name, "code": …}`.
"""

from __future__ import annotations

import asyncio
import gc
import importlib
import json
import os
import select
import signal
import sys
from typing import TYPE_CHECKING, Any, Self

from tests.e2e.process import ROOT
from tests.faults.fleet.network import join
from tests.faults.killing.mortal import LOADED, become, not_longer_than
from tests.faults.killing.nursery import Life, inherited

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


class Brood:
    """The lives of many machines, as seen by whoever begins them."""

    def __init__(self, directory: Path) -> None:
        directory.mkdir(parents=True, exist_ok=True)
        self._directory = directory
        self._lives = 0
        self._born: dict[str, asyncio.Future[int]] = {}
        self._ended: dict[str, asyncio.Future[int]] = {}

    async def __aenter__(self) -> Self:
        self._process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "tests.faults.fleet.brood",
            cwd=ROOT,
            env=inherited(),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
        )
        self._reading = asyncio.create_task(self._read())
        return self

    async def __aexit__(self, *_: object) -> None:
        """End whoever still lives: they don't outlive the one that forked them."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        await self._process.wait()
        await self._reading

    async def _read(self) -> None:
        assert self._process.stdout is not None
        async for line in self._process.stdout:
            said = json.loads(line)
            if "born" in said:
                self._born[said["born"]].set_result(said["pid"])
            else:
                self._ended[said["ended"]].set_result(said["code"])

    async def begin(
        self, machine: str, settings: Mapping[str, str], *arguments: str, network: int = 0
    ) -> Life:
        """Begin a life of a machine."""
        assert self._process.stdin is not None
        self._lives += 1
        name = f"{machine} {self._lives}"
        place = self._directory / machine
        place.mkdir(parents=True, exist_ok=True)
        diary = place / f"diary {self._lives}"
        told = {
            "name": name,
            "arguments": arguments,
            "environment": {**inherited(), **settings, "MORTAL_DIARY": str(diary)},
            "directory": str(place),
            "log": str(self.log(machine)),
            "network": network,
        }
        loop = asyncio.get_running_loop()
        self._born[name], self._ended[name] = loop.create_future(), loop.create_future()
        self._process.stdin.write(json.dumps(told).encode() + b"\n")
        life = Life(await self._born[name], self._ended[name], diary)
        life.ending.add_done_callback(life.note_the_end)
        return life

    def log(self, machine: str) -> Path:
        """Return the file in which a machine's lives print."""
        return self._directory / machine / "output.log"

    @property
    def tail(self) -> str:
        """The end of what each machine has printed, for a failed test."""
        logs = sorted(self._directory.glob("*/output.log"))
        return "\n".join(
            f"--- {log.parent.name}\n" + "\n".join(log.read_text(errors="replace").splitlines()[-25:])
            for log in logs
        )


class _Parent:
    """The side that forks."""

    def __init__(self) -> None:
        self._names: dict[int, str] = {}
        self._wake, waking = os.pipe()
        os.set_blocking(waking, False)
        os.set_blocking(self._wake, False)
        signal.set_wakeup_fd(waking)
        signal.signal(signal.SIGCHLD, lambda *_: None)

    def run(self) -> None:
        """Fork and bury until nobody tells anything any more, then end all."""
        pending = b""
        while True:
            ready, _, _ = select.select([0, self._wake], [], [])
            if self._wake in ready:
                os.read(self._wake, 4096)
                self._bury()
            if 0 in ready:
                read = os.read(0, 1 << 16)
                if not read:
                    break
                *lines, pending = (pending + read).split(b"\n")
                for line in lines:
                    self._fork(json.loads(line))
        for pid in self._names:
            os.kill(pid, signal.SIGKILL)

    def _fork(self, told: dict[str, Any]) -> None:
        pid = os.fork()
        if not pid:
            signal.set_wakeup_fd(-1)
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            if told["network"]:
                join(told["network"])
            become(told)
        self._names[pid] = told["name"]
        _say(born=told["name"], pid=pid)

    def _bury(self) -> None:
        while self._names:
            pid, status = os.waitpid(-1, os.WNOHANG)
            if not pid:
                return
            _say(ended=self._names.pop(pid), code=os.waitstatus_to_exitcode(status))


def _say(**words: object) -> None:
    print(json.dumps(words), flush=True)  # noqa: T201


def main() -> None:
    """Load everything, then fork."""
    not_longer_than(os.getppid())
    for module in LOADED:
        importlib.import_module(module)
    gc.freeze()
    _Parent().run()


if __name__ == "__main__":
    main()
