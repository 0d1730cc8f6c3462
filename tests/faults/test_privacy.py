"""What is deleted is gone: from every table, and from the very bytes of the files."""

from __future__ import annotations

from dataclasses import replace
from random import Random

import pytest
from sqlalchemy import select

from bot.errors import StoreUnavailable
from bot.members.own import Own
from bot.models import Limit, MediaFile, MediaKind, Mode, Place, Requester, Status
from bot.orders import Order
from bot.preferences import Preset
from bot.quotas import Limits
from bot.shots import BoardStatus
from bot.store.orders import Orders
from bot.store.statements import Statement
from bot.store.storyboards import Storyboards
from bot.store.tables import metadata
from bot.tracker.forgetting import forget
from tests.bot.desk import Desk
from tests.bot.store.test_storyboards import board, shot
from tests.fakes import a_film, a_request

GUILD = 876_543_210_987_654
USER, CHANNEL, CARD, MESSAGE, ASKED = (int(f"9{number}7654321098765{number}") for number in range(1, 6))
ANNA = Requester(USER, "Forget-Me Anna")
HERE = Place(CHANNEL, GUILD, locale="zh-CN")
WORDS = {
    "prompt": "forget-me prompt \N{CAT}",
    "file": "forget-me-file.png",
    "link": "https://cdn.example/forget-me-link",
    "result": "https://films.example/forget-me-result",
    "task": "forget-me-task",
    "body": "forget-me-body",
    "preset": "forget-me preset",
    "style": "forget-me style",
    "order": "forget-me order",
    "shot": "forget-me shot",
}
IDS = (USER, CHANNEL, CARD, MESSAGE, ASKED)
PICTURE = MediaFile(
    "fe" * 16, WORDS["file"], MediaKind.IMAGE, ".png", 900, "cd" * 32, WORDS["link"], 800, 800
)
TRACES = [*WORDS.values(), ANNA.name, PICTURE.id, PICTURE.sha256, *map(str, IDS)]


@pytest.fixture
def desk(store, tmp_path):
    """Return a desk on a real store."""
    return Desk(store, tmp_path, Limits(user_day=Limit(), at_once=None))


@pytest.fixture
def own(desk):
    """Return everything that is a member's own."""
    made = desk.generations
    return Own.over(
        desk.store,
        hosting=desk.hosting,
        router=made._router,
        admission=made._admission,
        clock=desk.clock,
        random=Random(5),
    )


async def make(desk, number):
    """Leave traces of one film."""
    prompt = f"{WORDS['prompt']} {number} " + "x" * 50 * number
    row = await desk.start(ANNA, HERE, prompt=prompt, mode=Mode.FIRST_FRAME, media=(PICTURE,))
    film = desk.hosting.films_dir / f"{row.id}.mp4"
    for path in (film, film.with_name(f"{film.name}.part")):
        path.write_bytes(b"film of forget-me")
    return await desk.finish(
        row,
        status=Status.DELIVERED,
        film=replace(a_film(), path=f"films/{film.name}"),
        urls=(WORDS["result"],),
        task_id=f"{WORDS['task']}{number}",
        body=WORDS["body"],
        card_id=CARD,
        message_id=MESSAGE,
        message_channel_id=CHANNEL,
    )


async def live(desk, own):
    """Leave traces wherever a member can; return the one film that is still under way."""
    desk.hosting.media_path(PICTURE).write_bytes(b"png of forget-me")
    for number in range(30):
        await make(desk, number)
    await own.defaults.change(USER, seconds=8, model="seedance-2.0")
    await own.presets.save(USER, Preset(WORDS["preset"], WORDS["style"]))
    order = Order(a_request(prompt=WORDS["order"], media=(PICTURE,)), HERE)
    await Orders(desk.store.engine).put("f" * 16, USER, order, desk.clock())
    theirs = {"requester": ANNA, "place": HERE}
    asked = a_request(prompt=WORDS["shot"])
    shots = [shot(n, status=Status.DELIVERED, asked=asked, request=asked, **theirs) for n in (1, 2)]
    ended = board(status=BoardStatus.DELIVERED, card_id=CARD, interaction_id=ASKED, due_at=None, **theirs)
    await Storyboards(desk.store.engine).start(ended, shots, [])
    return await desk.start(ANNA, HERE, prompt=WORDS["prompt"], mode=Mode.FIRST_FRAME, media=(PICTURE,))


async def end(desk, generation):
    """End the last film as the tracker does, which then forgets it."""
    await desk.finish(generation, status=Status.FAILED)
    row = await desk.store.get(generation.id)
    await forget(desk.store, desk.hosting, Random(6), row, desk.clock())
    await desk.store.engine.scrub()  # as within the hour


async def rows(store):
    """Return every value of every table as text."""
    found = []
    for table in metadata.tables.values():
        read = Statement(f"all of {table.name}", select(table), returns=True)
        found += [str(value) for row in await store.engine.read(read, {}) for value in row]
    return "\n".join(found)


def files(folder):
    """Return the bytes of every file below a folder, with its name."""
    return b"".join(path.name.encode() + path.read_bytes() for path in folder.rglob("*") if path.is_file())


async def test_nothing_of_a_member_is_left_in_any_table(desk, own):
    """Words, files, names and ids are there before, and nowhere after (T-32)."""
    last = await live(desk, own)
    before = await rows(desk.store)
    assert 1 == await own.privacy.forget(USER)
    await end(desk, last)
    after = await rows(desk.store)

    assert [trace for trace in TRACES if trace not in before] == []
    assert [trace for trace in TRACES if trace in after] == []


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)  # the bytes of its file
async def test_nothing_of_a_member_is_left_in_the_bytes(desk, own, tmp_path):
    """Neither in free pages nor in the WAL nor in what is half done; the bot runs on (T-32)."""
    last = await live(desk, own)
    before = files(tmp_path)
    await own.privacy.forget(USER)
    await end(desk, last)
    after = files(tmp_path)

    assert [trace for trace in TRACES[:-5] if trace.encode() not in before] == []
    assert [trace for trace in TRACES if trace.encode() in after] == []
    assert [number for number in IDS if number.to_bytes(8, "big") not in before] == []
    assert [number for number in IDS if number.to_bytes(8, "big") in after] == []
    assert b"forget-me" not in after
    assert await desk.start(replace(ANNA, user_id=7))


async def test_what_cannot_be_scrubbed_is_deleted_all_the_same(desk, own, monkeypatch):
    """The bytes follow within the hour (T-32)."""
    last = await live(desk, own)
    await desk.finish(last, status=Status.FAILED)

    async def fails(_engine):
        raise StoreUnavailable("disk I/O error")

    monkeypatch.setattr(type(desk.store.engine), "scrub", fails)

    assert 0 == await own.privacy.forget(USER)
    assert [trace for trace in TRACES if trace in await rows(desk.store)] == []
