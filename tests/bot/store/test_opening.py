"""Opening: one process, a whole file, no newer tables."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import os
import signal
import sqlite3
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from alembic import command

from bot.errors import SettingsError, StoreUnavailable
from bot.store import migrate, migrating, open_store
from bot.store.readers import reading
from bot.store.seal import Seal
from bot.store.tables import REVISION
from tests.bot.store.examples import LEASE, NOON, generation
from tests.bot.store.test_migrating import _sqlite, _sqlite_catalogue

if TYPE_CHECKING:
    from pathlib import Path

SECOND = """
import asyncio, sys
from pathlib import Path
from bot.errors import SettingsError
from bot.store import open_store
try:
    asyncio.run(open_store(None, Path(sys.argv[1])))
except SettingsError as error:
    print(error)
"""


async def test_a_second_process_is_refused(tmp_path: Path):
    """One DATA_DIR is for one process; another hears so in a sentence, until the first has closed (S-09)."""
    store = await open_store(None, tmp_path)
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        SECOND,
        str(tmp_path),
        stdout=subprocess.PIPE,
        env=os.environ | {"PYTHONPATH": "."},
    )
    said, _ = await process.communicate()
    sentence = (
        "another Matinee process uses this DATA_DIR: stop it first, or use PostgreSQL for more than one"
    )
    assert sentence == said.decode().strip()
    with pytest.raises(SettingsError, match="another Matinee process"):
        await migrate(None, tmp_path)
    await store.close()
    await (await open_store(None, tmp_path)).close()


async def test_a_restart_clears_leases(tmp_path: Path):
    """On SQLite whatever the last process worked on is due at once."""
    store = await open_store(None, tmp_path)
    await store.start(generation(1), [])
    await store.claim(NOON, lease=LEASE, most=1)
    await store.close()
    again = await open_store(None, tmp_path)
    assert NOON == await again.next_due(NOON)
    assert 1 == len(await again.claim(NOON, lease=LEASE, most=1))
    await again.close()


async def test_a_migration_that_can_not_be_written_is_unavailable(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """While another program holds the lock, tables can't be made: the database is away, no more."""
    monkeypatch.setattr("bot.store.opening.PATIENCE_MS", 20)
    with contextlib.closing(sqlite3.connect(tmp_path / "matinee.db", isolation_level=None)) as other:
        other.execute("PRAGMA journal_mode = WAL")
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreUnavailable):
            await migrate(None, tmp_path)
        other.execute("ROLLBACK")
    assert REVISION == await migrate(None, tmp_path)


async def test_the_settings_of_the_file(tmp_path: Path):
    """The file is in WAL mode, flushed at every commit, checks foreign keys, and is its owner's alone."""
    store = await open_store(None, tmp_path)
    connection = store.engine._writer._connection
    pragmas = ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
    assert ["wal", 2, 1, 5000] == [connection.execute(f"PRAGMA {name}").fetchone()[0] for name in pragmas]
    assert {0o600} == {path.stat().st_mode & 0o777 for path in tmp_path.iterdir()}
    await store.close()


async def _full(tmp_path: Path) -> Path:
    store = await open_store(None, tmp_path)
    for number in range(50):
        await store.start(generation(number), [])
    await store.close()
    return tmp_path / "matinee.db"


@pytest.mark.parametrize("place", [0, 4096, 8 * 4096])
async def test_a_damaged_file_is_refused_and_kept(tmp_path: Path, place):
    """A file with a broken page is named, and neither changed nor made anew."""
    path = await _full(tmp_path)
    broken = bytearray(path.read_bytes())
    broken[place : place + 512] = os.urandom(512)
    path.write_bytes(broken)
    with pytest.raises(SettingsError, match=r"matinee\.db in DATA_DIR is damaged"):
        await open_store(None, tmp_path)
    assert bytes(broken) == path.read_bytes()


class Noted(sqlite3.Connection):
    """A connection that knows whether it was closed."""

    closed = False

    def close(self) -> None:
        """Close, and know it."""
        super().close()
        self.closed = True


