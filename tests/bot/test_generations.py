"""Laws of `bot.generations`, on a real store."""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from bot.errors import IntakeStopped, MediaError, NotFound, QuotaExceeded, RequestRefused, StoreUnavailable
from bot.models import Limit, Status
from bot.quotas import Limits
from tests.bot.desk import Desk
from tests.fakes import ANNA, BEN, CINEMA, a_film, a_request


@pytest.fixture
def desk(store, tmp_path):
    """Return a desk under the default limits."""
    return Desk(store, tmp_path)


async def test_a_start_is_reserved_routed_and_due(desk):
    """One call: a row that is due, with every default filled in, and the tracker told."""
    generation = await desk.start()
    stored = await desk.store.get(generation.id)

    assert Status.QUEUED is stored.status
    assert desk.clock() == stored.due_at
    assert (
        stored.request.provider,
        stored.request.model,
        stored.request.ratio,
        stored.request.resolution,
        stored.request.seconds,
        stored.request.fallback,
    ) == ("maxapi", "seedance-2.0", "16:9", "720p", 5, False)
    assert stored.asked == a_request()
    assert desk.nudges == 1


async def test_the_same_interaction_makes_one(desk):
    """A command that Discord sends twice is one generation and takes once."""
    first = await desk.start()
    desk.number -= 1
    second = await desk.start()

    assert first.id == second.id
    assert (await desk.generations.usage(ANNA.user_id)).videos_used == 1


async def test_two_at_once_and_no_third(desk):
    """The third is refused with what runs, and takes nothing."""
    await desk.start()
    await desk.start()

    with pytest.raises(QuotaExceeded) as caught:
        await desk.start()

    assert (caught.value.code, caught.value.resets) == ("at_once", None)
    assert (await desk.generations.usage(ANNA.user_id)).videos_used == 2


async def test_another_members_limits_are_their_own(desk):
    """Anna's two don't stand in Ben's way."""
    await desk.start()
    await desk.start()

    assert Status.QUEUED is (await desk.start(BEN)).status


async def test_a_day_is_used_up_and_begins_anew(store, tmp_path):
    """What is left and when there is more is part of the refusal; after midnight UTC there is more."""
    desk = Desk(store, tmp_path, Limits(user_day=Limit(videos=5, seconds=12), at_once=None))
    await desk.start()
    await desk.start()

    with pytest.raises(QuotaExceeded) as caught:
        await desk.start()

    facts = caught.value.facts
    assert (facts["unit"], facts["left"], facts["needed"], facts["scope"]) == ("seconds", 2, 5, "user")
    assert datetime(2026, 11, 22, tzinfo=UTC) == caught.value.resets
    desk.clock.forward(days=1)
    assert Status.QUEUED is (await desk.start()).status


async def test_one_that_is_longer_than_the_whole_limit_is_refused_at_once(store, tmp_path):
    """The very first command can be too much; then nobody is told that there will be more."""
    desk = Desk(store, tmp_path, Limits(user_day=Limit(seconds=4)))

    with pytest.raises(QuotaExceeded) as caught:
        await desk.start()

    assert caught.value.resets is None

    assert (await desk.generations.usage(ANNA.user_id)).videos_used == 0


async def test_a_hundred_commands_at_once_take_what_is_there_and_no_more(store, tmp_path):
    """A race for three places has three winners."""
    desk = Desk(store, tmp_path, Limits(user_day=Limit(videos=3), at_once=None))

    outcomes = await asyncio.gather(*(desk.start() for _ in range(100)), return_exceptions=True)

    assert Counter({"QuotaExceeded": 97, "Generation": 3}) == Counter(
        type(outcome).__name__ for outcome in outcomes
    )


async def test_an_unknown_price_is_not_free_where_credits_are_limited(store, tmp_path):
    """No price, no start, as soon as any limit counts credits."""
    desk = Desk(store, tmp_path, Limits(bot_day=Limit(credits=10**9)))

    with pytest.raises(RequestRefused) as caught:
        await desk.start()

    assert caught.value.code == "price_unknown"


async def test_a_known_price_is_reserved(store, tmp_path):
    """Credits are taken before anything is sent."""
    desk = Desk(store, tmp_path, Limits(user_day=Limit(credits=100)), price=lambda _: 60)
    await desk.start()

    with pytest.raises(QuotaExceeded) as caught:
        await desk.start()

    assert (caught.value.facts["unit"], caught.value.facts["left"]) == ("credits", 40)


