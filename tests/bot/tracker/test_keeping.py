"""Laws of `bot.tracker.keeping`: films that machines share, and machines that die or come late."""

from __future__ import annotations

import asyncio
import hashlib

import pytest

from bot.errors import Conflict, FilesUnavailable, MediaError
from bot.models import Status
from bot.tracker import cards
from tests.bot.tracker.machines import Machine
from tests.fakes import Clock, FakeDelivery, FakeProvider
from tests.s3 import s3

__all__ = ["s3"]


@pytest.fixture
def machines(store, s3, tmp_path):
    """Return two machines on each database, and one bucket."""
    clock, provider, address = Clock(), FakeProvider(), s3.address()
    delivery = FakeDelivery(clock)
    return [Machine(tmp_path / name, store, clock, provider, delivery, address) for name in ("one", "two")]


def told(film):
    """Return what a row says of a film's bytes."""
    return film.size, film.sha256


def is_(data):
    """Return what should be said of them."""
    return len(data), hashlib.sha256(data).hexdigest()


async def test_a_film_that_one_fetched_another_delivers(machines):
    """The first dies before it posts: the other neither asks again nor fetches it anew (S-18)."""
    one, two = machines
    generation = await one.ask()
    fetched = await one.step_to(generation, Status.FETCHED)
    asked = list(one.providers["maxapi"].asked)
    ended = await two.until(generation, Status.DELIVERED)

    assert 1 == len(two.delivery.films(generation.id))
    assert fetched.film == ended.film
    assert is_(one.downloader.data) == told(ended.film)
    assert one.downloader.data == two.hosting.film_path(ended.film).read_bytes()
    assert (asked, []) == (two.providers["maxapi"].asked, two.downloader.fetched)


@pytest.mark.parametrize("kept", [False, True])
async def test_a_machine_that_dies_while_it_keeps_a_film_loses_nothing(machines, kept):
    """Before it is sent, and between that and the commit: another fetches it, and it comes once (S-18)."""
    one, two = machines
    generation = await one.ask()
    async with one.held(generation, kept=kept):
        one.die()
        one.clock.forward(seconds=70)
        ended = await two.until(generation, Status.DELIVERED)

    assert 1 == len(two.delivery.films(generation.id))
    assert (1, 1) == (len(one.downloader.fetched), len(two.downloader.fetched))
    assert is_(two.hosting.film_path(ended.film).read_bytes()) == told(ended.film)


@pytest.mark.parametrize("storage", ["open", "down"])
async def test_a_machine_that_comes_late_spoils_nothing(machines, s3, storage):
    """It sends other bytes after another has gone on: the row's film stays its own (S-19)."""
    one, two = machines
    one.downloader.data = b"late" * 50
    generation = await one.ask()
    async with one.held(generation, kept=storage == "down"):
        one.clock.forward(seconds=70)
        ended = await two.until(generation, Status.DELIVERED)
        s3.mode = storage
    s3.mode = "open"
    names = set(s3.objects(one.address))
    await two.rest()  # the late one's edit of the card wants a look
    latest = await two.now(generation)

    assert (ended.status, ended.film, ended.message_id) == (latest.status, latest.film, latest.message_id)
    assert cards.up_to_date(latest)
    assert told(ended.film) == is_(two.downloader.data)
    assert two.downloader.data == s3.objects(one.address)[ended.film.path].data
    assert {ended.film.path} == names if storage == "open" else len(names) == 2


@pytest.mark.parametrize("mode", ["down", "denied"])
async def test_films_wait_while_they_cannot_be_kept(machines, s3, mode):
    """Nothing is lost or asked for twice; what was fetched is sent as soon as that can be (S-20)."""
    one, _ = machines
    generation = await one.ask()
    await one.step_to(generation, Status.RENDERED)
    s3.mode = mode
    for _ in range(8):
        await one.rest()
        waiting = await one.now(generation)
        assert (Status.RENDERED, 0) == (waiting.status, waiting.misses)
        one.clock.forward(minutes=20)
    assert 1 < sum(method == "PUT" for method, _ in s3.asked) <= 8
    s3.mode = "open"
    ended = await one.until(generation, Status.DELIVERED)

    assert 1 == len(one.downloader.fetched)
    assert told(ended.film) == is_(s3.objects(one.address)[ended.film.path].data)


async def test_films_wait_while_they_cannot_be_had(machines, s3):
    """Another machine that can't bring it here doesn't take it for gone (S-20)."""
    one, two = machines
    generation = await one.ask()
    await one.step_to(generation, Status.FETCHED)
    s3.mode = "denied"
    await two.rest()
    assert Status.FETCHED is (await two.now(generation)).status
    assert [] == two.delivery.films(generation.id)
    s3.mode = "open"
    await two.until(generation, Status.DELIVERED)

    assert [] == two.downloader.fetched


async def test_what_was_left_and_cannot_be_read_is_fetched_anew(machines, s3):
    """A film that couldn't be kept, and was spoilt meanwhile."""
    one, _ = machines
    generation = await one.ask()
    await one.step_to(generation, Status.RENDERED)
    s3.mode = "down"
    await one.rest()
    s3.mode = "open"
    probe, faults = one.prober.probe, [MediaError("unreadable")]

    async def spoilt(path):
        if faults:
            raise faults.pop()
        return await probe(path)

    one.prober.probe = spoilt
    await one.until(generation, Status.DELIVERED)

    assert 2 == len(one.downloader.fetched)


async def test_a_film_that_differs_from_its_row_is_fetched_anew(machines, s3):
    """What somebody else put in its place is never posted (S-18)."""
    one, two = machines
    generation = await one.ask()
    fetched = await one.step_to(generation, Status.FETCHED)
    s3.objects(one.address)[fetched.film.path].data = b"x" * fetched.film.size
    ended = await two.until(generation, Status.DELIVERED)

    assert 1 == len(two.downloader.fetched)
    assert two.downloader.data == two.hosting.film_path(ended.film).read_bytes()


async def test_a_step_that_nobody_can_put_off_is_begun_again_later(machines, s3, monkeypatch):
    """Its lease runs out."""
    one, _ = machines
    generation = await one.ask()
    await one.step_to(generation, Status.RENDERED)
    keep = one.hosting.files.keep

    async def gone(name):
        one.hosting.files.keep = keep
        await one.store.move(await one.now(generation), one.clock(), due_at=one.clock())
        raise FilesUnavailable("no answer")

    one.hosting.files.keep = gone
    await one.until(generation, Status.DELIVERED)

    assert 1 == len(one.delivery.films(generation.id))


async def test_a_film_that_only_one_machine_keeps_stays_where_it_is(world):
    """Whoever was overtaken deletes nothing: under its name lies the film of whoever went on (S-19)."""
    await world.ask()
    move, overtaken = type(world.store).move, []

    async def late(store, row, *told, **changes):
        if changes.get("status") is Status.FETCHED and not overtaken:
            overtaken.append(world.hosting.film_path(changes["film"]))
            raise Conflict("move")
        return await move(store, row, *told, **changes)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(type(world.store), "move", late)
        while not overtaken:
            await world.tracker.tick()
            await asyncio.gather(*world.tracker._steps.values())
            world.clock.forward(seconds=7)

    assert overtaken[0].exists()
