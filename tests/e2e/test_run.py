"""`python -m bot run` as its own process, from a command to its film."""

from __future__ import annotations

import hashlib
import re
from urllib.parse import urlsplit

import pytest

from bot.demo.stand_ins.records import Fault, FaultKind

from .faults import with_film
from .house import PROVIDERS, SECRET_KEY, key_of, measured, picture
from .member import fields
from .process import Program
from .wire_rest import MIB

TINY = 60_000
STOPS_WITHIN = 8.0
"""Seconds: a supervisor gives ten."""


async def test_video_from_command_to_film(house):
    """A command gives a private answer, a public card, and one film that calls its requester alone."""
    place = await house("seedance2ink")
    answer = place.ada.slash(
        "video", prompt="a paper boat @everyone", image=("boat.png", picture()), seconds=5, resolution="480p"
    )
    said = await answer.said(within=3.0)
    assert said.ephemeral
    assert "seedance2.ink" in said.text
    await place.film()
    await place.stands("delivered")
    card, film = [message for message in place.wire.messages() if not message.ephemeral]
    ((name, data),) = film.attachments
    assert (place.ada.id,) == film.pings
    assert place.ada.mention in film.content
    assert card.pings == ()
    assert name.endswith(".mp4")
    assert measured(data) == (864, 496, 5.0)
    assert [any(w in b.label for b in film.buttons) for w in ("Again", "Edit", "Delete")] == [True] * 3
    assert place.paid() == (1, 0)
    (seen,) = place.ledger.media
    assert seen.sha256 == hashlib.sha256(picture()).hexdigest()


async def test_sync_registers_the_commands_beside_a_running_bot(house):
    """`sync` needs no standstill, registers exactly the commands that people rely on, and changes no id."""
    place = await house("evolink")
    sync = Program(place.directory / "sync again", place.bot.settings, "-m", "bot", "sync")
    assert await sync.run() == 0, sync.tail
    first = {name: command["id"] for (name, _), command in place.wire.backend.commands[None].items()}
    assert await sync.run() == 0, sync.tail
    commands = {name: command for (name, _), command in place.wire.backend.commands[None].items()}
    assert first == {name: command["id"] for name, command in commands.items()}
    assert set(commands) == {
        "admin", "compose", "help", "preset", "privacy", "reference", "settings", "show", "storyboard",
        "usage", "video", "videos", "Animate this", "Details", "Use as reference",
    }  # fmt: skip
    video, reference = ({o["name"] for o in commands[name]["options"]} for name in ("video", "reference"))
    shared = {
        "prompt",
        "model",
        "ratio",
        "resolution",
        "seconds",
        "sound",
        "provider",
        "fallback",
        "web_search",
    }
    assert video == shared | {"image", "last_image"}
    assert reference == shared | {f"file{number}" for number in range(1, 13)}


async def test_ready_means_that_commands_reach_it(house):
    """Until the gateway has let it in, a command would be lost, so the bot says that it isn't ready."""
    place = await house("evolink", start=False)
    place.wire.gateway.open.clear()
    await place.bot.spawn()
    assert "gateway" in await place.bot.answers(503)
    await place.wire.until(lambda: place.wire.calls("GET", "/users/@me"), what="a login")
    assert "gateway" in await place.bot.answers(503)
    place.wire.gateway.open.set()
    await place.bot.answers(200)


async def test_again_edit_and_delete_work_after_a_restart(house):
    """Buttons mean the same to the next process."""
    place = await house("evolink", pace=1.0)
    place.ada.slash("video", prompt="a paper boat", seconds=4)
    film = await place.film()
    await place.stands("delivered")
    await place.bot.terminate()
    await place.bot.start()
    assert (await place.ada.press(film, "Again").said()).ephemeral
    await place.stands("delivered", "delivered")
    opener = place.ada.press(film, "Edit")
    form = await opener.form()
    (prompt,) = [field for field in fields(form) if field.value == "a paper boat"]
    await place.ada.submit(opener, form, **{prompt.custom_id: "a paper plane"}).said()
    await place.stands("delivered", "delivered", "delivered")
    assert [t.prompt for t in place.ledger.tasks] == ["a paper boat", "a paper boat", "a paper plane"]
    place.ada.press(film, "Delete")
    await place.wire.until(lambda: len(place.wire.films()) == 2, what="the film to be deleted")


async def test_a_film_goes_on_from_its_last_picture_after_a_restart(house):
    """It lies at Discord alone: the next process loads it, and the provider gets its last picture."""
    place = await house("evolink", pace=1.0)
    place.ada.slash("video", prompt="a paper boat", seconds=4)
    film = await place.film()
    await place.stands("delivered")
    await place.bot.terminate()
    await place.bot.start()
    opener = place.ada.press(film, "Extend")
    form = await opener.form()
    assert (await place.ada.submit(opener, form, prompt="it sails on").said()).ephemeral
    await place.stands("delivered", "delivered")
    assert [(t.prompt, t.mode) for t in place.ledger.tasks] == [
        ("a paper boat", "text"),
        ("it sails on", "first_frame"),
    ]
    (seen,) = place.ledger.media
    assert (seen.status, seen.kind) == (200, "image")
    assert [message for message in place.wire.films() if "continues https://discord.com/" in message.content]