async def test_nothing_is_taken_while_stopping(desk):
    """After `stop_taking`, a command is refused in words."""
    desk.generations.stop_taking()

    with pytest.raises(IntakeStopped) as caught:
        await desk.start()

    assert caught.value.code == "stopping"


async def test_a_database_that_cannot_write_starts_nothing(desk, monkeypatch):
    """No stored intent, no start."""

    async def full(*_, **__):
        raise StoreUnavailable("disk full")

    monkeypatch.setattr(type(desk.store), "start", full)

    with pytest.raises(IntakeStopped) as caught:
        await desk.start()

    assert caught.value.code == "cannot_store"


async def test_a_kept_file_is_what_its_bytes_say(desk):
    """The bytes lie unchanged under an id of ours; the name is only shown, and cut."""
    file = await desk.generations.keep("a" * 500 + ".mov", "https://cdn.example/a", b"bytes")

    assert desk.hosting.media_path(file).read_bytes() == b"bytes"
    assert (file.extension, file.name) == (".mp4", "a" * 80)
    assert {f"{file.id}.mp4"} == {path.name for path in desk.hosting.media_dir.iterdir()}


async def test_a_file_that_cannot_be_used_leaves_nothing(desk, monkeypatch):
    """The refusal names the file, and its bytes are gone."""

    async def refuse(_):
        raise MediaError("not_media")

    monkeypatch.setattr(desk.prober, "probe", refuse)

    with pytest.raises(RequestRefused) as caught:
        await desk.generations.keep("virus.png", "https://cdn.example/a", b"bytes")

    assert (caught.value.code, caught.value.facts["file"]) == ("not_media", "virus.png")
    assert list(desk.hosting.media_dir.iterdir()) == []


async def test_a_file_that_is_not_what_its_name_says_leaves_nothing(desk):
    """A clip that is called a picture: the refusal says what it is, and nothing stays."""
    with pytest.raises(RequestRefused) as caught:
        await desk.generations.keep("clip.png", "https://cdn.example/a", b"bytes")

    assert ("misnamed", "clip.png", ".mp4") == (
        caught.value.code,
        caught.value.facts["file"],
        caught.value.facts["value"],
    )
    assert [] == list(desk.hosting.media_dir.iterdir())


async def test_forgotten_files_are_gone(desk):
    """After a refusal nothing stays."""
    file = await desk.generations.keep("a.mp4", "https://cdn.example/a", b"bytes")

    await desk.generations.forget([file, file])

    assert list(desk.hosting.media_dir.iterdir()) == []


async def test_again_is_the_pressers_own(desk):
    """Ben presses Again on Anna's: his quota, his name, the same request."""
    first = await desk.start(prompt="a dog", ratio="1:1")

    second = await desk.again(first, BEN)

    assert (BEN, first.asked, first.id) == (second.requester, second.asked, second.parent_id)
    assert (await desk.generations.usage(BEN.user_id)).videos_used == 1
    assert (await desk.generations.usage(ANNA.user_id)).videos_used == 1


async def test_the_same_press_twice_makes_one(desk):
    """Within ten seconds a second press means the first one's film and takes nothing; later, another."""
    first = await desk.start()
    again = await desk.again(first)
    desk.clock.forward(seconds=9)
    twice = await desk.again(first)
    await desk.finish(first, status=Status.RENDERED)
    await desk.finish(again, status=Status.RENDERED)
    desk.clock.forward(seconds=2)
    later = await desk.again(first, BEN)

    assert again.id == twice.id
    assert later.id != again.id
    assert (await desk.generations.usage(ANNA.user_id)).videos_used == 2


async def test_edited_is_the_same_with_another_prompt(desk):
    """Edit changes the prompt and nothing else."""
    first = await desk.start(prompt="a dog", ratio="1:1")

    second = await desk.again(first, prompt="a cat")

    assert replace(first.asked, prompt="a cat") == second.asked


async def test_again_without_its_files_is_refused_by_name(desk):
    """Files are not kept for ever: then the member is asked to attach them again."""
    file = await desk.generations.keep("cat.mp4", "https://cdn.example/a", b"bytes")
    first = await desk.start()
    await desk.finish(first, asked=replace(first.asked, media=(file,)))
    await desk.generations.forget([file])

    with pytest.raises(RequestRefused) as caught:
        await desk.again(first)

    assert (caught.value.code, caught.value.facts["file"]) == ("file_gone", "cat.mp4")


