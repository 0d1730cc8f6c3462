"""Laws of `bot.delivery.places`: galleries, threads, direct messages and age limits in a modelled Discord."""

from __future__ import annotations

from dataclasses import replace

import discord
import pytest

from bot.delivery import Rung
from bot.demo.amendments import amend, restrict
from bot.errors import ChannelClosed, DiscordUnavailable
from bot.messages import card
from tests.bot.delivery.conftest import FACTS
from tests.fakes import NOON


def placed(scene, **place):
    """Return the generation with another place."""
    return replace(scene.generation, place=replace(scene.generation.place, **place))


async def carded(scene, **place):
    """Return the generation with its card posted."""
    generation = placed(scene, **place)
    return replace(generation, card_id=await scene.delivery.put_card(generation, card(generation, FACTS)))


async def test_a_film_for_the_gallery_mentions_its_requester_and_leads_back_to_the_card(scene):
    """A message of its own there; whoever looks for it looks there."""
    gallery = scene.guild.create_text_channel("gallery")
    generation = await carded(scene, film_channel_id=gallery.id)

    posted = await scene.post(Rung.GALLERY, generation)

    message = gallery.last_message
    assert (gallery.id, message.id) == (posted.channel_id, posted.message_id)
    assert f"<@{scene.anna.id}>" in message.content
    assert f"/channels/{scene.guild.id}/{scene.channel.id}/{generation.card_id}" in message.content
    assert message.reference is None
    assert posted == await scene.delivery.find_film(generation, Rung.GALLERY)
    assert await scene.delivery.find_film(generation, Rung.CHANNEL) is None


async def test_a_gallery_that_is_gone_or_hidden_is_closed(scene):
    """Nobody may look there, or there is no there: never taken for empty."""
    gallery = scene.guild.create_text_channel("gallery")
    generation = await carded(scene, film_channel_id=gallery.id)
    scene.env.inject_error("GET", "/channels/*/messages/*", status=403, code=50013)
    with pytest.raises(ChannelClosed) as hidden:
        await scene.delivery.find_film(generation, Rung.GALLERY)

    await scene.client.get_channel(gallery.id).delete()
    with pytest.raises(ChannelClosed) as gone:
        await scene.post(Rung.GALLERY, generation)

    assert (False, True) == (hidden.value.gone, gone.value.gone)


async def test_a_thread_below_the_card_is_named_after_the_prompt_and_started_once(scene):
    """The film is in it; it has the card's id, so that it needs no memory."""
    generation = await carded(scene, thread=True)
    long = "@everyone see https://discord.gg/x " + "cat " * 60
    generation = replace(generation, asked=replace(generation.asked, prompt=long))

    assert await scene.delivery.find_film(generation, Rung.THREAD) is None
    posted = await scene.post(Rung.THREAD, generation)

    [thread] = scene.channel.threads
    assert generation.card_id == thread.id == posted.channel_id
    assert len(thread.name) <= 100
    assert "@everyone" not in thread.name
    assert posted == await scene.delivery.find_film(generation, Rung.THREAD)
    assert scene.channel.last_message.attachments == []

    scene.env.inject_error("POST", "/channels/*/messages/*/threads", status=400, code=160004)
    assert thread.id == (await scene.post(Rung.THREAD, generation)).channel_id


@pytest.mark.parametrize("right", ["create_public_threads", "send_messages_in_threads"])
async def test_no_thread_is_started_where_the_bot_could_not_write_in_it(scene, right):
    """Without one of the two rights the channel is next, and no empty thread is left behind."""
    denied = discord.PermissionOverwrite(**{right: False})
    channel = scene.guild.create_text_channel("quiet", overwrites={scene.guild.default_role: denied})
    generation = await carded(scene, thread=True, channel_id=channel.id)

    with pytest.raises(ChannelClosed):
        await scene.post(Rung.THREAD, generation)

    assert channel.threads == []


async def test_a_channel_that_the_gateway_told_nothing_of_takes_a_thread_or_refuses_it(scene, monkeypatch):
    """What isn't known is tried."""
    generation = await carded(scene, thread=True)
    monkeypatch.setattr(scene.client, "get_channel", lambda _: None)

    assert generation.card_id == (await scene.post(Rung.THREAD, generation)).channel_id


async def test_a_card_that_is_deleted_takes_no_thread_but_what_stands_in_its_thread_is_found(scene):
    """There is nothing to start one from; a thread outlives its message."""
    generation = await carded(scene, thread=True)
    other = replace(await carded(scene, thread=True), id="e" * 16)
    standing = await scene.post(Rung.THREAD, other)
    here = scene.client.get_partial_messageable(scene.channel.id)
    await here.get_partial_message(other.card_id).delete()
    await (
        scene.client.get_partial_messageable(scene.channel.id)
        .get_partial_message(generation.card_id)
        .delete()
    )

    assert standing == await scene.delivery.find_film(other, Rung.THREAD)
    with pytest.raises(ChannelClosed):
        await scene.post(Rung.THREAD, generation)