@pytest.mark.parametrize("point", ["submit", "post"])
async def test_sigterm_ends_cleanly_while_an_answer_is_awaited(house, point):
    """SIGTERM ends with 0 in under 8 s although a call hangs, and the next process finishes the work once."""
    place = await house("evolink")
    hold = place.wire.fault("POST", "/channels/*/messages", "hold", where=with_film)
    if point == "submit":
        hold.times = 0
        place.stand_ins.order(Fault(kind=FaultKind.SLOW, provider="evolink", charged=True, seconds=60))
    place.ada.slash("video", prompt="a paper boat", seconds=5)
    await (place.submitted() if point == "submit" else place.reached(hold))
    code, seconds = await place.bot.terminate()
    assert code == 0, place.bot.tail
    assert seconds < STOPS_WITHIN
    await place.bot.start()
    await place.stands("delivered")
    assert (len(place.wire.films()), place.paid()) == (1, (1, 0))


@pytest.mark.parametrize(
    ("more", "named"),
    [
        ({"DISCORD_TOKEN": ""}, "DISCORD_TOKEN"),
        ({"EVOLINK_API_KEY": ""}, "EVOLINK_API_KEY"),
        ({"POLL_MIN": "canary-soon"}, "POLL_MIN"),
    ],
)
async def test_wrong_setting_is_one_line_and_code_78(house, more, named):
    """A process that can't start says why in one line without the value, and ends with 78."""
    place = await house("evolink", start=False, **more)
    code = await place.bot.run()
    (line,) = place.bot.said.splitlines()
    assert (code, named in line, "canary" in line) == (78, True, False)


async def test_token_that_discord_refuses_is_code_78(house):
    """A token that isn't Discord's is a wrong setting: one line, no traceback, no restart storm."""
    place = await house("evolink", start=False, DISCORD_TOKEN="canary-wrong-token", LOG_LEVEL="ERROR")
    assert await place.bot.run() == 78, place.bot.tail
    assert "Traceback" not in place.bot.said
    assert "canary" not in place.bot.said


async def test_no_secret_is_logged_or_stored(house):
    """At DEBUG no line and no row holds a token or a key, though a provider's answer is full of them."""
    place = await house()
    echo = f"<html>Neither {key_of('evolink')} nor {place.wire.token} is known</html>"
    place.stand_ins.order(Fault(kind=FaultKind.GARBAGE, provider="evolink", body=echo))
    place.wire.fault("PATCH", "/webhooks/*", "refuse", status=429, message="You are being rate limited.")
    answers = [
        place.ada.slash("video", prompt="a paper boat", provider=name, image=("b.png", picture()), seconds=5)
        for name in ("maxapi", "evolink")
    ]
    await place.stands("delivered", "delivered", within=40)
    answers.append(place.ada.press((await place.film()), "Delete"))
    await place.wire.until(lambda: len(place.wire.films()) == 1, what="a film to be deleted")
    assert (await place.bot.terminate())[0] == 0
    callback_tokens = {urlsplit(sent.url).path.rpartition("/")[2] for sent in place.ledger.callbacks}
    signatures = {token[16:] for token in callback_tokens if re.fullmatch("[0-9a-f]{48}", token)}
    assert signatures
    secrets = {place.wire.token, SECRET_KEY, *map(key_of, PROVIDERS), *(a.token for a in answers)}
    kept = b"".join(file.read_bytes() for file in place.database.parent.glob("matinee.db*"))
    assert "boat" in kept.decode(errors="replace")
    assert set() == {s for s in secrets | signatures if s in place.bot.said or s.encode() in kept}


@pytest.mark.parametrize(
    ("setting", "taken", "megabytes", "refusals"),
    [
        pytest.param(TINY, TINY, None, 0, id="the operator's limit"),
        pytest.param(None, 10 * MIB, 12, 0, id="the channel's limit"),
        pytest.param(None, 8 * MIB, 9, 1, id="a limit learned from a refusal"),
    ],
)
async def test_film_over_the_limit_is_made_smaller(house, setting, taken, megabytes, refusals):
    """A film that the channel doesn't take arrives once, below the limit, and plays as long."""
    place = await house("evolink", **({"UPLOAD_LIMIT": str(setting)} if setting else {}))
    place.wire.rest.upload_limits[place.wire.channel_id] = taken
    if megabytes:
        place.stand_ins.order(Fault(kind=FaultKind.GIANT_RESULT, megabytes=megabytes))
    place.ada.slash("video", prompt="a paper boat", seconds=4, resolution="480p")
    ((_, data),) = (await place.film()).attachments
    await place.stands("delivered")
    assert len(data) <= taken
    assert measured(data)[2] == 4.0
    posts = place.wire.calls("POST", "/channels/*/messages", where=with_film)
    assert refusals == [call.status for call in posts].count(413)
    assert (len(place.wire.films()), place.paid()) == (1, (1, 0))


async def test_film_goes_to_its_requester_where_the_channel_is_closed(house):
    """When the bot may no longer post in the channel, the film comes by direct message, once (T-28)."""
    place = await house("evolink")
    place.ada.slash("video", prompt="a paper boat", seconds=4)
    await place.submitted()
    place.wire.forbid(place.wire.channel_id, "send_messages")
    film = await place.film()
    await place.stands("delivered")
    assert place.wire.dm_of(place.ada.id) == film.channel_id
    assert (len(place.wire.films()), place.paid()) == (1, (1, 0))
