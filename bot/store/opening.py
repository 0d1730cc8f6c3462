"""Open the database: one process, the right tables, nothing damaged."""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import os
import sqlite3
from typing import TYPE_CHECKING

from bot.errors import SettingsError, StoreUnavailable
from bot.store.readers import PATIENCE_MS, reading
from bot.store.seal import Seal, damage
from bot.store.sqlite import Sqlite, connect
from bot.store.store import Store
from bot.store.tables import REVISION

if TYPE_CHECKING:
    from pathlib import Path

POSTGRES = "postgresql+asyncpg://"
BEFORE = ".before-"
"""Between the name of the file and the revision that it was migrated to, in the name of its backup."""


async def open_store(database_url: str | None, data_dir: Path) -> Store:
    """Open the database, bring its tables up to date, and return the store.

    Without an address it is `matinee.db` in `data_dir`, which one process alone may use; leases that
    its last user left behind are cleared. Raises `SettingsError` with one sentence if another process uses
    it, if it is damaged or newer than this program, or for an address of another kind, and
    `StoreUnavailable` if it can't be reached.
    """
    if _is_postgres(database_url):
        from bot.store.postgres import Postgres  # noqa: PLC0415 - its driver isn't loaded for SQLite

        return Store(await Postgres.open(str(database_url)))
    lock = _lock(data_dir)
    try:
        path = data_dir / "matinee.db"
        seal = Seal(path, lock)
        known = seal.holds()
        await asyncio.to_thread(_prepare, path, seal, known=known)
        try:
            return Store(await Sqlite.open(path, lock, seal, inspect=known))
        except StoreUnavailable:
            seal.lift()  # it may be damaged, whatever is known: the next start looks at all of it
            raise
    except BaseException:
        os.close(lock)
        raise


async def migrate(database_url: str | None, data_dir: Path) -> str:
    """Bring the tables up to date and return the revision. Raises what `open_store` raises.

    Every file is looked at as a whole.
    """
    if _is_postgres(database_url):
        from bot.store import postgres  # noqa: PLC0415 - as above

        return await postgres.migrate(str(database_url))
    lock = _lock(data_dir)
    try:
        path = data_dir / "matinee.db"
        return await asyncio.to_thread(_prepare, path, Seal(path, lock), known=False)
    finally:
        os.close(lock)


def _is_postgres(database_url: str | None) -> bool:
    if database_url is None:
        return False
    if database_url.startswith(POSTGRES):
        return True
    raise SettingsError(f"DATABASE_URL must begin with {POSTGRES}; leave it out for SQLite in DATA_DIR")


def _lock(data_dir: Path) -> int:
    """Take the lock that the process holds until it ends, however it ends."""
    try:
        data_dir.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(data_dir / "matinee.lock", os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise SettingsError(f"DATA_DIR can't be written to: {error.strerror}") from error
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        os.close(descriptor)
        raise SettingsError(
            "another Matinee process uses this DATA_DIR: stop it first, or use PostgreSQL for more than one"
        ) from error
    return descriptor


def _prepare(path: Path, seal: Seal, *, known: bool) -> str:
    """Make sure of the file and its tables. What is damaged is only looked at, and stays as it is.

    A file that is `known` to be whole isn't looked at now, unless its tables must change.
    """
    try:
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
        before = seal.look()
        found = _looked_at(path, known=known)
        if found is not None and found < REVISION:
            _back_up(path)
        if found != REVISION:
            found = _migrate_sqlite(path)
            connect(path).close()  # a new file becomes one with a WAL, which changes it
            seal.press()
        elif not known and before == seal.look():
            seal.press()
    except OSError as error:
        raise SettingsError(f"matinee.db in DATA_DIR can't be opened: {error.strerror}") from error
    except sqlite3.OperationalError as error:
        raise StoreUnavailable(str(error)) from error
    except sqlite3.DatabaseError as error:
        raise _damaged(str(error)) from error
    return found


def _looked_at(path: Path, *, known: bool) -> str | None:
    """Return the revision of a file that is whole; None where there are no tables yet."""
    with contextlib.closing(reading(path)) as connection:
        found = _revision(connection) if known else None
        if found == REVISION:
            return found
        broken = damage(connection)
        if broken is not None:
            raise _damaged(broken)
        return _revision(connection)


def _revision(connection: sqlite3.Connection) -> str | None:
    known = connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'alembic_version'").fetchone()
    row = connection.execute("SELECT version_num FROM alembic_version").fetchone() if known else None
    return row[0] if row else None


def _back_up(path: Path) -> None:
    """Keep the file as it is before it is migrated; it is deleted a week later (see `bot.hosting`)."""
    kept = path.with_name(f"{path.name}{BEFORE}{REVISION}")
    draft = kept.with_name(f"{kept.name}.part")
    os.close(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600))
    try:
        with (
            contextlib.closing(reading(path)) as source,
            contextlib.closing(sqlite3.connect(draft)) as target,
        ):
            source.backup(target)
        descriptor = os.open(draft, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        draft.replace(kept)
    finally:
        draft.unlink(missing_ok=True)


def _damaged(detail: str) -> SettingsError:
    detail = " ".join(detail.split())
    return SettingsError(
        f"matinee.db in DATA_DIR is damaged and was left as it is; restore a backup ({detail})"
    )


def _migrate_sqlite(path: Path) -> str:
    from bot.store import migrating  # noqa: PLC0415 - Alembic takes longer to load than the database to open

    return migrating.sqlite(path, PATIENCE_MS / 1000)
