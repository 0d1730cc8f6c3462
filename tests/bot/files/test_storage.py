"""Laws of `bot.files.storage`, on a real S3 server and on a folder that machines share."""

from __future__ import annotations

import asyncio
import hashlib
import os
import time
from datetime import UTC, datetime, timedelta

import pytest

from bot.errors import FilesUnavailable
from bot.files import Address, Whole
from bot.files import storage as storage_
from bot.files.storage import Storage
from tests.bot.files.shelf import Shelf, on_shelf
from tests.s3 import opened, s3

__all__ = ["s3"]
NAME = "films/0123456789abcdef/v3.mp4"
DATA = b"film" * 1000
WHOLE = Whole(len(DATA), hashlib.sha256(DATA).hexdigest())
LIFE = timedelta(days=30)


class Machines:
    """Two machines that share storage, each with copies of its own."""

    def __init__(self, folder, made):
        self.folder = folder
        self.one, self.two = (made(folder / name) for name in ("one", "two"))

    async def keep(self, name=NAME, data=DATA):
        """Keep something on the first."""
        self.one.path(name).write_bytes(data)
        await self.one.keep(name)
        return self.one.path(name)


@pytest.fixture(params=["bucket", "folder", "shelf"])
def machines(request, tmp_path):
    """Yield two machines, before a bucket, before a folder, and before what answers at once."""
    if request.param == "shelf":
        shelf = Shelf()
        return Machines(tmp_path, lambda folder: on_shelf(shelf, folder))
    shared = str(tmp_path / "shared")
    address = Address(shared) if request.param == "folder" else request.getfixturevalue("s3").address()
    return Machines(tmp_path, lambda folder: opened(address, folder))


@pytest.fixture
def machine(s3, tmp_path):
    """Return a machine that has something to be kept."""
    made = opened(s3.address(), tmp_path)
    made.path(NAME).write_bytes(DATA)
    return made


async def test_what_one_machine_keeps_another_has(machines):
    """The same bytes, in a folder that is flat here."""
    await machines.keep()
    copy = await machines.two.local(NAME, WHOLE)

    assert DATA == copy.read_bytes()
    assert machines.folder / "two" / "films" / "0123456789abcdef.v3.mp4" == copy
    assert await machines.two.exists(NAME)


async def test_what_was_never_kept_is_nowhere(machines):
    """It lies here alone: another machine doesn't have it."""
    machines.one.path(NAME).write_bytes(DATA)

    assert (True, False) == (await machines.one.exists(NAME), await machines.two.exists(NAME))
    assert await machines.two.local(NAME) is None
    assert [] == [*machines.folder.glob("two/films/*")]


async def test_a_large_film_goes_in_parts_and_comes_whole(machines, monkeypatch):
    """Larger than one request carries, and not a multiple of it."""
    monkeypatch.setattr(storage_, "PART", 5 << 20)
    data = os.urandom((11 << 20) + 7)
    await machines.keep(data=data)
    copy = await machines.two.local(NAME, Whole(len(data), hashlib.sha256(data).hexdigest()))

    assert data == copy.read_bytes()


async def test_nothing_is_kept_and_had_too(machines):
    """An empty file is one."""
    await machines.keep(data=b"")

    assert b"" == (await machines.two.local(NAME)).read_bytes()


@pytest.mark.parametrize("whole", [Whole(len(DATA) + 1, WHOLE.sha256), Whole(len(DATA), "0" * 64)])
async def test_what_differs_is_as_good_as_not_kept(machines, whole):
    """Its size and its hash are compared; nothing of it stays here."""
    await machines.keep()

    assert await machines.two.local(NAME, whole) is None
    assert [] == [*machines.folder.glob("two/films/*")]


async def test_of_two_who_ask_one_brings_it(machines):
    """The other one waits for it."""
    await machines.keep()
    brought, fetch = [], machines.two._fetched

    async def counted(*told):
        brought.append(told)
        return await fetch(*told)

    machines.two._fetched = counted
    copies = await asyncio.gather(*[machines.two.local(NAME, WHOLE) for _ in range(3)])

    assert [machines.two.path(NAME)] * 3 == copies
    assert 1 == len(brought)
    assert 0 == len(machines.two._locks)


