"""A bot that is killed at the worst moment makes exactly one film, at the price of one."""

from __future__ import annotations

import pytest

from bot.demo.stand_ins.records import Fault, FaultKind

from .faults import with_film
from .house import PROVIDERS
from .member import Member
from .wire_rest import NONCE_LIFE

ONE_FILM = (1, (1, 0))


@pytest.mark.parametrize("provider", PROVIDERS)
async def test_killed_between_submit_and_callback(house, provider):
    """The task is found again after the restart: one film, one charge, one submit."""
    place = await house(provider)
    place.ada.slash("video", prompt="a paper boat", seconds=5)
    await place.stands("running")
    await place.bot.kill()
    await place.bot.start()
    await place.stands("delivered")
    assert (len(place.wire.films()), place.paid()) == ONE_FILM
    assert len(place.asked()) == 1


@pytest.mark.parametrize("later", [0, NONCE_LIFE + 20], ids=["nonce known", "nonce forgotten"])
async def test_killed_between_post_and_commit(house, later):
    """The film that Discord took stays the only one, even when Discord no longer knows its nonce."""
    place = await house("evolink")
    hold = place.wire.fault("POST", "/channels/*/messages", "hold", where=with_film)
    place.ada.slash("video", prompt="a paper boat", seconds=5)
    await place.reached(hold)
    assert place.statuses() == ["posting"]
    await place.bot.kill()
    place.wire.clock.advance(later)
    await place.bot.start()
    await place.stands("delivered")
    assert (len(place.wire.films()), place.paid()) == ONE_FILM
    assert len(place.wire.calls("POST", "/channels/*/messages", where=with_film)) == 1


@pytest.mark.parametrize("later", [0, 300], ids=["nonce known", "nonce forgotten"])
async def test_killed_after_the_post_where_history_is_hidden(house, later):
    """Where the bot may not read, the nonce makes two posts one film; later the film is kept instead."""
    place = await house("evolink")
    hold = place.wire.fault("POST", "/channels/*/messages", "hold", where=with_film)
    place.ada.slash("video", prompt="a paper boat", seconds=5)
    await place.reached(hold)
    place.wire.forbid(place.wire.channel_id, "read_message_history")
    await place.bot.kill()
    place.sleep(later)
    await place.bot.start()
    await place.stands("delivered")
    assert (len(place.wire.films()), place.paid()) == ONE_FILM


async def test_killed_before_the_post_has_an_effect(house):
    """If Discord never took the film, it is posted after the restart."""
    place = await house("evolink")
    refusal = place.wire.fault(
        "POST", "/channels/*/messages", "refuse", status=503, where=with_film, times=None
    )
    place.ada.slash("video", prompt="a paper boat", seconds=5)
    await place.reached(refusal)
    await place.bot.kill()
    refusal.times = 0
    await place.bot.start()
    await place.stands("delivered")
    assert (len(place.wire.films()), place.paid()) == ONE_FILM


async def test_killed_twice_on_the_way(house):
    """A kill after the submit and another after the post change nothing."""
    place = await house("seedance2ink")
    hold = place.wire.fault("POST", "/channels/*/messages", "hold", where=with_film)
    place.ada.slash("video", prompt="a paper boat", seconds=5)
    await place.submitted()
    await place.stands("running")
    await place.bot.kill()
    await place.bot.start()
    await place.reached(hold)
    await place.bot.kill()
    await place.bot.start()
    await place.stands("delivered")
    assert (len(place.wire.films()), place.paid()) == ONE_FILM


async def test_killed_again_and_again_with_a_full_house(house):
    """Six films of three members, in every state at each kill: each comes once and is paid once."""
    place = await house("evolink", EVOLINK_CONCURRENCY="3")
    members = [place.ada, Member(place.wire, "Bo"), Member(place.wire, "Cy")]
    for member in members * 2:
        member.slash("video", prompt=f"a boat for {member.name}", seconds=4, resolution="480p")
    await place.submitted(2)
    for films in (1, 3, 4):
        await place.wire.until(lambda films=films: len(place.wire.films()) >= films, what=f"{films} films")
        await place.bot.kill()
        await place.bot.start()
    await place.stands(*["delivered"] * 6)
    assert (len(place.wire.films()), place.paid()) == (6, (6, 0))
    assert sorted(member.id for member in members * 2) == sorted(f.pings[0] for f in place.wire.films())


@pytest.mark.parametrize("later", [0, NONCE_LIFE + 20], ids=["nonce known", "nonce forgotten"])
async def test_answer_to_the_post_is_lost(house, later):
    """A film that Discord took without saying so is found, not posted again, by the same process."""
    place = await house("evolink")
    drop = place.wire.fault("POST", "/channels/*/messages", "drop", where=with_film)
    place.ada.slash("video", prompt="a paper boat", seconds=5)
    await place.reached(drop)
    place.wire.clock.advance(later)
    await place.stands("delivered")
    assert (len(place.wire.films()), place.paid()) == ONE_FILM


async def test_post_is_taken_but_answered_502(house):
    """discord.py tries again by itself; the nonce makes both tries one film."""
    place = await house("evolink")
    lie = place.wire.fault("POST", "/channels/*/messages", "lie", where=with_film, status=502)
    place.ada.slash("video", prompt="a paper boat", seconds=5)
    await place.reached(lie)
    await place.stands("delivered")
    assert (len(place.wire.films()), place.paid()) == ONE_FILM
    assert len(place.wire.calls("POST", "/channels/*/messages", where=with_film)) == 2


async def test_killed_before_evolink_answered_the_submit(house):
    """The same key and the same bytes are sent once more: the provider makes and charges one task."""
    place = await house("evolink")
    place.stand_ins.order(Fault(kind=FaultKind.SLOW, provider="evolink", charged=True, seconds=60))
    place.ada.slash("video", prompt="a paper boat", seconds=5)
    await place.submitted()
    assert place.statuses() == ["submitting"]
    await place.bot.kill()
    await place.bot.start()
    await place.stands("delivered")
    assert (len(place.wire.films()), place.paid()) == ONE_FILM
    first, second = place.asked()
    assert first.body == second.body
    assert first.headers["Idempotency-Key"] == second.headers["Idempotency-Key"]


async def test_killed_before_maxapi_answered_the_submit(house):
    """Nothing is sent again; the task is adopted once the generation's own callback names it."""
    place = await house("maxapi", pace=6.0)
    place.stand_ins.order(Fault(kind=FaultKind.SLOW, provider="maxapi", charged=True, seconds=60))
    place.ada.slash("video", prompt="a paper boat", seconds=5)
    await place.submitted()
    await place.bot.kill()
    await place.bot.start()
    await place.stands("uncertain")
    await place.stands("delivered")
    assert (len(place.wire.films()), place.paid()) == ONE_FILM
    assert len(place.asked()) == 1
