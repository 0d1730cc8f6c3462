"""Row 13: how long the bot takes to be ready, beside a Python that only imports what it needs."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import TYPE_CHECKING, Final

from benchmarks.harness import CHECKOUT, Figure, NotMeasured, Row, Way

if TYPE_CHECKING:
    from collections.abc import Mapping

    from benchmarks.harness import Scale

IMPORTED: Final = (
    "aiohttp.web",
    "aiosqlite",
    "babel.messages.mofile",
    "click",
    "discord.app_commands",
    "discord.ext.commands",
    "dotenv",
    "httpx",
    "httpx_aiohttp",
    "prometheus_client",
    "pydantic",
    "pydantic_settings",
    "sqlalchemy",
    "sqlalchemy.dialects.sqlite",
    "sqlalchemy.dialects.postgresql.asyncpg",
    "structlog",
)
"""What `matinee run` has loaded of other people's when it is ready, on SQLite."""
PATIENCE: Final = 60
LOOK: Final = 0.01
"""Seconds between two looks at `/readyz`."""


def _environment(more: Mapping[str, str]) -> dict[str, str]:
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "VIRTUAL_ENV") if name in os.environ}
    return kept | {"PYTHONPATH": str(CHECKOUT), **more}


def _spent(pid: int) -> float:
    """Return the seconds of CPU that a process has used (proc(5), stat: utime and stime in ticks)."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def imports(scale: Scale) -> Mapping[str, float]:
    """Start a Python that imports the dependencies, and wait for its word."""
    code = f"import {', '.join(IMPORTED)}; print('done', flush=True); input()"
    begun = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-c", code],
        env=_environment({}),
        cwd=scale.directory,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert process.stdout is not None
    said = process.stdout.readline()
    taken = time.perf_counter() - begun
    if said != b"done\n":
        raise RuntimeError("the dependencies can't be imported")
    cpu = _spent(process.pid)
    process.communicate(b"\n")
    return {"s": taken, "cpu_s": cpu}


def start(scale: Scale) -> Mapping[str, float]:
    """Start the bot twice against a modelled Discord; the second start, with its tables there, counts."""
    try:
        from tests.e2e.wire import WireDiscord  # noqa: PLC0415  the model is a dependency of tests alone
    except ImportError as missing:
        raise NotMeasured(f"{missing.name} isn't installed") from None

    async def both() -> Mapping[str, float]:
        from bot.demo.stand_ins import StandIns  # noqa: PLC0415
        from tests.e2e.house import PROVIDERS, key_of, settings  # noqa: PLC0415

        async with WireDiscord() as wire, StandIns(keys={name: key_of(name) for name in PROVIDERS}) as served:
            given = settings(wire, served, scale.directory, PROVIDERS) | {"LOG_LEVEL": "INFO"}
            await asyncio.to_thread(_started, given, scale.directory)
            return await asyncio.to_thread(_started, given, scale.directory)

    return asyncio.run(both())


def _started(given: Mapping[str, str], directory: Path) -> Mapping[str, float]:
    """Start the bot, wait until it is ready, and end it."""
    address = f"http://{given['ADMIN_LISTEN']}/readyz"
    with (directory / "output.log").open("ab") as log:
        begun = time.perf_counter()
        process = subprocess.Popen(
            [sys.executable, "-m", "bot", "run"],
            env=_environment(given),
            cwd=directory,
            stdout=log,
            stderr=log,
        )
        try:
            while not _ready(address):
                if process.poll() is not None or time.perf_counter() - begun > PATIENCE:
                    raise RuntimeError(f"never ready: {json.dumps(_last_words(directory))}")
                time.sleep(LOOK)
            return {"s": time.perf_counter() - begun, "cpu_s": _spent(process.pid)}
        finally:
            process.terminate()
            process.wait(PATIENCE)


def _ready(address: str) -> bool:
    try:
        with urllib.request.urlopen(address, timeout=1) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def _last_words(directory: Path) -> str:
    return (directory / "output.log").read_text(errors="replace")[-500:]


ROW = Row(
    number="13",
    name="start",
    question="How long until the bot is ready, beside a Python that only imports what the bot imports?",
    ways=(Way("matinee run, second start", start), Way("the imports alone", imports)),
    figures=(
        Figure(
            "exec to /readyz 200",
            way="matinee run, second start",
            value="s",
            base="the imports alone",
            target=1.5,
        ),
        Figure(
            "its CPU time", way="matinee run, second start", value="cpu_s", base="the imports alone",
            note="waiting for Discord's answers and for the disk left out",
        ),
        Figure("exec to /readyz 200, absolute", way="matinee run, second start", value="s", unit="s"),
    ),
)  # fmt: skip