async def test_what_goes_while_it_is_brought_is_gone(machines):
    """Somebody else deletes it: no half of it stays."""
    await machines.keep()
    about = machines.two._about

    async def deleted_then(name):
        found = await about(name)
        await machines.one.forget([NAME])
        return found

    machines.two._about = deleted_then

    assert await machines.two.local(NAME) is None
    assert [] == [*machines.folder.glob("two/films/*")]


async def test_it_is_deleted_here_and_there(machines):
    """By its name, and with everything in its folder; what isn't there is no error."""
    await machines.keep()
    await machines.keep("films/0123456789abcdef/v4.mp4")
    await machines.keep("films/0123456789abcdee/v1.mp4")
    await machines.one.forget(["films/nothing.mp4"], "films/0123456789abcdef")

    assert [] == [*machines.folder.glob("one/films/0123456789abcdef*")]
    assert await machines.two.local(NAME) is None
    assert await machines.two.exists("films/0123456789abcdee/v1.mp4")


async def test_a_name_alone_deletes_nothing_else(machines):
    """Its neighbours stay."""
    await machines.keep()
    await machines.keep("films/0123456789abcdef/v4.mp4")
    await machines.one.forget([NAME])

    assert not await machines.two.exists(NAME)
    assert await machines.two.exists("films/0123456789abcdef/v4.mp4")


async def test_what_is_old_is_swept(machines):
    """What was kept after the moment stays, and so does the other folder."""
    await machines.keep()
    await machines.keep("media/cat.png")
    now = datetime.now(UTC)

    assert 0 == await machines.two.sweep("films", now - timedelta(minutes=1))
    assert 1 == await machines.two.sweep("films", now + timedelta(minutes=1))
    assert not await machines.two.exists(NAME)
    assert await machines.two.exists("media/cat.png")


async def test_it_is_kept_for_longer_but_sent_anew_seldom(machines):
    """Before a quarter of its life has passed nothing is sent; then its time begins anew."""
    await machines.keep()
    since = (await machines.two._about(NAME))[1]
    sent, keep = [], machines.two.keep

    async def counted(name):
        sent.append(name)
        await keep(name)

    machines.two.keep = counted

    assert await machines.two.touch(NAME, WHOLE, LIFE, since + LIFE / 5)
    assert [] == sent
    assert await machines.two.touch(NAME, WHOLE, LIFE, since + LIFE / 3)
    assert [NAME] == sent
    assert DATA == machines.two.path(NAME).read_bytes()


async def test_what_is_gone_or_spoilt_is_not_kept_for_longer(machines):
    """What differs never takes the place of what was kept."""
    assert not await machines.two.touch(NAME, WHOLE, LIFE, datetime.now(UTC))
    await machines.keep(data=b"spoilt")

    assert not await machines.two.touch(NAME, WHOLE, LIFE, datetime.now(UTC) + LIFE)


async def test_a_copy_that_rests_makes_room_for_another(machines):
    """The oldest goes first; what was asked for just now stays."""
    names = [f"films/{letter}/v1.mp4" for letter in "abc"]
    for name in names:
        await machines.keep(name)
    store = machines.two._store
    two = Storage(store, machines.two.root, most=2 * len(DATA))
    for age, name in ((3600, names[0]), (60, names[1])):
        moment = time.time() - age
        os.utime(await two.local(name), (moment, moment))
    await two.local(names[2])

    assert ["b.v1.mp4", "c.v1.mp4"] == sorted(path.name for path in two.root.glob("films/*"))
    await two.local(names[0])
    assert 3 == len([*two.root.glob("films/*")])  # all are in use: it is a bound on what rests


