"""Laws of storyboards: made in order, joined, posted and paid once, and nothing made is thrown away."""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.delivery import Rung
from bot.errors import DiscordUnavailable, MediaError, QuotaExceeded
from bot.models import Limit, ProviderTask, Status, TaskStatus
from bot.quotas import Limits
from bot.shots import NOWHERE, BoardStatus
from bot.tracker.budget import Worth
from tests.bot.tracker.film_set import PROMPTS, FilmSet, Plug, a_film_set
from tests.fakes import ANNA, CINEMA, DM

FAILED = ProviderTask("", TaskStatus.FAILED, reason="provider")
EVERY = int(os.environ.get("CRASH_EVERY", "40"))
"""A crash after every so many commits, and after each effect; 1 takes a minute or two."""
EFFECTS = {"card", "submit", "frame", "join", "film", "notice"}
RUNNING = ProviderTask("", TaskStatus.RUNNING)


@pytest.fixture
async def studio(on_both, tmp_path):
    """Yield a film set."""
    async with a_film_set(tmp_path) as opened:
        yield opened


async def test_shots_become_one_film(studio):
    """Each shot begins with the last frame of the one before; one film is posted, under one card."""
    board = await studio.ask()
    await studio.rest()
    ended, shots = await studio.now(board)

    assert (BoardStatus.DELIVERED, "t0+t1+t2") == (ended.status, studio.film_of(board))
    assert ["()", "end-of-t0", "end-of-t1"] == [
        next(part for part in ("end-of-t0", "end-of-t1", "()") if part in body)
        for body in studio.provider.bodies
    ]
    assert (1, 1) == (len(studio.delivery.films(board.id)), len(studio.delivery.cards(board.id)))
    assert 2 == len(studio.delivery.messages)
    assert [Status.DELIVERED] * 3 == [shot.status for shot in shots]
    assert all(studio.hosting.film_path(shot.film).exists() for shot in shots)


async def test_shots_with_hard_cuts_begin_from_words(studio):
    """Without the wish for it no shot knows of another; they are made in order all the same."""
    board = await studio.ask(continuous=False)
    await studio.rest()

    assert list(PROMPTS) == [body.split('"')[1] for body in studio.provider.bodies]
    assert all("()" in body for body in studio.provider.bodies)
    assert "t0+t1+t2" == studio.film_of(board)


async def test_one_shot_at_a_time_takes_a_place(studio):
    """The whole price is held from the start, but only the shot that is released is one of those at once."""
    studio.provider.ends["a boat"] = RUNNING
    await studio.ask("a boat", *"bcdef")
    await studio.rest(days=0.01)

    assert ({"a boat": 1}, 1) == (studio.submitted(), await studio.at_once())
    assert (6, 30) == await studio.used()


async def test_a_storyboard_that_no_quota_covers_is_refused_whole(studio):
    """Nobody is left with half a storyboard; the refusal says what all of it needs."""
    studio.limits = Limits(user_day=Limit(videos=5), at_once=1)
    await studio.close()
    await studio.open()
    with pytest.raises(QuotaExceeded) as refused:
        await studio.ask(*"abcdef")
    facts = refused.value.facts

    assert ("videos", 5, 6, 0) == tuple(facts[name] for name in ("unit", "left", "needed", "used"))
    assert (0, 0) == await studio.used()


async def test_a_failed_shot_waits_for_its_member(studio):
    """In a row of shots the next one isn't begun; its member is told once, and nothing is lost."""
    studio.provider.ends["a storm"] = FAILED
    board = await studio.ask()
    await studio.rest()
    stuck, shots = await studio.now(board)

    assert (BoardStatus.SHOOTING, {"a boat": 1, "a storm": 1}) == (stuck.status, studio.submitted())
    assert [Status.DELIVERED, Status.FAILED, Status.QUEUED] == [shot.status for shot in shots]
    assert [shots[1].id] == [
        message.generation.id for message in studio.delivery.messages if message.kind == "notice"
    ]
    assert studio.film_of(board) is None


