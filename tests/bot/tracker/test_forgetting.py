"""Laws of `bot.tracker.forgetting`: what is under way ends as always, and is forgotten then."""

from __future__ import annotations

import pytest

from bot.errors import InputRejected
from bot.models import MediaFile, MediaKind, Mode, Notice, ProviderTask, Status, TaskStatus
from bot.store.forgetting import Forgetting, is_forgotten
from bot.tracker.cards import NOWHERE
from tests.fakes import ANNA, BEN

PICTURE = MediaFile("e" * 32, "a.png", MediaKind.IMAGE, ".png", 900, "ab", "https://x", 800, 800)
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