async def test_somebody_elses_is_not_found(desk):
    """Not mine and not there read the same."""
    first = await desk.start()

    with pytest.raises(NotFound) as others:
        await desk.generations.find(first.id, BEN.user_id)
    with pytest.raises(NotFound) as none:
        await desk.generations.find("f" * 16, BEN.user_id)

    assert others.value.code == none.value.code


async def test_a_cancel_is_a_wish_of_the_owner(desk):
    """The owner's wish is written down; another's is not found; a moderator's counts too."""
    first, second = await desk.start(), await desk.start()

    with pytest.raises(NotFound):
        await desk.generations.cancel(first.id, BEN.user_id)
    await desk.generations.cancel(first.id, ANNA.user_id)
    await desk.generations.cancel(second.id, BEN.user_id, moderator=True)

    assert (await desk.store.get(first.id)).cancel_wished
    assert (await desk.store.get(second.id)).cancel_wished


async def test_a_cancel_can_be_too_late(desk):
    """Once it is rendered the film is paid and comes."""
    first = await desk.start()
    await desk.finish(first, status=Status.RENDERED)

    with pytest.raises(RequestRefused) as caught:
        await desk.generations.cancel(first.id, ANNA.user_id)

    assert caught.value.code == "too_late"


@pytest.mark.parametrize(
    ("provider", "status", "expected"),
    [
        ("maxapi", Status.QUEUED, False),
        ("maxapi", Status.RUNNING, True),
        ("evolink", Status.UNCERTAIN, True),
        ("seedance2ink", Status.RUNNING, False),
    ],
)
async def test_a_cancel_is_charged_where_the_provider_does_not_confirm_it(desk, provider, status, expected):
    """The button can say so before it is pressed."""
    generation = replace(await desk.start(provider=provider), status=status)

    assert expected == desk.generations.cancel_is_charged(generation)


async def test_usage_tells_what_runs_and_what_waits(desk):
    """Plain numbers and the moment of the next day."""
    first = await desk.start()
    await desk.start()
    await desk.finish(first, status=Status.RUNNING)

    usage = await desk.generations.usage(ANNA.user_id)

    assert (
        usage.videos_used,
        usage.videos_limit,
        usage.seconds_used,
        usage.seconds_limit,
        usage.running,
        usage.waiting,
        usage.at_once,
    ) == (2, 10, 10, 100, 1, 1, 2)
    assert datetime(2026, 11, 22, tzinfo=UTC) == usage.resets
    assert len(usage.open) == 2


async def test_a_kept_film_can_be_had(desk):
    """Where it lies, as long as it does."""
    first = await desk.start()
    kept = await desk.finish(first, status=Status.DELIVERED, film=a_film())
    assert await desk.generations.film_path(first) is None
    assert await desk.generations.film_path(kept) is None

    desk.hosting.film_path(kept.film).write_bytes(b"film")

    assert desk.hosting.film_path(kept.film) == await desk.generations.film_path(kept)
    assert (await desk.generations.link(kept)).startswith("https://bot.example/films/")


async def test_the_largest_file_is_the_largest_that_any_model_takes(desk):
    """Bigger attachments needn't even be downloaded."""
    assert desk.generations.largest_file() == 50 * 1024 * 1024


async def test_history_and_place_are_the_stores(desk):
    """Newest first, and a place only while it waits to be sent."""
    first = await desk.start()
    desk.clock.forward(seconds=1)
    second = await desk.start()

    assert [second.id, first.id] == [each.id for each in await desk.generations.history(ANNA.user_id)]
    assert (1, 2) == tuple([await desk.generations.place_in_queue(each) for each in (first, second)])
    running = await desk.finish(first, status=Status.RUNNING)
    assert await desk.generations.place_in_queue(running) is None


async def test_a_quote_is_what_would_be_started(desk):
    """Routed and priced as by `start`, and nothing is written."""
    asked = a_request(seconds=10)
    quoted = await desk.generations.quote(asked, ANNA, CINEMA)
    started = await desk.start(seconds=10)

    assert (quoted.request, quoted.cost) == (started.request, started.cost)
    assert await desk.store.history(ANNA.user_id) == (started,)


async def test_a_quote_is_refused_like_a_start(desk):
    """Whoever has nothing left isn't asked to confirm first."""
    desk = Desk(desk.store, desk.hosting.data_dir, Limits(user_day=Limit(videos=1)))
    await desk.start()

    with pytest.raises(QuotaExceeded) as refused:
        await desk.generations.quote(a_request(), ANNA, CINEMA)
    assert refused.value.facts["left"] == 0
