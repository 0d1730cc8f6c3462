"""Laws of `bot.delivery`: what Discord refuses is understood, remembered, and not asked for again."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from types import SimpleNamespace

import aiohttp
import discord
import pytest

from bot.delivery import NONCE_WINDOW, Delivery, Parcel, Rung, nonce_is_forgotten
from bot.delivery.places import LONGEST_REST, discord_errors
from bot.errors import BadForm, ChannelClosed, DiscordUnavailable, Malformed, TooLarge
from bot.messages import card
from bot.models import Status
from tests.bot.delivery.conftest import FACTS
from tests.fakes import NOON, a_film

MESSAGES = "/channels/*/messages"


def answered(status, code=0, kind=discord.HTTPException, **headers):
    """Return discord.py's error for an answer."""
    response = SimpleNamespace(status=status, reason="", headers=headers)
    return kind(response, {"code": code, "message": "no"})


@pytest.mark.parametrize(
    ("fault", "error", "rest"),
    [
        (answered(429, 20016, **{"Retry-After": "7200"}), DiscordUnavailable, timedelta(hours=2)),
        (answered(429, 20028, **{"Retry-After": "9e99"}), DiscordUnavailable, LONGEST_REST),
        (answered(429, 20028, **{"Retry-After": "soon"}), DiscordUnavailable, None),
        (answered(429, 20028, **{"Retry-After": "-5"}), DiscordUnavailable, None),
        (answered(429, 20028, **{"Retry-After": "nan"}), DiscordUnavailable, None),
        (answered(400, 20028), DiscordUnavailable, None),
        (answered(503), DiscordUnavailable, None),
        (discord.RateLimited(40), DiscordUnavailable, timedelta(seconds=40)),
        (aiohttp.ServerDisconnectedError(), DiscordUnavailable, None),
        (ConnectionResetError(), DiscordUnavailable, None),
        (TimeoutError(), DiscordUnavailable, None),
        (answered(413), TooLarge, None),
        (answered(400, 50045), TooLarge, None),
        (answered(400, 50035), BadForm, None),
        (answered(400, 200000), Malformed, None),
        (answered(403, 50013, discord.Forbidden), ChannelClosed, None),
    ],
)
def test_every_refusal_is_one_of_ours(fault, error, rest):
    """And says when to come again where Discord does (D-12)."""
    with pytest.raises(error) as caught, discord_errors():
        raise fault

    assert error is type(caught.value)
    assert rest == getattr(caught.value, "retry_after", None)


@pytest.mark.parametrize(
    ("since", "forgotten"),
    [
        (None, True),
        (NOON - NONCE_WINDOW, False),
        (NOON - NONCE_WINDOW - timedelta(seconds=1), True),
        (NOON + timedelta(hours=1), True),
    ],
)
def test_a_nonce_is_forgotten_after_two_minutes(since, forgotten):
    """What nobody knows the time of is as good as forgotten, and so is what lies in the future (S-06)."""
    assert forgotten is nonce_is_forgotten(since, NOON)


async def test_a_closed_channel_is_called_again_as_soon_as_the_permissions_there_change(scene):
    """Whoever mends them needn't wait an hour; until then no call goes out (D-05)."""
    scene.env.inject_error("POST", MESSAGES, status=403, code=50013)
    with pytest.raises(ChannelClosed):
        await scene.post()
    calls = len(scene.env.http_requests)
    with pytest.raises(ChannelClosed):
        await scene.post()
    assert calls == len(scene.env.http_requests)

    everyone = scene.client.get_guild(scene.guild.id).default_role
    await scene.client.get_channel(scene.channel.id).set_permissions(everyone, send_polls=False)
    await scene.env.settle()

    assert scene.channel.id == (await scene.post()).channel_id


async def test_a_thread_whose_channel_is_hidden_is_closed_for_an_hour(scene, monkeypatch):
    """Permissions that can't be worked out don't change (D-05)."""
    made = await scene.client.get_channel(scene.channel.id).create_thread(
        name="cats", type=discord.ChannelType.public_thread
    )
    monkeypatch.setattr(discord.Thread, "parent", None)
    place = replace(scene.generation.place, channel_id=made.id, parent_id=scene.channel.id)
    generation = replace(scene.generation, place=place)
    scene.env.inject_error("POST", MESSAGES, status=403, code=50001)
    for _ in range(2):
        with pytest.raises(ChannelClosed):
            await scene.post(generation=generation)

    assert scene.channel.id == (await scene.post()).channel_id


async def test_direct_messages_may_be_opened_at_any_time(scene):
    """Nobody tells us of it: each film tries."""
    scene.env.inject_error("POST", MESSAGES, status=403, code=50001)
    with pytest.raises(ChannelClosed):
        await scene.post(Rung.DM)

    assert await scene.post(Rung.DM)


@pytest.mark.parametrize(("method", "path"), [("POST", "/users/@me/channels"), ("GET", MESSAGES)])
async def test_a_look_is_never_too_large(scene, method, path):
    """Whoever says so is out of order, and is asked again later (D-07)."""
    scene.env.inject_error(method, path, status=413, code=40005)

    with pytest.raises(DiscordUnavailable):
        await scene.delivery.find_notice(scene.generation, Rung.DM)


