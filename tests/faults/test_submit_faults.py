"""What can go wrong with the one call that costs money, over real HTTP to a provider on loopback."""

from __future__ import annotations

from datetime import timedelta
from email.utils import format_datetime

import pytest
from structlog.testing import capture_logs

from bot.models import Cost, Notice, Status
from bot.providers import create
from bot.store.blocks import Blocks
from tests.bot.providers import faulty
from tests.bot.providers.asking import KEY
from tests.bot.tracker.conftest import a_world
from tests.fakes import ANNA, BEN, NOON, Clock
from tests.faults.frontdesk import HASTE, NAMES, TASK, answer, open_desk

pytestmark = pytest.mark.usefixtures("on_both")
KEYED = {"evolink"}
each_provider = pytest.mark.parametrize("name", NAMES)


def said(world, generation) -> str:
    """Return how its card says that it stands."""
    embeds = [draft.embed for draft in world.delivery.drafts if draft.embed.footer.text == generation.id]
    return embeds[-1].fields[0].value


BUSY = (
    ("Retry-After: 40", 40, 40),
    (f"Retry-After: {format_datetime(NOON + timedelta(seconds=90), usegmt=True)}", 90, 90),
    ("X-Nothing: said", 10, 60),
    ("Retry-After: 0", 10, 60),
    ("Retry-After: -1", 10, 60),
    ("Retry-After: 1000000000", 900, 900),
)


@pytest.mark.parametrize(
    ("name", "header", "least", "most"),
    [("maxapi", *each) for each in BUSY] + [(name, *BUSY[0]) for name in NAMES if name != "maxapi"],
)
async def test_who_is_busy_is_left_alone_as_long_as_it_says(tmp_path, name, header, least, most):
    """A 429 spends nothing: both wait, and read so, until the provider may be sent something (P-01)."""
    clock = Clock()
    turned_away = answer("429 Too Many Requests", b"{}", header)
    async with (
        open_desk(name, turned_away, now=clock) as (desk, provider),
        a_world(tmp_path, provider, clock=clock) as world,
    ):
        first = await world.ask(ANNA)
        await world.rest()
        second = await world.ask(BEN)
        await world.rest()
        until = world.health.paused_until(name)

        assert timedelta(seconds=least) <= until - NOON <= timedelta(seconds=most)
        assert (1, 0) == (len(desk.taken), await world.slots(name))
        for one in (first, second):
            assert "is busy. Still queued, nothing charged" in said(world, one)
        clock.now = until - timedelta(milliseconds=1)
        await world.rest()
        assert 1 == len(desk.taken)
        clock.now = until
        await world.rest()
        assert 3 == len(desk.taken)


UNCLEAR = {
    "500": answer("500 Internal Server Error", b'{"msg": "charged, then broken"}'),
    "502": answer("502 Bad Gateway", b"<html>"),
    "503": answer("503 Service Unavailable"),
    "reset": faulty.reset_after_body,
    "hung up": faulty.close_after_body,
    "silence": faulty.silence,
    "nothing": answer("200 OK"),
    "page": answer("200 OK", b"<html>all is well</html>"),
    "cut": faulty.raw(b'HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n{"code": 0'),
    "no id": answer("200 OK", b'{"code": 0, "success": true, "data": {}, "status": "queued"}'),
    "huge": answer("200 OK", b'{"code": 0, "pad": "' + b"x" * (3 << 20) + b'"}'),
}


@pytest.mark.parametrize("name", ["maxapi", "evolink"])
@pytest.mark.parametrize("behaviour", UNCLEAR.values(), ids=UNCLEAR)
async def test_an_unclear_answer_is_never_followed_by_a_blind_repeat(tmp_path, name, behaviour):
    """5xx, no answer, a 2xx that says nothing: held and told; a key sends the same (P-03, P-05, P-06)."""
    async with (
        open_desk(name, always=behaviour) as (desk, provider),
        a_world(tmp_path, provider) as world,
    ):
        generation = await world.ask()
        for _ in range(4):
            await world.rest()
            world.clock.forward(seconds=100)
        now = await world.now(generation)

        assert Status.UNCERTAIN is now.status
        assert (2 if name in KEYED else 1) == len(desk.taken)
        assert 1 == len(set(desk.taken))
        assert Cost(videos=1, seconds=5) == await world.used()
        assert "will not send it twice" in said(world, generation)


@each_provider
async def test_what_an_unclear_answer_said_is_in_the_log_without_secrets(tmp_path, name):
    """Its beginning is kept, to be looked at, and no half of a secret with it (P-06)."""
    start = f"<h1>Error</h1> {KEY} ".encode()
    body = start + b"x" * (2048 - len(start) - 10) + b" " + KEY.encode() * 200
    async with open_desk(name, answer("200 OK", body)) as (_, provider), a_world(tmp_path, provider) as world:
        with capture_logs() as lines:
            await world.ask()
            await world.rest()
    (detail,) = [line["detail"] for line in lines if line["event"] == "submit"]

    assert "<h1>Error</h1> …" in detail
    assert 1900 < len(detail) <= 2048
    assert KEY[:5] not in detail