async def test_a_failed_shot_is_redone_alone(studio):
    """The others stay as they are; the film has the second try in its place."""
    studio.provider.ends["a storm"] = FAILED
    board = await studio.ask()
    await studio.rest()
    redone = await studio.direction.redo(board.id, 2, "a gale", ANNA, interaction_id=1)
    await studio.rest()
    ended, shots = await studio.now(board)

    assert (BoardStatus.DELIVERED, "t0+t2+t3") == (ended.status, studio.film_of(board))
    assert {"a boat": 1, "a storm": 1, "a gale": 1, "an island": 1} == studio.submitted()
    assert "end-of-t0" in studio.provider.bodies[2]
    assert redone.id == shots[1].id
    assert (3, 15) == await studio.used()


async def test_with_hard_cuts_a_failed_shot_stops_no_other(studio):
    """The rest is made; then its member decides."""
    studio.provider.ends["a storm"] = FAILED
    board = await studio.ask(continuous=False)
    await studio.rest()
    await studio.direction.enough(board.id, ANNA.user_id)
    await studio.rest()
    ended, _ = await studio.now(board)

    assert (BoardStatus.DELIVERED, "t0+t2") == (ended.status, studio.film_of(board))


async def test_giving_up_half_way_posts_what_is_made(studio):
    """What is paid is never thrown away: one shot made is the film."""
    studio.provider.ends["a storm"] = FAILED
    board = await studio.ask()
    await studio.rest()
    await studio.direction.enough(board.id, ANNA.user_id)
    await studio.rest()
    ended, shots = await studio.now(board)

    assert (BoardStatus.DELIVERED, "t0", 0) == (ended.status, studio.film_of(board), studio.joins)
    assert "a boat" == (await studio.store.get(board.id)).asked.prompt
    assert Status.CANCELLED is shots[2].status
    assert (1, 5) == await studio.used()
    assert 1 == len(studio.delivery.films(board.id))


async def test_giving_up_before_anything_is_made_ends_it(studio):
    """No film, nothing counted, no place taken."""
    studio.provider.ends["a boat"] = FAILED
    board = await studio.ask()
    await studio.rest()
    await studio.direction.enough(board.id, ANNA.user_id)
    await studio.rest()
    ended, _ = await studio.now(board)

    assert (BoardStatus.CANCELLED, None) == (ended.status, await studio.store.get(board.id))
    assert ((0, 0), 0) == (await studio.used(), await studio.at_once())


async def test_giving_up_while_a_shot_runs_waits_for_its_end(studio):
    """A provider that doesn't stop keeps its shot, which counts; what is made is joined."""
    studio.provider.ends["a storm"] = RUNNING
    board = await studio.ask()
    await studio.rest(days=0.01)
    _, shots = await studio.now(board)
    assert studio.direction.is_charged(shots)
    await studio.direction.enough(board.id, ANNA.user_id)
    await studio.rest()
    ended, shots = await studio.now(board)

    assert (BoardStatus.DELIVERED, "t0") == (ended.status, studio.film_of(board))
    assert (True, False) == (shots[1].counts_in_full, shots[2].counts_in_full)


async def test_a_card_that_found_no_room_tells_what_failed_within_seconds(studio):
    """A channel takes few edits; who must decide isn't left with an old card for hours."""
    studio.provider.ends["a storm"] = FAILED
    fetch, moments = studio.provider.fetch, []

    async def in_a_busy_channel(task_id):
        for other in "abc":
            studio.context.budget.take(CINEMA.channel_id, other * 16, Worth.STATE, studio.clock())
        moments.append(studio.clock())
        return await fetch(task_id)

    async def told():
        return "Shot 2 could not be made." in studio.delivery.drafts[-1].embed.fields[0].value

    studio.provider.fetch = in_a_busy_channel
    await studio.ask()
    await studio.rest(days=0)
    await studio.rest_until(told, step=timedelta(seconds=2))

    assert timedelta(0) < studio.clock() - moments[-1] < timedelta(seconds=15)