async def test_a_full_disk_brings_nothing_here(machines):
    """The database's room stays free, and what rests is given up first."""
    await machines.keep()
    old = machines.two.path("films/x/v1.mp4")
    old.write_bytes(b"x")
    os.utime(old, (0, 0))
    (machines.two.root / "films" / "folder").mkdir()
    machines.two._space = lambda _: len(DATA)

    with pytest.raises(FilesUnavailable, match="no room"):
        await machines.two.local(NAME)
    assert ["folder"] == [path.name for path in machines.two.root.glob("films/*")]


async def test_a_copy_that_goes_meanwhile_is_no_fault(machines, monkeypatch):
    """Another process of this machine sweeps as well."""
    await machines.keep()
    ghost = machines.two.path("films/x/v1.mp4")
    ghost.symlink_to("nowhere")

    assert DATA == (await machines.two.local(NAME)).read_bytes()


async def test_what_lies_nowhere_here_cannot_be_kept(machines):
    """Nobody may be told of it."""
    with pytest.raises(FilesUnavailable, match="nothing to send"):
        await machines.one.keep(NAME)


async def test_what_did_not_arrive_whole_is_not_kept(machines):
    """Storage that says yes and has something else isn't believed."""
    about = machines.one._about

    async def shorter(name):
        size, since = await about(name)
        return size - 1, since

    machines.one._about = shorter
    with pytest.raises(FilesUnavailable, match="whole"):
        await machines.keep()


@pytest.mark.parametrize(
    ("mode", "why"), [("down", "no answer"), ("denied", "denied"), ("hung", "no answer")]
)
async def test_storage_that_fails_is_told_apart_from_files_that_are_gone(machine, s3, monkeypatch, mode, why):
    """Whatever is asked; and nothing of its address is told."""
    monkeypatch.setattr(storage_, "PATIENCE", timedelta(seconds=0.2))
    s3.mode = mode
    for ask in (
        lambda: machine.keep(NAME),
        lambda: machine.local("films/x/v1.mp4"),
        lambda: machine.exists("films/x/v1.mp4"),
        lambda: machine.touch(NAME, WHOLE, LIFE, datetime.now(UTC)),
        lambda: machine.forget(["films/x/v1.mp4"], "films/x"),
        lambda: machine.sweep("films", datetime.now(UTC)),
    ):
        with pytest.raises(FilesUnavailable, match=why) as told:
            await ask()
        assert "127.0.0.1" not in str(told.value)
    assert 6 == told.value.misses
    s3.mode = "open"
    await machine.keep(NAME)
    s3.mode = "down"
    with pytest.raises(FilesUnavailable) as told:
        await machine.sweep("films", datetime.now(UTC))
    assert 1 == told.value.misses


@pytest.mark.parametrize(("mode", "why"), [("down", "no answer"), ("denied", "denied"), ("hung", "answer")])
async def test_it_says_what_its_trouble_is(machine, s3, monkeypatch, mode, why):
    """In one sentence, soon, for /readyz; and nothing while all is well."""
    monkeypatch.setattr(storage_, "LOOK", timedelta(seconds=0.2))
    assert "" == await machine.trouble()
    s3.mode = mode
    assert why in await machine.trouble()


@pytest.mark.parametrize(
    ("fault", "said"),
    [(None, ""), (OSError("127.0.0.1"), "no answer"), (FileNotFoundError(), "no such bucket")],
)
async def test_trouble_that_is_told_at_once(tmp_path, fault, said):
    """The same sentences, whatever the storage's own words are."""
    shelf = Shelf()
    shelf.fault = fault
    told = await on_shelf(shelf, tmp_path).trouble()

    assert (bool(said), True, False) == (bool(told), said in told, "127.0.0.1" in told)


async def test_a_bucket_that_is_not_there_is_no_bucket_without_files(s3, tmp_path):
    """Else every film would be taken for gone."""
    machine = opened(s3.address("no-such-bucket"), tmp_path)
    machine.path(NAME).write_bytes(DATA)

    assert "no such bucket" in await machine.trouble()
    with pytest.raises(FilesUnavailable, match="no such bucket"):
        await machine.keep(NAME)
