"""Laws of `bot.tracker.forgetting`: what is under way ends as always, and is forgotten then."""

from __future__ import annotations

from dataclasses import replace
from random import Random

import pytest
from structlog.testing import capture_logs

from bot import quotas
from bot.errors import InputRejected, StoreUnavailable
from bot.models import (
    Limit,
    MediaFile,
    MediaKind,
    Mode,
    Notice,
    Place,
    ProviderTask,
    Requester,
    Status,
    TaskStatus,
)
from bot.store.forgetting import Forgetting, is_forgotten
from bot.tracker.cards import NOWHERE
from bot.tracker.forgetting import forget
from tests.databases import here
from tests.fakes import ANNA, BEN
from tests.s3 import opened, s3

__all__ = ["s3"]

PICTURE = MediaFile("e" * 32, "a.png", MediaKind.IMAGE, ".png", 900, "ab", "https://x", 800, 800)
HOLIDAY = replace(PICTURE, id="f" * 32, name="holiday.png")
FREE = quotas.Limits(user_day=Limit(), at_once=None)
LENORE = Requester(900190019001, "Lenore")
FROM_IT = {"media": (PICTURE,), "mode": Mode.FIRST_FRAME}


async def mark(world):
    """Anna wants to be forgotten."""
    later, _ = await Forgetting(world.store.engine).mark(ANNA.user_id, world.clock())
    return later


async def test_a_film_under_way_comes_and_is_forgotten(world):
    """Paid once, posted once, counted; then neither words nor ids are left."""
    generation = await world.ask()
    await world.tracker.tick()
    await mark(world)
    ended = await world.until(generation, Status.DELIVERED)

    assert 1 == len(world.delivery.films(generation.id))
    assert 1 == len(world.providers["maxapi"].sent)
    assert is_forgotten(ended)
    assert ("", None, NOWHERE) == (ended.asked.prompt, ended.message_id, ended.card_shown)
    assert 1 == (await world.used()).videos


async def test_a_notice_is_told_before(world):
    """Who asked reads why there is no film, and then it is forgotten."""
    world.providers["maxapi"].submits.append(InputRejected("maxapi"))
    generation = await world.ask()
    await mark(world)
    ended = await world.until(generation, Status.REFUSED)

    assert (True, Notice.TOLD) == (is_forgotten(ended), ended.notice)
    assert 1 == len(world.delivery.notices(generation.id))


async def test_what_the_command_left_is_finished(world):
    """It had marked what was at rest, and the process died."""
    generation = await world.ask()
    await world.until(generation, Status.DELIVERED)
    world.clock.now = await mark(world)
    await world.rest()

    assert is_forgotten(await world.now(generation))
    assert 1 == len(world.delivery.films(generation.id))


@pytest.mark.parametrize("status", [Status.DELIVERED, Status.FAILED])
async def test_a_late_callback_does_no_harm(world, status):
    """It wakes what is forgotten: nobody is told, no card is posted, and it rests again."""
    if status is Status.FAILED:
        world.providers["maxapi"].last_fetch = ProviderTask("t", TaskStatus.FAILED, reason="provider")
    generation = await world.ask()
    await mark(world)
    forgotten = await world.until(generation, status)
    before = len(world.delivery.messages), len(world.delivery.edits)
    await world.store.name_task(generation.id, "t9", provider="maxapi")
    await world.store.wake(generation.id, world.clock())
    after = await world.until(generation, status)

    assert before == (len(world.delivery.messages), len(world.delivery.edits))
    assert after.named_task_id is None
    assert (True, None, forgotten.status) == (is_forgotten(after), after.due_at, after.status)
    assert (status is Status.DELIVERED) == (await world.used()).videos


async def test_its_files_go(world):
    """The film that is kept, smaller copies of it, and what it was made from."""
    media = world.hosting.media_path(PICTURE)
    media.write_bytes(b"png")
    generation = await world.ask(**FROM_IT)
    for name in (f"{generation.id}.mp4", f"{generation.id}.1000.mp4", "f" * 16 + ".mp4"):
        (world.hosting.films_dir / name).write_bytes(b"film")
    await mark(world)
    await world.until(generation, Status.DELIVERED)

    assert ["f" * 16 + ".mp4"] == [path.name for path in world.hosting.films_dir.iterdir()]
    assert not media.exists()


