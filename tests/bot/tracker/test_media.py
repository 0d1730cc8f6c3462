"""Laws of `bot.tracker.media`: under which address a provider gets a member's file."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.errors import InputRejected, NotSent
from bot.models import Cost, MediaFile, MediaKind, Mode, Status
from bot.tracker.media import expires
from tests.fakes import NOON
from tests.s3 import opened, s3

__all__ = ["s3"]


def a_file(world, *, url="https://cdn.example/cat.png", public=False, lies_here=True):
    """Return a member's file in a world that is reached from outside, or isn't."""
    if not public:
        world.hosting = replace(world.hosting, public_url=None)
        world.new_tracker()
    file = MediaFile("f" * 32, "cat.png", MediaKind.IMAGE, ".png", 4, "0" * 64, url, width=800, height=800)
    if lies_here:
        world.hosting.media_path(file).write_bytes(b"file")
    return file


async def sent_with(world, file):
    """Ask for a film that begins with a file; return the generation and the bodies that left."""
    generation = await world.ask(mode=Mode.FIRST_FRAME, media=(file,))
    await world.rest()
    return await world.now(generation), [body for _, body in world.providers["maxapi"].sent]


async def test_with_a_public_address_it_is_ours(world):
    """Nothing is uploaded, and nobody needs Discord's link."""
    file = a_file(world, public=True)
    _, (body,) = await sent_with(world, file)

    assert f"https://bot.example/media/{file.id}.png" in body


async def test_what_the_provider_keeps_is_named_by_the_provider(world):
    """It gets the very bytes, under a name of ours."""
    kept = []

    async def upload(name, data):
        kept.append((name, data))
        return "https://files.example/1.png"

    world.providers["maxapi"].upload = upload
    _, (body,) = await sent_with(world, a_file(world))

    assert [("f" * 32 + ".png", b"file")] == kept
    assert "https://files.example/1.png" in body


@pytest.mark.parametrize("left", [timedelta(minutes=1), None])
async def test_else_it_is_the_attachments_own_link_while_that_lives(world, left):
    """Its end stands in it; one without an end is taken as it is."""
    end = "" if left is None else f"?ex={int((NOON + left).timestamp()):x}&is=1&hm=2"
    generation, (body,) = await sent_with(world, a_file(world, url=f"https://cdn.example/cat.png{end}"))

    assert Status.RUNNING is generation.status
    assert f"https://cdn.example/cat.png{end}" in body


@pytest.mark.parametrize(("lies_here", "dead"), [(True, True), (False, False), (False, True)])
async def test_a_file_that_can_no_longer_be_had_costs_nothing(world, lies_here, dead):
    """Its link has died or it was swept: nothing is sent, all is given back, and it is said so (D-17)."""
    end = NOON + timedelta(seconds=-1 if dead else 60)
    url = f"https://cdn.example/cat.png?ex={int(end.timestamp()):x}&is=1&hm=2"
    generation, sent = await sent_with(world, a_file(world, url=url, lies_here=lies_here))

    assert ([], Status.FAILED, "attachment_expired") == (sent, generation.status, generation.reason)
    assert Cost() == await world.used()


@pytest.mark.parametrize(
    "url", ["https://x.example/a.png", "https://x.example/a.png?ex=", "https://x.example/?ex=never"]
)
def test_a_link_without_a_readable_end_never_dies(url):
    """A number too large for a date is none either."""
    assert datetime.max.replace(tzinfo=UTC) == expires(url)
    assert datetime.max.replace(tzinfo=UTC) == expires(f"https://x.example/?ex={'f' * 30}")


@pytest.mark.parametrize(
    ("error", "reason", "tries"),
    [(NotSent("maxapi"), "unreachable", 3), (InputRejected("maxapi"), "provider", 1)],
)
async def test_a_file_that_a_provider_does_not_get_costs_nothing(world, error, reason, tries):
    """Out of reach it is tried three times, refused once; nothing was submitted (P-04)."""
    tried, file = [], a_file(world)

    async def upload(*_):
        tried.append(1)
        raise error

    world.providers["maxapi"].upload = upload
    generation = await world.ask(mode=Mode.FIRST_FRAME, media=(file,))
    ended = await world.until(generation, Status.FAILED)

    assert (reason, tries, []) == (ended.reason, len(tried), world.providers["maxapi"].sent)
    assert Cost() == await world.used()


async def test_a_file_that_cannot_be_had_just_now_is_waited_for(world, tmp_path, s3):
    """Nothing is sent and nothing is given back, and the film isn't made without its picture (S-20)."""
    world.hosting = replace(world.hosting, storage=opened(s3.address(), tmp_path / "s"), public_url=None)
    world.new_tracker()
    file = a_file(world)
    file = replace(file, sha256=hashlib.sha256(b"file").hexdigest())
    await world.hosting.files.keep(f"media/{file.id}.png")
    world.hosting.media_path(file).unlink()
    s3.mode = "denied"
    generation, bodies = await sent_with(world, file)
    assert (Status.QUEUED, []) == (generation.status, bodies)
    assert generation.ready_at > world.clock()
    s3.mode = "open"
    world.clock.forward(minutes=10)
    await world.rest()

    assert 1 == len(world.providers["maxapi"].sent)
