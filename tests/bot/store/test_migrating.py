"""One history for both databases, and it ends at `tables.py`."""

from __future__ import annotations

import asyncio
import re
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import asyncpg
import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, pool, text
from sqlalchemy.ext.asyncio import create_async_engine

from bot.errors import SettingsError
from bot.store import migrate, migrating, open_store
from bot.store.tables import REVISION, metadata

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from sqlalchemy import Connection

COLUMNS = """
SELECT table_name, column_name, data_type, is_nullable, column_default FROM information_schema.columns
WHERE table_schema = 'public'
"""
CONSTRAINTS = """
SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint
WHERE connamespace = 'public'::regnamespace
"""
INDEXES = "SELECT tablename, indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'"


def _lines(sql: str | None) -> list[str]:
    """Return what a statement makes, part by part: a column that was added later stands elsewhere in it."""
    head, _, body = " ".join((sql or "").split()).partition("(")
    parts = (
        re.split(r",(?![^()]*\))", body.strip().removesuffix(")"))
        if head.startswith("CREATE TABLE")
        else [body]
    )
    return [head, *sorted(part.strip() for part in parts)]


def _sqlite(path: Path, work: Callable[[Connection], Any]) -> Any:
    engine = create_engine(f"sqlite:///{path}", poolclass=pool.NullPool)
    with engine.begin() as connection:
        return work(connection)


def _sqlite_catalogue(connection: Connection) -> set[tuple[str, ...]]:
    rows = connection.execute(
        text("SELECT type, name, sql FROM sqlite_master WHERE tbl_name <> 'alembic_version'")
    )
    return {(kind, name, *_lines(sql)) for kind, name, sql in rows}


def _postgres(address: str, work: Callable[[Connection], Any]) -> Any:
    async def run() -> Any:
        engine = create_async_engine(address, poolclass=pool.NullPool)
        async with engine.begin() as connection:
            found = await connection.run_sync(work)
        await engine.dispose()
        return found

    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, run()).result()


def _postgres_catalogue(connection: Connection) -> set[tuple[Any, ...]]:
    rows = [
        tuple(row) for query in (COLUMNS, CONSTRAINTS, INDEXES) for row in connection.execute(text(query))
    ]
    return {row for row in rows if row[0] != "alembic_version"}


def _difference(connection: Connection) -> list[Any]:
    return list(compare_metadata(MigrationContext.configure(connection), metadata))


def test_the_newest_migration_is_named():
    """`REVISION` is the head, and there is one history without branches."""
    assert [REVISION] == ScriptDirectory.from_config(migrating.config()).get_heads()


async def test_sqlite_migrations_make_the_tables(tmp_path: Path):
    """Migrated from nothing, a file has the very tables, indexes and checks of `tables.py`."""
    await migrate(None, tmp_path)
    migrated = tmp_path / "matinee.db"
    _sqlite(tmp_path / "made.db", metadata.create_all)
    assert [] == _sqlite(migrated, _difference)
    expected, actual = (_sqlite(path, _sqlite_catalogue) for path in (tmp_path / "made.db", migrated))
    assert expected == actual
    assert len(expected) > 10


async def test_postgres_migrations_make_the_tables(bare_postgres_url: str, tmp_path: Path):
    """Migrated from nothing, a database has the very tables, indexes and checks of `tables.py`."""
    await migrate(bare_postgres_url, tmp_path)
    assert [] == _postgres(bare_postgres_url, _difference)
    actual = _postgres(bare_postgres_url, _postgres_catalogue)
    _postgres(bare_postgres_url, metadata.drop_all)
    _postgres(bare_postgres_url, metadata.create_all)
    expected = _postgres(bare_postgres_url, _postgres_catalogue)
    assert expected == actual
    assert len(expected) > 10


async def test_the_way_back(tmp_path: Path):
    """Every migration can be undone, and done again."""

    def down(connection: Connection) -> None:
        settings = migrating.config()
        settings.attributes["connection"] = connection
        command.downgrade(settings, "base")

    await migrate(None, tmp_path)
    _sqlite(tmp_path / "matinee.db", down)
    assert set() == _sqlite(tmp_path / "matinee.db", _sqlite_catalogue)
    assert REVISION == await migrate(None, tmp_path)


async def test_two_processes_migrate_at_once(bare_postgres_url: str, tmp_path: Path):
    """Several that start on an empty database wait for one another; each finds all tables."""
    stores = await asyncio.gather(*(open_store(bare_postgres_url, tmp_path) for _ in range(3)))
    for store in stores:
        await store.ping()
        await store.close()


async def test_a_newer_postgres_is_refused(bare_postgres_url: str, tmp_path: Path):
    """Tables of a newer program are left alone."""
    await migrate(bare_postgres_url, tmp_path)
    connection = await asyncpg.connect(bare_postgres_url.replace("+asyncpg", ""))
    await connection.execute("UPDATE alembic_version SET version_num = '9999'")
    await connection.close()
    with pytest.raises(SettingsError, match="newer Matinee"):
        await open_store(bare_postgres_url, tmp_path)