async def test_a_sleeping_thread_is_woken_once(scene):
    """If it sleeps on, it is closed (D-11)."""
    made = await scene.client.get_channel(scene.channel.id).create_thread(
        name="cats", type=discord.ChannelType.public_thread
    )
    place = replace(scene.generation.place, channel_id=made.id, parent_id=scene.channel.id)
    generation = replace(scene.generation, place=place)
    scene.env.inject_error("POST", MESSAGES, status=400, code=50083)
    assert made.id == (await scene.post(generation=generation)).channel_id

    scene.env.inject_error("POST", MESSAGES, status=403, code=160005, times=2)
    with pytest.raises(ChannelClosed):
        await scene.post(generation=generation)


async def test_a_limit_that_a_file_was_refused_at_holds_for_the_server_and_not_for_direct_messages(scene):
    """The next film is made to fit at once (D-07)."""
    ten = 10 * 1024 * 1024
    film = a_film(ten)
    scene.hosting.film_path(film).write_bytes(bytes(ten))
    large = replace(scene.generation, film=film)
    scene.env.inject_error("POST", MESSAGES, status=413, code=40005, times=2)
    for rung in (Rung.DM, Rung.CHANNEL):
        with pytest.raises(TooLarge):
            await scene.post(rung, large)
    assert scene.fitted == []

    posted = await scene.post(generation=large)
    await scene.delivery.pack(large, Rung.DM, NOON)

    assert [int(8 * 1024 * 1024 * 0.98)] == scene.fitted
    assert posted.message_id == scene.channel.last_message.id
    assert "Made smaller: at 10 MiB" in scene.channel.last_message.content


async def test_a_link_that_is_too_large_teaches_nothing(scene):
    """It was no file that was refused."""
    scene.env.inject_error("POST", MESSAGES, status=413, code=40005)
    with pytest.raises(TooLarge):
        await scene.delivery.post_film(
            scene.generation, Rung.CHANNEL, Parcel(None, "https://bot.example/films/x"), FACTS
        )

    parcel = await scene.delivery.pack(scene.generation, Rung.CHANNEL, NOON)
    assert scene.hosting.film_path(scene.generation.film) == parcel.path
    await scene.delivery.discard(scene.generation, Parcel(None, "https://bot.example/films/x"))
    assert parcel.path.exists()


async def test_the_operators_limit_comes_before_the_servers_and_may_be_learned_to_be_less(scene):
    """What a server really takes is less still (D-07)."""
    delivery = Delivery(scene.client, hosting=scene.hosting, fit=scene.fit, upload_limit=3000)
    film = replace(scene.generation, film=a_film(3001))
    await delivery.pack(film, Rung.CHANNEL, NOON)

    assert [2940] == scene.fitted


@pytest.mark.parametrize("status", [403, 503])
async def test_a_server_that_does_not_tell_its_limit_has_the_smallest(scene, monkeypatch, status):
    """Gone or out of order: ten MiB are taken anywhere."""
    monkeypatch.setattr(scene.client, "get_guild", lambda _: None)
    scene.env.inject_error("GET", "/guilds/*", status=status, code=50001)
    film = replace(scene.generation, film=a_film(10 * 1024 * 1024))

    parcel = await scene.delivery.pack(film, Rung.CHANNEL, NOON)

    assert not parcel.smaller


async def test_a_card_that_stands_is_edited_and_one_that_never_came_is_posted(scene):
    """The intent alone is no card."""
    intended = replace(scene.generation, card_intended_at=NOON)
    card_id = await scene.delivery.put_card(intended, card(intended, FACTS))
    carded = replace(intended, card_id=card_id, status=Status.DELIVERED)

    assert card_id == await scene.delivery.put_card(carded, card(carded, FACTS))
    assert card_id == scene.channel.last_message.id


async def test_where_nobody_may_look_is_never_taken_for_empty(scene):
    """The history itself is refused."""
    scene.env.inject_error("GET", MESSAGES, status=403, code=50001)

    with pytest.raises(ChannelClosed) as caught:
        await scene.delivery.find_film(scene.generation, Rung.CHANNEL)
    assert not caught.value.gone


async def test_a_joined_films_copy_has_its_storyboards_words(scene):
    """It goes to whoever asked for the storyboard."""
    joined = replace(scene.generation, storyboard_id="a" * 16)
    parcel = await scene.delivery.pack(joined, Rung.DM, NOON)

    posted = await scene.delivery.post_copy(joined, parcel, FACTS)

    assert posted == await scene.delivery.find_film(joined, Rung.DM)


async def test_a_thread_that_cannot_be_started_closes_its_rung(scene):
    """Any other fault than that it is there already."""
    place = replace(scene.generation.place, thread=True)
    generation = replace(scene.generation, place=place)
    carded = replace(generation, card_id=await scene.delivery.put_card(generation, card(generation, FACTS)))
    scene.env.inject_error("POST", "/channels/*/messages/*/threads", status=400, code=50035)

    with pytest.raises(ChannelClosed):
        await scene.post(Rung.THREAD, carded)
