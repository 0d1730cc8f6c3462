"""A storyboard from its form to one joined film, by a bot that may be killed on the way."""

from __future__ import annotations

import pytest

from bot.demo.stand_ins.records import Fault, FaultKind

from .faults import with_film
from .house import measured
from .wire_rest import NONCE_LIFE


async def begun(place, *prompts, **options):
    """Give the command and send its form; return what is said."""
    opener = place.ada.slash("storyboard", **options)
    form = await opener.form()
    return await place.ada.submit(opener, form, shots="\n".join(prompts)).said()


async def test_three_shots_become_one_film(house):
    """Each begins with the last frame of the one before; one film comes, as long as all of them together."""
    place = await house("evolink", pace=1.0)
    said = await begun(place, "a boat", "a storm", "an island", seconds=4, resolution="480p")
    film = await place.film()
    await place.stands(*["delivered"] * 4)
    ((_, data),) = film.attachments
    frames = place.ledger.media

    assert said.ephemeral
    assert "3 videos, 12 seconds" in said.text
    assert (864, 496, 12.0) == measured(data)
    assert (1, (3, 0), 3) == (len(place.wire.films()), place.paid(), len(place.asked()))
    assert 2 == len(frames)
    assert (place.ada.id,) == film.pings
    card, posted = [message for message in place.wire.messages() if not message.ephemeral]
    assert posted.id == film.id
    assert card.pings == ()


@pytest.mark.parametrize("later", [0, NONCE_LIFE + 20], ids=["nonce known", "nonce forgotten"])
async def test_killed_between_shots_and_after_the_post(house, later):
    """Two kills change nothing: two shots are paid once each, and one film stands."""
    place = await house("evolink", pace=1.0)
    hold = place.wire.fault("POST", "/channels/*/messages", "hold", where=with_film)
    await begun(place, "a boat", "a storm", seconds=4, resolution="480p")
    await place.submitted(1)
    await place.bot.kill()
    await place.bot.start()
    await place.submitted(2)
    await place.reached(hold)
    await place.bot.kill()
    place.wire.clock.advance(later)
    await place.bot.start()
    await place.stands(*["delivered"] * 3)

    assert (1, (2, 0)) == (len(place.wire.films()), place.paid())
    assert len(place.asked()) in {2, 3}  # the answer may be lost with the bot; the same key is sent once more


async def test_a_failed_shot_is_redone_from_its_notice(house):
    """The news mentions its member and carries Redo; the film has the second try in it."""
    place = await house("evolink", pace=1.0)
    place.stand_ins.order(Fault(kind=FaultKind.FAILURE, provider="evolink"))
    await begun(place, "a boat", "a storm", seconds=4, resolution="480p")
    notice = await place.wire.until(
        lambda: [m for m in place.wire.messages() if m.pings and not m.attachments], what="a notice"
    )
    opener = place.ada.press(notice[0], "Redo shot 1")
    await place.ada.submit(opener, await opener.form(), shots="a calm boat").said()
    film = await place.film()
    ((_, data),) = film.attachments

    assert measured(data)[2] == 8.0
    assert len(place.wire.films()) == 1
