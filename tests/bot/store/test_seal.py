"""The seal: it holds as long as nobody but this program has written the file, and no longer."""

from __future__ import annotations

import asyncio
import os
import sqlite3
import threading
from typing import TYPE_CHECKING

import pytest

from bot.store import seal as sealing
from bot.store.seal import Inspection, Seal

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

ENDLESS = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT 1 FROM n) SELECT count(*) FROM n"


@pytest.fixture
def seal(tmp_path: Path) -> Iterator[Seal]:
    """Give an unbroken seal on a file."""
    (tmp_path / "it.db").write_bytes(b"12345678")
    lock = os.open(tmp_path / "lock", os.O_RDWR | os.O_CREAT)
    made = Seal(tmp_path / "it.db", lock)
    made.press()
    yield made
    os.close(lock)


def test_it_holds_until_it_is_lifted(seal: Seal):
    """What was marked is known again, also a second time; without a mark nothing is."""
    assert [True, True] == [seal.holds(), seal.holds()]
    seal.lift()
    assert not seal.holds()


@pytest.mark.parametrize("times", range(20))
def test_a_write_at_once_breaks_it(seal: Seal, tmp_path: Path, times):
    """Within the same tick of the kernel's clock, and of the same length."""
    del times
    with (tmp_path / "it.db").open("r+b") as file:
        file.write(b"87654321")
    assert not seal.holds()


def test_a_copy_breaks_it(seal: Seal, tmp_path: Path):
    """Another file in its place is another file, though it has all its times."""
    stat = (tmp_path / "it.db").stat()
    (tmp_path / "copy").write_bytes(b"12345678")
    os.utime(tmp_path / "copy", ns=(stat.st_atime_ns, stat.st_mtime_ns))
    (tmp_path / "copy").rename(tmp_path / "it.db")
    assert not seal.holds()


def _elsewhere(seal: Seal, boot: Path, monkeypatch: pytest.MonkeyPatch) -> Seal:
    monkeypatch.setattr(sealing, "BOOT", boot)
    return Seal(seal._path, seal._lock)


def test_another_start_of_the_machine_breaks_it(seal: Seal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Its power may have failed: what the disk kept is looked at."""
    (tmp_path / "boot").write_text("another\n")
    assert not _elsewhere(seal, tmp_path / "boot", monkeypatch).holds()


def test_a_machine_that_does_not_tell_its_starts_has_no_seal(
    seal: Seal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """Where nobody knows whether it was started anew, every start looks at everything."""
    blind = _elsewhere(seal, tmp_path / "nothing here", monkeypatch)
    blind.press()
    assert not blind.holds()


def test_times_that_are_cut_make_no_seal(seal: Seal, monkeypatch: pytest.MonkeyPatch):
    """A file system without nanoseconds couldn't tell a write soon after."""
    monkeypatch.setattr(
        "bot.store.seal.os.utime",
        lambda path, ns, utime=os.utime: utime(path, ns=(ns[0] // 10**9 * 10**9, ns[1] // 10**9 * 10**9)),
    )
    seal.press()
    assert not seal.holds()


@pytest.mark.parametrize("said", [b"no seal", b"\xff", b"{}", b"7"])
def test_what_is_no_seal_holds_nothing(seal: Seal, said):
    """Whatever else is found in its place."""
    seal.lift()
    os.pwrite(seal._lock, said, 0)
    assert not seal.holds()


def test_a_file_that_is_gone(seal: Seal, tmp_path: Path):
    """Nothing holds, and marking it is no error."""
    (tmp_path / "it.db").unlink()
    seal.press()
    assert not seal.holds()


def test_writing_under_it(seal: Seal, tmp_path: Path):
    """Our own write keeps it; a file that somebody else has written before stays unknown."""
    with seal.kept():
        (tmp_path / "it.db").write_bytes(b"ours")
    assert seal.holds()
    (tmp_path / "it.db").write_bytes(b"theirs")
    with seal.kept():
        (tmp_path / "it.db").write_bytes(b"ours again")
    assert not seal.holds()


def test_lifted_under_a_write_it_stays_off(seal: Seal, tmp_path: Path):
    """What is found damaged while a thread writes the file isn't marked as whole by that thread."""
    with seal.kept():
        (tmp_path / "it.db").write_bytes(b"ours")
        seal.lift()
    assert not seal.holds()


def test_two_writes_are_one_after_the_other(seal: Seal, tmp_path: Path):
    """The second doesn't take the first, which has no mark yet, for somebody else's."""
    done: list[bool] = []

    def write() -> None:
        with seal.kept():
            (tmp_path / "it.db").write_bytes(b"also ours")
        done.append(seal.holds())

    with seal.kept():
        (tmp_path / "it.db").write_bytes(b"ours")
        second = threading.Thread(target=write)
        second.start()
        second.join(0.05)
        assert [] == done
    second.join()
    assert [True] == done


async def _inspected(path: Path, **options) -> list[str]:
    found: list[str] = []
    connection = sqlite3.connect(path, check_same_thread=False, timeout=0, **options)
    inspection = Inspection(connection, found.append)
    await inspection._look
    await inspection.end()
    return found


async def test_an_inspection_tells_what_is_broken(tmp_path: Path):
    """A whole file is nothing to tell of, nor one that somebody keeps shut."""
    assert [] == await _inspected(tmp_path / "new.db")
    (tmp_path / "none.db").write_bytes(b"no database at all" * 100)
    assert ["file is not a database"] == await _inspected(tmp_path / "none.db")
    with sqlite3.connect(tmp_path / "new.db", isolation_level=None) as other:
        other.execute("CREATE TABLE x (y)")
        other.execute("BEGIN EXCLUSIVE")
        assert [] == await _inspected(tmp_path / "new.db")
        other.execute("ROLLBACK")
    other.close()


async def test_an_inspection_that_is_about_to_begin_is_broken_off(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """A stop right after a start waits for no look, however long that would take: here, for ever."""
    told, seen = threading.Event(), []

    class Heard(sqlite3.Connection):
        """A connection that says when it was interrupted for the first time."""

        def interrupt(self) -> None:
            super().interrupt()
            told.set()

    def endless(connection: sqlite3.Connection) -> None:
        told.wait()
        try:
            connection.execute(ENDLESS)
        except sqlite3.OperationalError as error:
            seen.append(str(error))
            raise

    monkeypatch.setattr(sealing, "damage", endless)
    connection = sqlite3.connect(tmp_path / "it.db", check_same_thread=False, factory=Heard)
    inspection = Inspection(connection, seen.append)
    await asyncio.sleep(0)
    try:
        async with asyncio.timeout(10):
            await asyncio.shield(asyncio.ensure_future(inspection.end()))
    finally:  # the thread would outlive the test
        while not inspection._look.done():
            connection.interrupt()
            await asyncio.sleep(0)
    assert ["interrupted"] == seen


async def test_an_inspection_is_broken_off(tmp_path: Path):
    """Who stops doesn't wait for the end of a large file."""
    with sqlite3.connect(tmp_path / "it.db") as filling:
        filling.execute("CREATE TABLE x (y)")
        filling.execute(
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20000)"
            " INSERT INTO x SELECT randomblob(200) FROM n"
        )
    filling.close()
    found: list[str] = []
    connection = sqlite3.connect(tmp_path / "it.db", check_same_thread=False)
    inspection = Inspection(connection, found.append)
    await asyncio.sleep(0)
    await inspection.end()
    assert [] == found
    with pytest.raises(sqlite3.ProgrammingError):
        connection.execute("SELECT 1")