@pytest.mark.parametrize("place", [0, 4096, 8 * 4096])
async def test_a_damaged_file_is_let_go_of(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place):
    """No connection stays open to a file that is refused, whoever still holds the error."""
    path = await _full(tmp_path)
    broken = bytearray(path.read_bytes())
    broken[place : place + 512] = os.urandom(512)
    path.write_bytes(broken)
    made: list[Noted] = []
    plain = sqlite3.connect

    def noted(*arguments, **options):
        made.append(plain(*arguments, **options, factory=Noted))
        return made[-1]

    monkeypatch.setattr(sqlite3, "connect", noted)
    with pytest.raises(SettingsError):
        await open_store(None, tmp_path)
    assert [True] == [connection.closed for connection in made]


KILLED = """
import asyncio, os, signal, sys
from pathlib import Path
from bot.store import open_store
from tests.bot.store.examples import generation

async def live():
    store = await open_store(None, Path(sys.argv[1]))
    for number in range(100):
        await store.start(generation(number), [])
    os.kill(os.getpid(), signal.SIGKILL)

asyncio.run(live())
"""


async def _killed(folder: Path) -> Path:
    """Let a process live and die over the file."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", KILLED, str(folder), env=os.environ | {"PYTHONPATH": "."}
    )
    assert -signal.SIGKILL == await process.wait()
    assert 0 < (folder / "matinee.db-wal").stat().st_size
    return folder / "matinee.db"


async def test_after_a_crash_the_whole_file_is_looked_at_beside_the_work(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """Who died over it has left nothing to fear, so the first claim doesn't wait for that look (S-04)."""
    path = await _killed(tmp_path)
    looked: list[str] = []
    monkeypatch.setattr("bot.store.opening.damage", lambda _: looked.append("before"))
    monkeypatch.setattr("bot.store.seal.damage", lambda _: looked.append("beside"))

    store = await open_store(None, tmp_path)
    assert 100 == len(await store.claim(NOON, lease=LEASE, most=200))
    await store.close()
    assert ["beside"] == looked

    os.utime(path)
    await (await open_store(None, tmp_path)).close()
    assert ["beside", "before"] == looked


async def test_what_rotted_after_a_crash_is_found_while_it_runs(tmp_path: Path):
    """A page that nobody wrote and that differs: nothing more is written, and no start does it (S-04)."""
    path = await _killed(tmp_path)
    stat, broken = path.stat(), bytearray(path.read_bytes())
    with contextlib.closing(reading(path)) as connection:
        (root,) = connection.execute("SELECT rootpage FROM sqlite_master WHERE name = 'presets'").fetchone()
    place = (root - 1) * 4096  # nobody has written there since the tables were made
    broken[place : place + 16] = bytes(byte ^ 0xFF for byte in broken[place : place + 16])
    path.write_bytes(broken)
    os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns))

    store = await open_store(None, tmp_path)
    await store.engine._inspection._look
    with pytest.raises(StoreUnavailable, match=r"the file is damaged; restore a backup \("):
        await store.start(generation(500), [])
    assert store.engine.alarm.rings
    await store.close()
    with pytest.raises(SettingsError, match="damaged and was left as it is"):
        await open_store(None, tmp_path)


async def test_what_rotted_where_a_start_writes_is_named_by_the_next(tmp_path: Path):
    """A start that damage ends isn't followed by others that go by the same mark (S-04)."""
    path = await _full(tmp_path)
    stat, broken = path.stat(), bytearray(path.read_bytes())
    with contextlib.closing(reading(path)) as connection:
        (root,) = connection.execute(
            "SELECT rootpage FROM sqlite_master WHERE name = 'storyboards'"
        ).fetchone()
    broken[(root - 1) * 4096] ^= 0xFF
    path.write_bytes(broken)
    os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns))

    with pytest.raises(StoreUnavailable, match="malformed"):
        await open_store(None, tmp_path)
    with pytest.raises(SettingsError, match="damaged and was left as it is"):
        await open_store(None, tmp_path)
    assert bytes(broken) == path.read_bytes()


async def test_a_long_wal_is_moved_under_the_seal(tmp_path: Path):
    """However much a crash left in it: clearing leases doesn't make a stranger of the file (S-04)."""
    path = await _full(tmp_path)
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("SELECT 1 FROM generations").fetchall()  # who closes before it moves nothing
        with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as writing:
            writing.execute("PRAGMA wal_autocheckpoint = 0")
            writing.execute("INSERT INTO presses VALUES ('it', ?, 0)", ["x" * 1100 * 4096])
            writing.execute("UPDATE generations SET lease_until = 1")
        store = await open_store(None, tmp_path)
        assert store.engine._seal.holds()
        await store.close()


