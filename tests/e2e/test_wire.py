"""The modelled Discord on the wire keeps the rules that the bot's own tests lean on."""

from __future__ import annotations

from typing import Any

import aiohttp
import pytest

from .faults import with_film
from .member import Member, fields
from .process import Program
from .wire import TOKEN, WireDiscord
from .wire_rest import MIB


@pytest.fixture
async def wire():
    """Put an empty Discord on the wire."""
    async with WireDiscord() as discord_server:
        yield discord_server
        assert discord_server.rest.gaps == []


@pytest.fixture
async def http():
    """Open a plain client."""
    async with aiohttp.ClientSession() as client:
        yield client


async def call(
    http: aiohttp.ClientSession, wire: WireDiscord, method: str, path: str, *, token: str = TOKEN, **more: Any
) -> tuple[int, Any]:
    """Call the API as a bot and return status and JSON."""
    headers = {"Authorization": f"Bot {token}"}
    async with http.request(method, wire.api_url + path, headers=headers, **more) as answer:
        return answer.status, await answer.json()


def form(payload: str, *files: tuple[str, bytes]) -> aiohttp.FormData:
    """Build a multipart body as discord.py does."""
    data = aiohttp.FormData(quote_fields=False)
    data.add_field("payload_json", payload)
    for index, (name, content) in enumerate(files):
        data.add_field(f"files[{index}]", content, filename=name, content_type="application/octet-stream")
    return data


@pytest.mark.parametrize(("seconds", "messages"), [(0, 1), (179, 1), (181, 2)])
async def test_repeated_nonce_is_the_first_message_for_180_seconds(wire, http, seconds, messages):
    """A repeated nonce answers the first message; when 180 s are over it makes a second."""
    path = f"/channels/{wire.channel_id}/messages"
    body = {"content": "film", "nonce": "f1", "enforce_nonce": True}
    _, first = await call(http, wire, "POST", path, json=body)
    wire.clock.advance(seconds)
    _, second = await call(http, wire, "POST", path, json=body)
    assert messages == len(wire.messages()) == len({first["id"], second["id"]})
    assert second["nonce"] == "f1"


@pytest.mark.parametrize(("size", "status"), [(1000, 200), (1001, 413)])
async def test_file_over_the_channels_limit_is_413(wire, http, size, status):
    """The limit itself fits; a byte more is refused with 40005 and leaves nothing behind."""
    wire.rest.upload_limits[wire.channel_id] = 1000
    body = form("{}", ("a.mp4", b"x" * size))
    found, answer = await call(http, wire, "POST", f"/channels/{wire.channel_id}/messages", data=body)
    assert (status, 40005 if status == 413 else None) == (found, answer.get("code"))
    assert (status == 200) == bool(wire.films())


async def test_upload_needs_attach_files(wire, http):
    """Without ATTACH_FILES a file is refused although words may be sent."""
    wire.forbid(wire.channel_id, "attach_files")
    path = f"/channels/{wire.channel_id}/messages"
    assert (
        (refused := await call(http, wire, "POST", path, data=form("{}", ("a.mp4", b"x"))))[0],
        refused[1]["code"],
    ) == (403, 50013)
    assert (await call(http, wire, "POST", path, json={"content": "words"}))[0] == 200


async def test_wrong_token_is_401(wire, http):
    """Nothing is answered to a stranger."""
    assert (await call(http, wire, "GET", "/users/@me", token="other"))[0] == 401


@pytest.mark.parametrize(("seconds", "expected"), [(2.5, (200, None)), (3.1, (404, 10062))])
async def test_first_answer_comes_within_three_seconds(wire, http, seconds, expected):
    """An interaction that isn't answered in time is unknown from then on."""
    wire.backend.register_commands(None, [{"name": "video", "description": "d"}])
    answer = Member(wire).slash("video")
    wire.clock.advance(seconds)
    path = f"/interactions/{answer._interaction.id}/{answer.token}/callback"
    status, body = await call(http, wire, "POST", path, json={"type": 5})
    assert expected == (status, body.get("code"))


