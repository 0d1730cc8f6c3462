"""Brings a database to the tables of this program, with Alembic, run by the program itself."""

from __future__ import annotations

import asyncio
import threading
from pathlib import Path
from typing import TYPE_CHECKING

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from alembic.util.exc import CommandError
from sqlalchemy import create_engine, event, pool
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import create_async_engine

from bot.errors import SettingsError, StoreUnavailable

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from typing import Any

    from sqlalchemy import Connection

ONE_AT_A_TIME = threading.Lock()
"""Alembic's `op` and `context` belong to the whole process."""


def config() -> Config:
    """Return Alembic's settings: the migrations that lie in this package."""
    settings = Config()
    settings.set_main_option("script_location", str(Path(__file__).parent / "migrations").replace("%", "%%"))
    return settings


def upgrade(connection: Connection) -> str:
    """Run what is missing, all or nothing, and return the revision.

    Raises `SettingsError` if it stands at one that this program doesn't know, and `StoreUnavailable`.
    """
    settings = config()
    settings.attributes["connection"] = connection
    try:
        command.upgrade(settings, "head")
    except CommandError as error:
        raise SettingsError(
            "the database was written by a newer Matinee: run that version, or go back to a backup"
        ) from error
    except DBAPIError as error:
        reason = error.orig and error.orig.__cause__  # PostgreSQL's own, without what SQLAlchemy adds
        raise StoreUnavailable(str(reason or error.orig)) from error
    return ScriptDirectory.from_config(settings).get_current_head() or ""


def _begin_at_once(dbapi_connection: Any, _record: object) -> None:
    dbapi_connection.isolation_level = None  # else the driver commits before every change of a table


def sqlite(path: Path, patience: float) -> str:
    """Bring a SQLite file up to date, waiting some seconds for the lock of somebody else."""
    engine = create_engine(f"sqlite:///{path}", poolclass=pool.NullPool, connect_args={"timeout": patience})
    event.listen(engine, "connect", _begin_at_once)
    event.listen(engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN IMMEDIATE"))
    try:
        with ONE_AT_A_TIME, engine.begin() as connection:
            return upgrade(connection)
    except DBAPIError as error:  # at BEGIN or COMMIT
        raise StoreUnavailable(str(error.orig)) from error


def postgres(connect: Callable[[], Awaitable[Any]]) -> str:
    """Bring a PostgreSQL database up to date, in an event loop of its own: call it in a thread."""

    async def run() -> str:
        engine = create_async_engine("postgresql+asyncpg://", async_creator=connect, poolclass=pool.NullPool)
        try:
            async with engine.begin() as connection:
                await connection.exec_driver_sql("SELECT pg_advisory_xact_lock(7230151234)")
                return await connection.run_sync(upgrade)
        finally:
            await engine.dispose()

    with ONE_AT_A_TIME:
        return asyncio.run(run())