async def test_a_card_that_discord_did_not_take_is_shown_soon(studio):
    """Even where nothing else moves for hours."""
    studio.provider.ends["a storm"] = FAILED
    put_card, down = studio.delivery.put_card, [True]

    async def perhaps(generation, draft):
        if down:
            raise DiscordUnavailable("503")
        return await put_card(generation, draft)

    studio.delivery.put_card = perhaps
    board = await studio.ask()
    await studio.rest(days=0.02)
    down.clear()
    await studio.rest(days=0.002)

    assert (await studio.now(board))[0].card_shown.startswith("shooting-delivered-failed-queued:")


async def test_where_the_bot_only_visits_there_is_no_card(studio):
    """Its member was told so; the film comes by direct message."""
    board = await studio.ask(place=replace(CINEMA, member_only=True))
    await studio.rest()

    assert ([], [DM]) == (
        studio.delivery.cards(board.id),
        [message.channel_id for message in studio.delivery.films(board.id)],
    )


async def test_nobody_decides_for_a_week(studio):
    """What is made is joined in the end."""
    studio.provider.ends["a storm"] = FAILED
    board = await studio.ask()
    await studio.rest(days=6)
    assert BoardStatus.SHOOTING is (await studio.now(board))[0].status
    await studio.rest(days=2)

    assert (BoardStatus.DELIVERED, "t0") == ((await studio.now(board))[0].status, studio.film_of(board))


async def test_the_queue_is_counted_from_the_release(studio):
    """A shot that waited for the one before is not too old when its turn comes."""
    studio.provider.ends["a boat"] = FAILED
    board = await studio.ask()
    await studio.rest(days=2)
    del studio.provider.ends["a boat"]
    await studio.direction.redo(board.id, 1, "a boat", ANNA, interaction_id=1)
    await studio.rest()

    assert BoardStatus.DELIVERED is (await studio.now(board))[0].status


async def test_a_shot_is_timed_from_its_release(studio):
    """What the operator reads of how long films take doesn't count a member's thinking."""
    studio.provider.ends["a boat"] = FAILED
    board = await studio.ask()
    await studio.rest(days=2)
    del studio.provider.ends["a boat"]
    await studio.direction.redo(board.id, 1, "a boat", ANNA, interaction_id=1)
    await studio.rest()

    page = studio.context.metrics.page().decode()
    assert 'matinee_film_seconds_bucket{le="3600.0",provider="evolink"} 3.0' in page


async def test_shots_that_cannot_be_joined_are_kept(studio):
    """The requester is told once; each shot lies here and can be had by itself."""
    studio.broken_join = MediaError("unreadable")
    board = await studio.ask()
    await studio.rest(days=2)
    ended, shots = await studio.now(board)

    assert (BoardStatus.FAILED, 0, 1) == (
        ended.status,
        len(studio.delivery.films(board.id)),
        len(studio.delivery.notices(board.id)),
    )
    assert all(studio.hosting.film_path(shot.film).exists() for shot in shots)
    assert (3, 15) == await studio.used()


async def test_a_last_frame_that_cannot_be_had_fails_the_shot_that_needs_it(studio):
    """Nothing was sent for it; its member decides."""
    studio.broken_frame = MediaError("truncated")
    board = await studio.ask()
    await studio.rest()
    _, shots = await studio.now(board)

    assert (Status.FAILED, "frame_lost", {"a boat": 1}) == (
        shots[1].status,
        shots[1].reason,
        studio.submitted(),
    )


async def test_a_deleted_film_is_joined_again(studio):
    """What somebody deleted here before it was posted is made from the shots once more."""
    studio.delivery.faults.extend([None, *[DiscordUnavailable("503")] * 6])
    board = await studio.ask("a", "b")

    async def joined():
        return studio.film_of(board) is not None

    await studio.rest_until(joined, step=timedelta(seconds=45))
    (studio.folder / "films" / f"{board.id}.mp4").unlink()
    await studio.rest()

    assert ("t0+t1", 1) == (studio.film_of(board), len(studio.delivery.films(board.id)))


