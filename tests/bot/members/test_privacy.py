"""Laws of `bot.members.privacy`, with `bot.members.own` around it."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from bot.errors import IntakeStopped
from bot.members.own import Own
from bot.models import Limit, MediaFile, MediaKind, Mode, Status
from bot.orders import Order
from bot.preferences import Preset
from bot.quotas import Limits
from bot.store.orders import Orders
from tests.bot.desk import Desk
from tests.fakes import ANNA, BEN, CINEMA, a_film, a_request
from tests.s3 import opened, s3

__all__ = ["s3"]

PICTURE = MediaFile("e" * 32, "a.png", MediaKind.IMAGE, ".png", 900, "ab", "https://x", 800, 800)


@pytest.fixture
def desk(store, tmp_path):
    """Return a desk on a real store."""
    return Desk(store, tmp_path, Limits(user_day=Limit(), at_once=None))


@pytest.fixture
def own(desk):
    """Return everything that is a member's own."""
    generations = desk.generations
    return Own.over(
        desk.store,
        hosting=desk.hosting,
        router=generations._router,
        admission=generations._admission,
        clock=desk.clock,
        random=generations._random,
    )


async def exported(own, user_id, most=10**6):
    """Return the files as what they say."""
    return [json.loads(part) async for part in own.privacy.export(user_id, most=most)]


async def test_an_export_has_everything(desk, own):
    """Films with prompts, settings, presets, and what was counted; nobody else's."""
    await desk.start(prompt="a cat 猫 \U0001f408")
    await desk.start(BEN, prompt="a dog")
    await own.defaults.change(ANNA.user_id, seconds=8)
    await own.presets.save(ANNA.user_id, Preset("night", "x"))
    (told,) = await exported(own, ANNA.user_id)

    assert ["a cat 猫 \U0001f408"] == [video["asked"]["prompt"] for video in told["videos"]]
    assert ("1001", 8, ["night"]) == (
        told["user_id"],
        told["preferences"]["seconds"],
        [preset["name"] for preset in told["presets"]],
    )
    assert ["reserve"] == [entry["kind"] for entry in told["ledger"]]
    assert "a dog" not in json.dumps(told)


async def test_an_export_of_nobody_is_empty(own):
    """Whoever never made anything gets a file that says so."""
    (told,) = await exported(own, 9)

    assert ([], [], []) == (told["videos"], told["presets"], told["ledger"])


async def test_a_large_export_comes_in_parts(desk, own):
    """Each can be read by itself, none is too large, and together they have every film once."""
    for number in range(12):
        await desk.finish(await desk.start(prompt=f"boat {number} " + "x" * 500), status=Status.FAILED)
    most = 8_000
    parts = [part async for part in own.privacy.export(ANNA.user_id, most=most)]
    prompts = [video["asked"]["prompt"] for part in parts[1:] for video in json.loads(part)["videos"]]
    first = json.loads(parts[0])
    prompts += [video["asked"]["prompt"] for video in first["videos"]]

    assert len(parts) > 2
    assert max(map(len, parts[1:])) <= most
    assert sorted({prompt.split()[1] for prompt in prompts}) == sorted(map(str, range(12)))
    assert len(prompts) == 12


async def test_nothing_is_left_after_a_deletion(desk, own):
    """Words, settings, presets, files; ended films are nobody's (T-32)."""
    media = desk.hosting.media_path(PICTURE)
    media.write_bytes(b"png")
    first = await desk.start(mode=Mode.FIRST_FRAME, media=(PICTURE,))
    await desk.finish(first, status=Status.DELIVERED, film=a_film())
    kept = desk.hosting.films_dir / f"{first.id}.mp4"
    kept.write_bytes(b"film")
    await own.defaults.change(ANNA.user_id, seconds=8)
    await own.presets.save(ANNA.user_id, Preset("night", "x"))
    left = await own.privacy.forget(ANNA.user_id)
    (told,) = await exported(own, ANNA.user_id)

    assert (0, [], [], None) == (left, told["videos"], told["presets"], told["preferences"]["seconds"])
    assert (False, False) == (media.exists(), kept.exists())
    assert 2 <= len(told["ledger"]) + 1


@pytest.mark.parametrize("again", [False, True])
async def test_no_file_of_an_unanswered_question_is_left(desk, own, again):
    """But one that is somebody else's, who showed it in a film of theirs, is."""
    media = desk.hosting.media_path(PICTURE)
    media.write_bytes(b"png")
    shown = {"mode": Mode.FIRST_FRAME, "media": (PICTURE,)}
    film = await desk.start(BEN, **shown) if again else None
    order = Order(a_request(**shown), CINEMA, film and film.id)
    await Orders(desk.store.engine).put("f" * 16, ANNA.user_id, order, desk.clock())
    await own.privacy.forget(ANNA.user_id)

    assert media.exists() == again


async def test_what_is_under_way_is_counted_and_kept(desk, own):
    """Its member hears that it is finished first."""
    await desk.start()
    await desk.finish(await desk.start(), status=Status.FAILED)

    assert 1 == await own.privacy.forget(ANNA.user_id)
    (row,) = await own.searching.page(ANNA.user_id)
    assert (Status.QUEUED, True) == (row.status, row.forget)


async def test_limits_stay_used(desk, own):
    """Who deletes everything can't make more than before."""
    await desk.finish(await desk.start(), status=Status.DELIVERED)
    before = await desk.generations.usage(ANNA.user_id)
    await own.privacy.forget(ANNA.user_id)
    after = await desk.generations.usage(ANNA.user_id)

    assert before.videos_used == after.videos_used == 1


async def test_many_are_forgotten_page_by_page(desk, own, monkeypatch):
    """However many there are."""
    monkeypatch.setattr("bot.members.privacy.AT_ONCE", 3)
    for _ in range(8):
        await desk.finish(await desk.start(), status=Status.FAILED)

    assert 0 == await own.privacy.forget(ANNA.user_id)
    assert () == await own.searching.page(ANNA.user_id)


async def test_deleting_twice_is_as_good_as_once(desk, own):
    """Also while something is under way."""
    await desk.start()
    await own.privacy.forget(ANNA.user_id)

    assert 1 == await own.privacy.forget(ANNA.user_id)


@pytest.mark.parametrize("when", ["before", "meanwhile"])
async def test_a_deletion_deletes_all_or_waits(desk, own, s3, tmp_path, monkeypatch, when):
    """Storage that is down at once refuses it; if it goes meanwhile, the tracker goes on with it (S-20)."""
    storage = opened(s3.address(), tmp_path / "s")
    sharing = replace(own.privacy, hosting=replace(desk.hosting, storage=storage))
    ended = await desk.finish(await desk.start(), status=Status.FAILED)
    s3.mode = "down"
    if when == "before":
        with pytest.raises(IntakeStopped, match="files_unavailable"):
            await sharing.forget(ANNA.user_id)
        assert not (await desk.store.get(ended.id)).forget
        return
    monkeypatch.setattr(type(storage), "trouble", no_trouble)

    assert 1 == await sharing.forget(ANNA.user_id)
    marked = await desk.store.get(ended.id)
    assert (True, True) == (marked.forget, marked.due_at is not None)


async def no_trouble(_):
    """Say nothing."""
    return ""
