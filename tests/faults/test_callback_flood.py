"""However often and whenever the truest callback comes, it does once what it can do, and no more."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from random import Random

import pytest

from bot.errors import OutcomeUnknown, ProviderUnavailable, TaskNotFound
from bot.models import Status
from bot.quotas import Limits
from bot.schedule import CALLBACK_SPACING
from bot.store.purging import Purging
from tests.bot.store.examples import NOON, entries, everything, generation
from tests.bot.tracker.conftest import World, a_world
from tests.fakes import RUNNING, SUCCESS, FakeProvider
from tests.faults.doorstep import Doorstep, doorstep

pytestmark = pytest.mark.usefixtures("on_both")
NOBODYS = "f" * 16
"""The id of a generation that there never was."""
SECONDS = 10
PER_SECOND = 25
BODIES = [
    *(b"{}", b'{"id": "t1", "status": "running"}', b'{"id": "t2", "status": "succeeded"}'),
    json.dumps({"id": "t3", "urls": ["http://127.0.0.1:1/"], "credits": 10**9}).encode(),
    *(b'{"status": "failed"}', b"not json", b""),
]


def posted(token: str, body: bytes = b"{}", provider: str = "maxapi") -> bytes:
    """Return a callback as it is sent."""
    head = f"POST /callbacks/{provider}/{token} HTTP/1.1\r\nHost: x\r\nContent-Length: {len(body)}\r\n\r\n"
    return head.encode() + body


async def test_a_replayed_callback_has_one_effect(tmp_path):
    """A thousand true callbacks in any order, before the end and after: one film (T-01, T-02, T-03).

    Neither links nor prices nor ends that they name are believed, and in the end nobody is asked any more.
    """
    dice, provider = Random(3), FakeProvider()
    provider.last_fetch = RUNNING
    async with a_world(tmp_path, provider) as world:
        films = [await world.ask(limits=Limits(at_once=None)) for _ in range(3)]
        await world.rest()
        door = Doorstep(world.store, [film.id for film in films], world.hosting.signer)
        statuses, asked = set(), []
        async with door.opened(world.context):
            for number in range(1000):
                provider.last_fetch = RUNNING if number < 400 else replace(SUCCESS)
                token = door.signer.callback_token("maxapi", dice.choice(door.ids))
                statuses.update(
                    await door.knock(posted(token, dice.choice(BODIES)), "93.184.216.34", waits=True)
                )
                world.clock.forward(seconds=dice.choice([0, 0, 0, 0.1, 2] if number < 700 else [0, 9000]))
                if dice.random() < 0.2:
                    await world.rest()
                asked.append(len(provider.asked))
        await world.rest()
        rows = await door.rows()
        books = [[entry[:4] for entry in await entries(world.store, film.id)] for film in films]
    assert ({204}, [Status.DELIVERED] * 3) == (statuses, [row.status for row in rows])
    assert [[("reserve", 1, 5, 0), ("settle", 1, 5, 0)]] * 3 == books
    delivery = world.delivery
    posts = [(delivery.cards(id_), delivery.films(id_), delivery.notices(id_)) for id_ in door.ids]
    assert [(1, 1, 0)] * 3 == [tuple(map(len, each)) for each in posts]
    assert (3, [SUCCESS.urls[0]] * 3) == (len(provider.sent), world.downloader.fetched)
    assert asked[700] == asked[-1] == len(provider.asked)


async def running(world: World) -> str:
    """Begin a generation that its provider works on."""
    begun = await world.ask()
    await world.rest()
    return begun.id


async def uncertain(world: World) -> str:
    """Begin one whose submit had no answer, and whose task a callback names in vain."""
    world.providers["maxapi"].submits.append(OutcomeUnknown("lost"))
    world.providers["maxapi"].last_fetch = TaskNotFound("none")
    id_ = await running(world)
    await world.store.name_task(id_, "t9", provider="maxapi")
    return id_


async def let_go(world: World) -> str:
    """Cancel one that its provider goes on with."""
    id_ = await running(world)
    await world.store.wish_cancel(id_, world.clock())
    await world.rest()
    return id_


async def parked(world: World) -> str:
    """Wait until a person has to look."""
    id_ = await running(world)
    world.clock.forward(hours=30)
    await world.rest()
    assert Status.PARKED is (await world.store.get(id_)).status
    return id_


async def parked_and_silent(world: World) -> str:
    """Let its provider fall silent besides."""
    id_ = await parked(world)
    world.providers["maxapi"].last_fetch = ProviderUnavailable("down")
    return id_


@pytest.mark.parametrize("state", [running, uncertain, let_go, parked, parked_and_silent])
async def test_a_flood_of_true_callbacks_is_no_flood_of_asks(tmp_path, state):
    """In every state, also while it is asked: one ask a second at most, whatever comes (T-06)."""
    provider = FakeProvider()
    provider.last_fetch = RUNNING
    async with a_world(tmp_path, provider) as world:
        id_, moments, answer = await state(world), [], provider.fetch

        async def called_meanwhile(task_id):
            moments.append(world.clock())
            if len(moments) < 2 * SECONDS:  # else a flood of asks would have no end
                await world.store.wake(id_, world.clock())
            return await answer(task_id)

        provider.fetch = called_meanwhile
        for _ in range(SECONDS * PER_SECOND):
            await world.store.wake(id_, world.clock())
            await world.rest()
            world.clock.forward(seconds=1 / PER_SECOND)
    gaps = [after - before for before, after in pairwise(moments)]
    assert SECONDS - 2 <= len(moments) <= SECONDS + 1
    assert min(gaps) >= CALLBACK_SPACING - timedelta(milliseconds=1)


async def told(door: Doorstep, data: bytes, address: str) -> bytes:
    """Return the bytes of the one answer, without its date."""
    wire = await door.wired(data, address)
    return b"\r\n".join(line for line in bytes(wire.said).split(b"\r\n") if not line.startswith(b"Date:"))


async def purged(door: Doorstep) -> str:
    """Return the id of a generation that ended, and was deleted because that was long ago."""
    ended = generation(9, due_at=None, status=Status.DELIVERED, finished_at=NOON)
    await door._store.start(ended, [])
    assert 2 == await Purging(door._store.engine).purge(NOON + timedelta(seconds=1))
    return ended.id


async def test_nothing_that_is_not_there_can_be_told_from_another(tmp_path):
    """Malformed, forged, another's, unknown, deleted: 1,000 times the bytes of a path that isn't (T-07).

    Also once the bucket is empty, and each but the last costs no call of the database.
    """
    dice = Random(7)
    async with doorstep(tmp_path) as door:
        true = door.signer.callback_token("maxapi", door.ids[0])
        deleted = await purged(door)
        kinds = {
            "malformed": lambda: dice.randbytes(dice.randrange(1, 40)).hex(),
            "forged": lambda: true[:16] + dice.randbytes(16).hex(),
            "another provider's": lambda: door.signer.callback_token("evolink", door.ids[0]),
            "unknown": lambda: dice.randbytes(24).hex(),
            "gone": lambda: door.signer.callback_token("maxapi", dice.choice((NOBODYS, deleted))),
        }
        said, calls = {name: [] for name in kinds}, dict.fromkeys(kinds, 0)
        for number in range(1000):
            name = [*kinds][number % len(kinds)]
            before = door.engine.calls
            address = f"93.0.{number // 100}.1"  # a hundred from each, so that each empties its bucket
            said[name].append(await told(door, posted(kinds[name]()), address))
            calls[name] += door.engine.calls - before
    closing = b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
    plain = closing.replace(b"Connection: close\r\n", b"")
    assert {name: {plain, closing} for name in kinds} == {name: {*every} for name, every in said.items()}
    assert [0, 0, 0, 0] == [calls[name] for name in [*kinds][:-1]]
    assert door.nudges == len(said["gone"])


async def test_a_true_token_is_answered_alike_whatever_became_of_its_generation(tmp_path):
    """In every state the same empty 204, so that it tells nothing of where the film is (T-07)."""
    async with a_world(tmp_path) as world:
        rows = [
            replace(everything(), id=f"{number:016x}", interaction_id=number, status=status, task_id=None)
            for number, status in enumerate(Status, 100)
        ]
        for row in [*rows, generation(1)]:
            await world.store.start(row, [])
        door = Doorstep(world.store, [row.id for row in rows], world.hosting.signer)
        async with door.opened(world.context):
            said = {
                await told(door, posted(door.signer.callback_token("maxapi", id_), body), "93.184.216.34")
                for id_ in door.ids
                for body in BODIES
            }
    assert {b"HTTP/1.1 204 No Content\r\n\r\n"} == said