async def test_a_process_that_dies_in_between_leaves_no_file(world):
    """Its row still names what is to be deleted, and is due."""
    media = world.hosting.media_path(PICTURE)
    media.write_bytes(b"png")
    generation = await world.ask(**FROM_IT)
    await world.until(generation, Status.DELIVERED)
    later = await mark(world)
    (marked,) = await Forgetting(world.store.engine).marked(ANNA.user_id, later, most=1)
    dying = replace(world.store, engine=Dying(world.store.engine))
    with pytest.raises(StoreUnavailable):
        await forget(dying, world.hosting, Random(0), marked, world.clock())
    died = await world.now(generation)
    world.clock.now = later
    await world.rest()

    assert (PICTURE, False) == (died.asked.media[0], media.exists())
    assert is_forgotten(await world.now(generation))


class Dying:
    """A database that goes away before the next write."""

    def __init__(self, engine):
        self.read = engine.read

    async def write(self, steps):
        """Write nothing."""
        raise StoreUnavailable("gone")


async def test_no_byte_is_left_of_what_was_under_way(world):
    """Neither in a row, nor in a page of the database that is free again, nor in the log."""
    media = world.hosting.media_path(HOLIDAY)
    media.write_bytes(b"png")
    said = {"prompt": "unmistakable walrus", "media": (HOLIDAY,), "mode": Mode.FIRST_FRAME}

    async def asked():
        return await world.ask(LENORE, place=Place(777_000_777, 400), limits=FREE, **said)

    with capture_logs() as log:
        generations = [await asked() for _ in range(20)]
        await Forgetting(world.store.engine).mark(LENORE.user_id, world.clock())
        for generation in generations:
            await world.until(generation, Status.DELIVERED)
    left = here().written(world.data_dir)
    left += b"".join(path.read_bytes() for path in world.data_dir.rglob("*") if path.is_file())

    pseudonym = generations[0].member.encode()
    left = left.replace(pseudonym, b"pseudonym") + repr(log).encode()

    assert b"pseudonym" in left
    for trace in ("walrus", "Lenore", "900190019001", "777000777", HOLIDAY.id, HOLIDAY.name):
        assert trace.encode() not in left
    assert not media.exists()


async def test_a_file_that_another_film_needs_stays(world):
    """Ben pressed Again on Anna's film: his is paid, and needs her picture until it is sent."""
    media = world.hosting.media_path(PICTURE)
    media.write_bytes(b"png")
    generation = await world.ask(**FROM_IT)
    await world.until(generation, Status.DELIVERED)
    bens = await world.ask(BEN, **FROM_IT)
    world.clock.now = await mark(world)
    await world.tracker.tick()

    assert media.exists()
    assert (PICTURE.id,) == tuple(file.id for file in (await world.now(bens)).asked.media)


async def test_what_cannot_be_deleted_just_now_is_not_called_deleted(world, tmp_path, s3):
    """Its row names it until its film, what was left over, and its pictures are gone (T-32, S-20)."""
    address = s3.address()
    world.hosting = replace(world.hosting, storage=opened(address, tmp_path / "s"))
    world.new_tracker()
    await keep_there(world, f"media/{PICTURE.id}.png")
    generation = await world.ask(**FROM_IT)
    await world.until(generation, Status.DELIVERED)
    await keep_there(world, f"films/{generation.id}/v1.mp4")
    world.clock.now = await mark(world)
    s3.mode = "down"
    await world.rest()
    assert not is_forgotten(await world.now(generation))
    s3.mode = "open"
    world.clock.forward(minutes=10)
    await world.rest()

    assert is_forgotten(await world.now(generation))
    assert {} == s3.objects(address)


async def keep_there(world, name):
    """Keep something where machines share it."""
    world.hosting.files.path(name).write_bytes(b"x")
    await world.hosting.files.keep(name)
