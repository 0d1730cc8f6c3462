"""The database can't take a write: nothing is sent without a stored intent, and all heals by itself."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import subprocess
import sys
from datetime import timedelta

import pytest
import sqlalchemy
from sqlalchemy import event
from structlog.testing import capture_logs

from bot.errors import IntakeStopped, StoreUnavailable
from bot.messages import words_for
from bot.models import TERMINAL, Status
from bot.store import migrate, sqlite
from bot.store.tables import REVISION
from bot.tracker import submitting
from tests.bot.store.test_migrating import _postgres, _postgres_catalogue, _sqlite, _sqlite_catalogue
from tests.bot.store.test_opening import _of_before
from tests.bot.test_app import listening, start
from tests.bot.tracker.conftest import a_world
from tests.bot.tracker.unruly import FullDisk
from tests.databases import here
from tests.faults.figures import in_full

KEY = "of-both-machines-0123456789abcdef"


async def lived(folder, monkeypatch, disk):
    """Have a film made on a disk that is full for a while; return the world, its row, and what was seen."""
    seen = []
    async with a_world(folder) as world:
        provider = world.providers["maxapi"]

        async def sent():
            seen.extend(here().look(folder, "SELECT status, body IS NOT NULL FROM generations"))

        provider.on_submit = sent
        with monkeypatch.context() as quick, disk.inserted():
            # a real wait, for the task's id
            quick.setattr(submitting, "backoff", lambda *_, **__: timedelta())
            generation = None
            while generation is None:
                try:
                    generation = await world.ask()
                except StoreUnavailable:
                    assert not await world.store.history(1001)
            while not await _rests(world, generation):
                try:
                    await world.rest()
                except StoreUnavailable:
                    assert generation.id == (await world.store.get(generation.id)).id  # reads go on
                if (await world.now(generation)).status is Status.UNCERTAIN:  # its provider calls back
                    await world.store.name_task(generation.id, "t1", provider="maxapi")
                    await world.store.wake(generation.id, world.clock())
                world.clock.forward(seconds=61)
        counts = len(provider.sent), len(world.delivery.films(generation.id))
        return await world.now(generation), seen, counts, (await world.used()).videos


async def _rests(world, generation):
    with contextlib.suppress(StoreUnavailable):
        now = await world.now(generation)
        return now.status in TERMINAL and now.due_at is None


@pytest.mark.usefixtures("on_both")
@pytest.mark.parametrize("times", [1, 7])
async def test_a_disk_that_is_full_at_any_commit_costs_nothing(tmp_path, monkeypatch, times):
    """Whichever commit finds no room: one submit, with its intent stored, one film, counted once (S-01)."""
    commits, first = 0, -1  # before the first commit there is no fault: how many are there?
    every = 3 if here().url and not in_full() else 1
    while first < commits:
        disk = FullDisk(first, times if first >= 0 else 0)
        folder = tmp_path / str(first)
        folder.mkdir()
        ended, seen, counts, videos = await lived(folder, monkeypatch, disk)
        assert Status.DELIVERED is ended.status, first
        assert ([("submitting", 1)], (1, 1), 1) == (seen, counts, videos), first
        commits, first = commits or disk.commits, first + (every if first >= 0 else 1)
    assert commits > 12


async def test_a_bot_that_can_not_store_says_so_everywhere(database_url, tmp_path):
    """The member, `/readyz` and the log hear of it, nothing of the command is kept, and it heals (S-01)."""
    async with listening(tmp_path, database_url=database_url, secret_key=KEY) as (app, client):
        told = []
        with capture_logs() as lines:
            for edge in (FullDisk(left=10**6).inserted(), contextlib.nullcontext()):
                with edge:
                    try:
                        await start(app)
                    except IntakeStopped as refused:
                        said = words_for(refused)
                        assert [] == list(await app.store.history(1001))
                    async with client.get(f"http://{app.admin.address}/readyz") as answer:
                        told.append("the database takes no writes; is there room?" in await answer.text())

    assert "I can't store anything new just now, so I did not start this. Try again later." in said
    assert [True, False] == told
    assert ["the database takes no writes", "the database takes writes again"] == [
        line["event"] for line in lines
    ]


async def test_an_idle_bot_sees_by_itself_that_there_is_room_again(database_url, tmp_path):
    """Nobody gives a command, nothing is under way: `/readyz` heals all the same (S-01)."""
    async with listening(tmp_path, database_url=database_url, secret_key=KEY) as (app, client):
        told = []
        for edge in (FullDisk(left=10**6).inserted(), contextlib.nullcontext()):
            with edge:
                if not told:
                    with pytest.raises(IntakeStopped):
                        await start(app)
                for _ in range(2):
                    async with client.get(f"http://{app.admin.address}/readyz") as answer:
                        told.append("the database takes no writes; is there room?" in await answer.text())
        switched = await app.house.admission.switches.now()

    assert ([True, True, False, False], frozenset()) == (told, switched.names)


SMALL = """
import asyncio, os, shutil, sqlite3, sys
from pathlib import Path
from bot.errors import StoreUnavailable
from bot.store import open_store
from tests.bot.store.examples import generation, hold