async def test_a_film_asked_for_in_a_thread_or_a_forum_post_goes_there(scene):
    """They are channels like any other."""
    forum = scene.guild.create_forum_channel("ideas")
    made = await scene.client.get_channel(forum.id).create_thread(name="cats", content="which?")
    generation = await carded(scene, channel_id=made.thread.id, parent_id=forum.id, thread=True)

    posted = await scene.post(Rung.CHANNEL, generation)

    assert made.thread.id == posted.channel_id


@pytest.mark.parametrize("rung", [Rung.GALLERY, Rung.THREAD, Rung.CHANNEL])
async def test_an_age_limit_is_looked_at_again_when_a_film_is_posted(scene, rung):
    """It was lifted since: not posted there. Where it stands, it is (T-28)."""
    amendments = amend(scene.env.backend)
    gallery = scene.guild.create_text_channel("gallery")
    rules = {"film_channel_id": gallery.id, "thread": True, "age_restricted": True}
    generation = await carded(scene, **rules)
    with pytest.raises(ChannelClosed):
        await scene.post(rung, generation)

    there = gallery.id if rung is Rung.GALLERY else scene.channel.id
    restrict(scene.env.backend, amendments, there)
    await scene.env.settle()

    assert await scene.post(rung, generation)


async def test_a_thread_has_the_age_limit_of_its_channel(scene):
    """Asked for in a thread: its parent is looked at (T-28)."""
    amendments = amend(scene.env.backend)
    made = await scene.client.get_channel(scene.channel.id).create_thread(
        name="cats", type=discord.ChannelType.public_thread
    )
    generation = placed(scene, channel_id=made.id, parent_id=scene.channel.id, age_restricted=True)
    with pytest.raises(ChannelClosed):
        await scene.post(Rung.CHANNEL, generation)

    restrict(scene.env.backend, amendments, scene.channel.id)
    await scene.env.settle()

    assert made.id == (await scene.post(Rung.CHANNEL, generation)).channel_id


async def test_a_channel_that_nobody_knows_has_no_age_limit_and_one_that_cannot_be_asked_is_waited_for(
    scene, monkeypatch
):
    """Gone is gone; out of order is tried again."""
    monkeypatch.setattr(scene.client, "get_channel", lambda _: None)
    generation = placed(scene, age_restricted=True)
    scene.env.inject_error("GET", "/channels/*", status=503)
    with pytest.raises(DiscordUnavailable):
        await scene.post(Rung.CHANNEL, generation)
    scene.env.inject_error("GET", "/channels/*", status=403, code=50001)
    with pytest.raises(ChannelClosed):
        await scene.post(Rung.CHANNEL, generation)


async def test_a_direct_message_needs_no_age_limit(scene):
    """It is the rung below, where only its requester looks."""
    assert await scene.post(Rung.DM, placed(scene, age_restricted=True))


@pytest.fixture
def afar(scene, monkeypatch):
    """Return the scene for a client that never connected: it knows no server and no channel."""
    monkeypatch.setattr(scene.client, "get_channel", lambda _: None)
    monkeypatch.setattr(scene.client, "get_guild", lambda _: None)
    return scene


def asked(scene, path):
    """Return how often something was asked of Discord."""
    return sum(request.method == "GET" and request.path == path for request in scene.env.http_requests)


async def test_without_the_gateway_a_servers_limit_is_asked_for_once_a_minute(afar):
    """However many films go there; whoever isn't there, too, need not be told twice."""
    for _ in range(3):
        await afar.post()
    assert 1 == asked(afar, f"/guilds/{afar.guild.id}")

    away = placed(afar, guild_id=404)
    for _ in range(3):
        await afar.delivery.pack(away, Rung.CHANNEL, NOON)
    assert 1 == asked(afar, "/guilds/404")


async def test_without_the_gateway_an_age_limit_is_asked_for_once_in_a_while(afar, monkeypatch):
    """Both answers hold for some seconds."""
    tell = afar.client.http.get_channel
    open_ = placed(afar, age_restricted=True)
    for _ in range(2):
        with pytest.raises(ChannelClosed):
            await afar.post(Rung.CHANNEL, open_)
    assert 1 == asked(afar, f"/channels/{afar.channel.id}")

    async def told(channel_id):
        return {**await tell(channel_id), "nsfw": True}

    monkeypatch.setattr(afar.client.http, "get_channel", told)  # the model knows no age limits
    limited = afar.guild.create_text_channel("late")
    for _ in range(2):
        assert await afar.post(Rung.CHANNEL, placed(afar, age_restricted=True, channel_id=limited.id))
    assert 1 == asked(afar, f"/channels/{limited.id}")


async def test_without_the_gateway_a_thread_is_started_unasked(afar):
    """What is permitted isn't known: Discord says."""
    generation = await carded(afar, thread=True)

    assert generation.card_id == (await afar.post(Rung.THREAD, generation)).channel_id