async def test_interaction_token_is_dead_after_15_minutes(wire, http):
    """Editing the answer then is 401 with code 50027, as Discord's own answer is."""
    wire.backend.register_commands(None, [{"name": "video", "description": "d"}])
    answer = Member(wire).slash("video")
    await call(
        http,
        wire,
        "POST",
        f"/interactions/{answer._interaction.id}/{answer.token}/callback",
        json={"type": 5},
    )
    wire.clock.advance(15 * 60)
    path = f"/webhooks/{wire.backend.application_id}/{answer.token}/messages/@original"
    status, body = await call(http, wire, "PATCH", path, json={"content": "late"})
    assert (status, body["code"]) == (401, 50027)


async def test_attachment_link_serves_the_bytes_for_a_day(wire, http):
    """A file is served at its own signed link, not at another, and not after a day."""
    path = f"/channels/{wire.channel_id}/messages"
    _, message = await call(http, wire, "POST", path, data=form("{}", ("a.mp4", b"film")))
    link = message["attachments"][0]["url"]
    async with http.get(link) as answer:
        assert await answer.read() == b"film"
    async with http.get(link.partition("?")[0]) as answer:
        assert answer.status == 404
    wire.clock.advance(24 * 3600 + 1)
    async with http.get(link) as answer:
        assert answer.status == 404


async def test_history_after_a_message_begins_there(wire, http):
    """`after` with `limit` gives the messages that follow it, not the newest ones."""
    path = f"/channels/{wire.channel_id}/messages"
    ids = [(await call(http, wire, "POST", path, json={"content": str(i)}))[1]["id"] for i in range(5)]
    _, page = await call(http, wire, "GET", f"{path}?after={ids[0]}&limit=2")
    assert [ids[2], ids[1]] == [message["id"] for message in page]


async def test_held_and_dropped_answers_have_taken_effect(wire, http):
    """After `hold` and `drop` the message exists although the sender never learns of it."""
    path = f"/channels/{wire.channel_id}/messages"
    wire.fault("POST", "/channels/*", "drop", where=with_film)
    with pytest.raises(aiohttp.ClientConnectionError):
        await call(http, wire, "POST", path, data=form("{}", ("a.mp4", b"one")))
    hold = wire.fault("POST", "/channels/*", "hold")
    with pytest.raises(TimeoutError):
        await call(http, wire, "POST", path, json={"content": "two"}, timeout=aiohttp.ClientTimeout(0.2))
    assert hold.reached.is_set()
    assert (len(wire.films()), len(wire.messages())) == (1, 2)


async def test_discord_py_process_lives_on_the_wire(wire, tmp_path):
    """discord.py in its own process syncs, answers, uploads once per nonce, shows a form, and resumes."""
    settings = {
        "DISCORD_TOKEN": TOKEN,
        "DISCORD_API_URL": wire.api_url,
        "DISCORD_GATEWAY_URL": wire.gateway_url,
    }
    async with Program(tmp_path, settings, "-m", "tests.e2e.toy_bot") as toy:
        await toy.spawn()
        await wire.until(lambda: "ready" in toy.said, what="the toy bot")
        ada = Member(wire)
        assert await ada.complete("echo", "words", "ab").choices() == ["abab"]
        await wire.gateway.disconnect()  # what follows is dispatched while nobody listens
        answer = ada.slash("echo", words="hello", file=("a.png", b"bytes"))
        said = await answer.said()
        assert (True, f"limit {10 * MIB}") == (said.ephemeral, said.content)
        await wire.until(lambda: "posted" in toy.said, what="two posts with one nonce")
        (film,) = wire.films()
        assert ((("film.mp4", b"bytes"),), (ada.id,)) == (film.films, film.pings)
        opener = ada.press(film, "Edit")
        shown = await opener.form()
        (field,) = fields(shown)
        assert field.value == "as before"
        submitted = ada.submit(opener, shown, **{field.custom_id: "now"})
        assert (await submitted.said()).content == "form says now"
        assert len(wire.gateway.sessions) == 1
        assert (await toy.terminate())[1] < 8