async def live(folder):
    store, taken = await open_store(None, folder), 0
    try:
        for number in range(20_000):
            await store.start(generation(number), [hold()])
            taken += 1
    except StoreUnavailable as error:
        print("said", error)
    print("said", taken, len(await store.history(1001, most=100_000)), store.engine.alarm.rings)
    (folder / "ballast").unlink()
    await store.start(generation(20_000), [hold()])
    print("said", store.engine.alarm.rings)
    await store.close()
    print("said", sqlite3.connect(folder / "matinee.db").execute("PRAGMA integrity_check").fetchone()[0])

folder = Path(sys.argv[1])
(folder / "ballast").write_bytes(bytes(1 << 20))
asyncio.run(live(folder))
"""


async def test_a_really_full_disk_stops_writes_and_heals(tmp_path):
    """On a file system of 3 MiB what was taken is there, reads go on, and room is all it needs (S-01)."""
    mount = f"mount -t tmpfs -o size=3m tmpfs {tmp_path} && exec {sys.executable} -c '{SMALL}' {tmp_path}"
    alone = [] if not await asyncio.to_thread(shutil.which, "unshare") else ["unshare", "-rm"]
    process = await asyncio.create_subprocess_exec(
        *alone,
        "sh",
        "-c",
        mount,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=os.environ | {"PYTHONPATH": "."},
    )
    said, complaint = await process.communicate()
    if b"mount" in complaint:
        pytest.skip(f"no file system may be mounted here: {complaint.decode()}")
    lines = [line.removeprefix("said ") for line in said.decode().splitlines() if line.startswith("said ")]
    error, counts, healed, whole = lines
    taken, there, rings = counts.split()

    assert "database or disk is full" == error
    assert (int(taken), "True", "False", "ok") == (int(there), rings, healed, whole)
    assert int(taken) > 10


DYING = """
import asyncio, os, shutil, signal, sys
from pathlib import Path
import sqlalchemy
from sqlalchemy import event
from bot.store import migrate, migrating

folder, every = Path(sys.argv[1]), int(sys.argv[2])
number = 0
while True:
    place = folder / str(number)
    place.mkdir()
    shutil.copy(folder / "matinee.db", place)
    child = os.fork()
    if not child:
        left = [number]

        def count(*_):
            left[0] -= 1
            if left[0] < 0:
                os.kill(os.getpid(), signal.SIGKILL)

        event.listen(sqlalchemy.Engine, "before_cursor_execute", count)
        event.listen(sqlalchemy.Engine, "commit", count)
        asyncio.run(migrate(None, place))
        os._exit(0)
    if not os.waitpid(child, 0)[1]:
        break
    number += every
print(number)
"""


async def test_an_update_killed_at_any_statement_is_done_later_or_not_begun(tmp_path):
    """SIGKILL before a statement or the commit: the old tables, whole, and the next start goes on (S-10)."""
    path = tmp_path / "matinee.db"
    _of_before(path, "0001")
    before = _sqlite(path, _sqlite_catalogue)
    every = 1 if in_full() else 9
    done = await asyncio.to_thread(
        subprocess.run,
        [sys.executable, "-c", DYING, str(tmp_path), str(every)],
        capture_output=True,
        env=os.environ | {"PYTHONPATH": "."},
        check=True,
    )
    killed = list(range(0, int(done.stdout), every))
    for number in killed:
        place = tmp_path / str(number)
        assert before == _sqlite(place / "matinee.db", _sqlite_catalogue)
        assert before == _sqlite(place / f"matinee.db.before-{REVISION}", _sqlite_catalogue)
    last = tmp_path / str(killed[-1])
    assert REVISION == await migrate(None, last)
    assert before != _sqlite(last / "matinee.db", _sqlite_catalogue)
    assert int(done.stdout) > 40


@pytest.mark.parametrize("number", [0, 20, 50])
async def test_an_update_of_postgres_is_whole_or_not_at_all(bare_postgres_url, tmp_path, number):
    """The connection is lost at some statement: no table is there, and the next start makes all (S-10)."""
    left = [number]

    def lose(*_):
        left[0] -= 1
        if left[0] < 0:
            raise ConnectionResetError

    event.listen(sqlalchemy.Engine, "before_cursor_execute", lose)
    try:
        with pytest.raises((StoreUnavailable, ConnectionResetError)):
            await migrate(bare_postgres_url, tmp_path)
    finally:
        event.remove(sqlalchemy.Engine, "before_cursor_execute", lose)
    assert set() == _postgres(bare_postgres_url, _postgres_catalogue)
    assert REVISION == await migrate(bare_postgres_url, tmp_path)


async def test_a_lock_of_another_process_is_no_loss(tmp_path, monkeypatch):
    """Somebody else's program holds the file for longer than we wait: told, and nothing is lost (S-03)."""
    monkeypatch.setattr(sqlite, "PATIENCE_MS", 20)
    holder = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        "import sqlite3, sys; c = sqlite3.connect(sys.argv[1], isolation_level=None); input();"
        "c.execute('BEGIN EXCLUSIVE'); print('held', flush=True); input(); c.execute('ROLLBACK')",
        str(tmp_path / "matinee.db"),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    async with listening(tmp_path) as (app, _):
        holder.stdin.write(b"\n")
        assert b"held\n" == await holder.stdout.readline()
        with pytest.raises(IntakeStopped, match="cannot_store"):
            await start(app)
        assert () == await app.store.history(1001)
        assert app.store.engine.alarm.rings
        await holder.communicate(b"\n")
        assert Status.QUEUED is (await start(app)).status