@each_provider
@pytest.mark.parametrize("behaviour", [None, faulty.no_tls], ids=["closed port", "no TLS"])
async def test_who_is_not_reached_is_tried_three_times_and_costs_nothing(tmp_path, name, behaviour):
    """Refused, or no TLS: nothing left, so everything is given back, and the member reads it (P-04)."""
    async with faulty.serving(behaviour or faulty.silence) as address:
        secure = address.replace("http://", "https://") if behaviour else faulty.closed_port()
        provider = create(name, api_key=KEY, base_url=secure, patience=HASTE)
        async with a_world(tmp_path, provider) as world:
            generation = await world.ask()
            with capture_logs() as lines:
                ended = await world.until(generation, Status.FAILED)
        await provider.close()

    assert ("unreachable", Notice.TOLD) == (ended.reason, ended.notice)
    assert ["NotSent"] * 3 == [line["error"] for line in lines if line["event"] == "submit"]
    assert "could not be reached, so nothing was made" in said(world, generation)


REFUSED = {
    "401": (answer("401 Unauthorized", b"{}"), "key", "does not accept the bot's key"),
    "403": (answer("403 Forbidden", b"{}"), "key", "does not accept the bot's key"),
    "402": (answer("402 Payment Required", b"{}"), "credit", "The bot's balance at"),
}


@each_provider
@pytest.mark.parametrize(("behaviour", "reason", "words"), REFUSED.values(), ids=REFUSED)
async def test_what_only_the_operator_mends_stops_the_provider(tmp_path, name, behaviour, reason, words):
    """One costs nothing; the others stay queued, one is tried later, and it is told once (P-07, P-08)."""
    async with (
        open_desk(name, always=behaviour) as (desk, provider),
        a_world(tmp_path, provider) as world,
    ):
        with capture_logs() as lines:
            first = await world.ask(ANNA)
            await world.rest()
            others = [await world.ask(who) for who in (ANNA, BEN, BEN)]
            await world.rest()
            world.clock.forward(minutes=4, seconds=59)
            await world.rest()
            sent_before = len(desk.taken)
            queued = [(await world.now(one)).status for one in others]
            card = said(world, others[0])
            world.clock.forward(seconds=1)
            await world.rest()
        ended = await world.now(first)

        assert (Status.FAILED, reason) == (ended.status, ended.reason)
        assert words in said(world, first)
        assert (1, [Status.QUEUED] * 3, 2) == (sent_before, queued, len(desk.taken))
        assert "is out of order just now. Still queued, nothing charged" in card
        assert 1 == len([line for line in lines if line["event"] == "the operator is needed"])
        assert 1 == (await world.used(ANNA)).videos + (await world.used(BEN)).videos - 1


MODERATED = {
    "maxapi": answer(
        "400 Bad Request",
        b'{"code": 400, "msg": "content rejected by moderation", "data": {"flagged": true}}',
    ),
    "seedance2ink": answer(
        "400 Bad Request",
        b'{"success": false, "error": {"code": "InputTextSensitiveContentDetected", "message": "no"}}',
    ),
    "evolink": answer("400 Bad Request", b'{"error": {"code": "content_policy_violation", "message": "no"}}'),
}
INVALID = {
    "maxapi": answer("400 Bad Request", b'{"code": 400, "msg": "duration must be 4 to 15"}'),
    "seedance2ink": answer("400 Bad Request", b'{"success": false, "error": {"code": "invalid_duration"}}'),
    "evolink": answer("400 Bad Request", b'{"error": {"code": "invalid_parameter", "message": "duration"}}'),
}


@each_provider
@pytest.mark.parametrize("kind", ["moderation_prompt", "input"])
async def test_a_refusal_is_final_free_and_a_strike_for_content_alone(tmp_path, name, kind):
    """Validation and content rules: one call, everything given back, the reason told (P-09)."""
    behaviour = (MODERATED if kind == "moderation_prompt" else INVALID)[name]
    async with (
        open_desk(name, always=behaviour) as (desk, provider),
        a_world(tmp_path, provider) as world,
    ):
        generation = await world.ask()
        ended = await world.until(generation, Status.REFUSED)
        strikes = await Blocks(world.store.engine).refusals(generation.member, NOON - timedelta(days=1))

        assert (kind, Notice.TOLD, 1) == (ended.reason, ended.notice, len(desk.taken))
        assert Cost() == await world.used()
        assert (1 if kind == "moderation_prompt" else 0) == len(strikes)


@each_provider
@pytest.mark.parametrize("lost", [False, True])
async def test_a_callback_may_overtake_the_answer_of_its_submit(tmp_path, name, lost):
    """It names the task before we know it: one task, one generation, whether the answer comes (P-13)."""
    async with open_desk(name) as (desk, provider), a_world(tmp_path, provider) as world:
        generation = await world.ask()

        async def call_back(reader, writer):
            await world.store.name_task(generation.id, TASK, provider=name)
            await world.store.wake(generation.id, world.clock())
            await (faulty.reset_after_body if lost else answer("200 OK", desk.accepted))(reader, writer)

        desk.always = call_back
        for _ in range(3):
            await world.rest()
            world.clock.forward(seconds=2)
        now = await world.now(generation)

        assert (Status.RUNNING, TASK) == (now.status, now.task_id)
        assert 1 == len(desk.taken)
        assert 1 == await world.slots(name)