async def test_a_closed_channel_keeps_no_shot_waiting(studio):
    """Without a card it is made all the same, and goes to its requester."""
    studio.delivery.closed = {Rung.CHANNEL}
    board = await studio.ask()
    await studio.rest()
    ended, _ = await studio.now(board)

    assert (BoardStatus.DELIVERED, NOWHERE) == (ended.status, ended.card_shown)
    assert [DM] == [message.channel_id for message in studio.delivery.films(board.id)]


async def test_films_of_shots_outlive_the_sweep_while_they_are_needed(studio):
    """However long a member thinks, what is made isn't swept away before it is joined."""
    studio.provider.ends["a storm"] = FAILED
    board = await studio.ask()
    await studio.rest(days=6)
    _, shots = await studio.now(board)
    path = studio.hosting.film_path(shots[0].film)
    os.utime(path, (1, 1))
    await studio.rest(days=0.5)

    assert path.stat().st_mtime > 1


async def test_more_storyboards_than_are_stepped_at_once(studio):
    """All come to their films, and each to its own."""
    studio.limits = Limits(user_day=Limit(), at_once=None)
    await studio.close()
    await studio.open()
    boards = [await studio.ask(f"{n} a", f"{n} b") for n in range(12)]
    await studio.rest(days=2)

    assert {BoardStatus.DELIVERED} == {(await studio.now(board))[0].status for board in boards}
    assert [1] * 12 == [len(studio.delivery.films(board.id)) for board in boards]
    assert 24 == len(studio.provider.bodies)


async def test_a_step_that_fails_is_tried_again(studio):
    """An error that nobody expected slows one storyboard down, and stops nothing."""
    board = await studio.ask("a", "b")
    studio.broken_frame = ZeroDivisionError()

    async def missed():
        return (await studio.now(board))[0].misses > 0

    await studio.rest_until(missed, step=timedelta(seconds=1))
    studio.broken_frame = None
    await studio.rest()

    assert BoardStatus.DELIVERED is (await studio.now(board))[0].status


async def _killed_after(folder, moment, *, failing=False):
    """Play it with a kill after a moment, start anew; return how it ended, and what happened till then."""
    plug = Plug(dies_after=moment)
    first = FilmSet(folder, plug=plug)
    first.plug.dies_after = None
    await first.open()
    if failing:
        first.provider.ends["a storm"] = FAILED
    board = await first.ask()
    plug.moments, plug.names, plug.dies_after = 0, [], moment
    await first.rest()
    await first.close()
    names = list(plug.names)
    again = FilmSet(folder, first.clock, first.provider, first.delivery, Plug())
    await again.open()
    again.clock.forward(minutes=5)
    await again.rest()
    if failing:
        again.provider.ends.clear()
        await again.direction.redo(board.id, 2, "a storm", ANNA, interaction_id=1)
        await again.rest()
    ended, _ = await again.now(board)
    kinds = sorted(message.kind for message in again.delivery.messages)
    end = ended.status, again.film_of(board), kinds, sorted(again.submitted().items()), await again.used()
    await again.close()
    return end, names


@pytest.mark.parametrize("failing", [False, True], ids=["all goes well", "a shot fails"])
async def test_after_every_crash_the_end_is_the_same(database, tmp_path, failing):
    """Killed after each commit and each effect in turn: one film of the same shots, none paid twice."""
    (tmp_path / "whole").mkdir()
    expected, names = await _killed_after(tmp_path / "whole", None, failing=failing)
    ends = {}
    moments = [n for n, name in enumerate(names, 1) if name in EFFECTS or n % EVERY == 0]
    for moment in moments[:: 3 if database.url and EVERY > 1 else 1]:
        folder = tmp_path / str(moment)
        folder.mkdir()
        ends[moment, names[moment - 1]], _ = await _killed_after(folder, moment, failing=failing)

    assert {} == {where: end for where, end in ends.items() if end != expected}
    assert BoardStatus.DELIVERED is expected[0]
    assert {"card", "submit", "frame"} <= set(names)
    assert ({"join", "film"} <= set(names)) is not failing
    assert len(names) > 40