async def test_a_known_file_of_older_tables_is_looked_at_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """Tables are changed only in a file that is whole as it is now (S-10)."""
    looked: list[str] = []
    monkeypatch.setattr("bot.store.opening.damage", lambda _: looked.append("before"))
    _of_before(tmp_path / "matinee.db")
    lock = os.open(tmp_path / "matinee.lock", os.O_RDWR | os.O_CREAT)
    Seal(tmp_path / "matinee.db", lock).press()
    os.close(lock)

    store = await open_store(None, tmp_path)
    assert ["before"] == looked
    await store.close()


async def test_a_newer_database_is_refused(tmp_path: Path):
    """Tables of a newer program are left alone (S-10)."""
    await migrate(None, tmp_path)
    with contextlib.closing(sqlite3.connect(tmp_path / "matinee.db", isolation_level=None)) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(SettingsError, match="newer Matinee"):
        await open_store(None, tmp_path)
    assert [] == list(tmp_path.glob("*.before-*"))


def _of_before(path: Path, revision: str = "0003") -> None:
    """Make a database as an older program left it."""

    def up(connection) -> None:
        settings = migrating.config()
        settings.attributes["connection"] = connection
        command.upgrade(settings, revision)

    _sqlite(path, up)


async def test_an_update_keeps_the_database_as_it_was(tmp_path: Path):
    """Before tables change, the file is kept whole beside itself, for its owner alone (S-10)."""
    path, kept = tmp_path / "matinee.db", tmp_path / f"matinee.db.before-{REVISION}"
    _of_before(path)
    before = _sqlite(path, _sqlite_catalogue)

    for _ in range(2):
        assert REVISION == await migrate(None, tmp_path)
    assert 0o600 == kept.stat().st_mode & 0o777
    assert before == _sqlite(kept, _sqlite_catalogue)
    assert before != _sqlite(path, _sqlite_catalogue)
    assert [] == list(tmp_path.glob("*.part*"))


async def test_no_room_for_a_backup_is_no_update(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """A file that can't be kept isn't changed either (S-10)."""
    path = tmp_path / "matinee.db"
    _of_before(path)
    before = path.read_bytes()

    def full(_):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as no_room:
        no_room.setattr("bot.store.opening.os.fsync", full)
        with pytest.raises(SettingsError, match=r"matinee\.db in DATA_DIR can't be opened: No space left"):
            await migrate(None, tmp_path)
    assert (before, ["matinee.db", "matinee.lock"]) == (
        path.read_bytes(),
        sorted(file.name for file in tmp_path.iterdir()),
    )
    assert REVISION == await migrate(None, tmp_path)


@pytest.mark.parametrize("address", ["mysql://x/y", "sqlite:///x.db", "postgresql://x/y", "", "nonsense"])
async def test_other_databases_are_refused(tmp_path: Path, address):
    """An address of another kind is a wrong setting."""
    with pytest.raises(SettingsError, match="DATABASE_URL"):
        await open_store(address, tmp_path)


async def test_a_directory_that_can_not_be_made(tmp_path: Path):
    """A DATA_DIR where no file can lie is a wrong setting."""
    (tmp_path / "file").write_text("")
    with pytest.raises(SettingsError, match="DATA_DIR"):
        await open_store(None, tmp_path / "file")


async def test_migrate_says_where_it_stands(database_url: str | None, tmp_path: Path):
    """`migrate` returns the newest revision, the first time and any other."""
    assert [REVISION, REVISION] == [await migrate(database_url, tmp_path) for _ in range(2)]


async def test_a_file_that_somebody_holds_is_unavailable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """A program that keeps everybody out is waited for; then the database is away, no more (S-03)."""
    monkeypatch.setattr("bot.store.opening.PATIENCE_MS", 20)
    with contextlib.closing(sqlite3.connect(tmp_path / "matinee.db", isolation_level=None)) as other:
        other.execute("CREATE TABLE x (y)")
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(StoreUnavailable):
            await open_store(None, tmp_path)


async def test_tables_that_are_not_what_they_should_be_are_unavailable(tmp_path: Path):
    """A migration that meets something else than it expects changes nothing (S-10)."""
    path = tmp_path / "matinee.db"
    _of_before(path)
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("DROP TABLE generations")
    before = _sqlite(path, _sqlite_catalogue)
    with pytest.raises(StoreUnavailable):
        await migrate(None, tmp_path)
    assert before == _sqlite(path, _sqlite_catalogue)
