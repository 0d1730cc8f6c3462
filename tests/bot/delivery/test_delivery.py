"""Laws of `bot.delivery.delivery`, with the real discord.py against a modelled Discord."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.delivery import BY_DEFAULT, Delivery, Parcel, Rung
from bot.errors import ChannelClosed, DiscordUnavailable, FilesUnavailable, TooLarge
from bot.files import Address
from bot.messages import card
from bot.models import Status
from tests.bot.delivery.conftest import FACTS
from tests.fakes import NOON, a_film
from tests.s3 import opened, s3

__all__ = ["s3"]


async def test_a_film_is_a_plain_attachment_that_mentions_its_requester_alone(scene):
    """A new message: the requester's mention, a .mp4, and nobody else may be mentioned."""
    posted = await scene.post()

    message = scene.channel.last_message
    sent = scene.env.http_requests[-1].json
    assert posted.message_id == message.id
    assert [f"matinee-{scene.generation.id}.mp4"] == [each.filename for each in message.attachments]
    assert f"<@{scene.anna.id}>" in message.content
    assert [str(scene.anna.id)] == [str(each) for each in sent["allowed_mentions"]["users"]]
    assert not sent["allowed_mentions"].get("parse")


async def test_every_message_carries_a_nonce_of_its_generation(scene):
    """Card, film and notice: each its own nonce, at most 25 characters, enforced."""
    await scene.delivery.put_card(scene.generation, card(scene.generation, FACTS))
    await scene.post()
    await scene.delivery.post_notice(replace(scene.generation, status=Status.FAILED), Rung.CHANNEL, FACTS)

    sent = [each.json for each in scene.env.http_requests if each.method == "POST" and each.json]
    nonces = [body["nonce"] for body in sent if "nonce" in body]
    assert [f"c{scene.generation.id}", f"f{scene.generation.id}", f"n{scene.generation.id}"] == nonces
    assert all(len(nonce) <= 25 for nonce in nonces)
    assert all(body["enforce_nonce"] for body in sent if "nonce" in body)


async def test_what_stands_is_found(scene):
    """Card, film and notice are told apart, and another generation's are none of ours."""
    failed = replace(scene.generation, status=Status.FAILED, reason="provider")
    card_id = await scene.delivery.put_card(scene.generation, card(scene.generation, FACTS))
    film = await scene.post()
    notice = await scene.delivery.post_notice(failed, Rung.CHANNEL, FACTS)
    other = replace(scene.generation, id="f" * 16)

    assert card_id == await scene.delivery.find_card(scene.generation)
    assert film == await scene.delivery.find_film(scene.generation, Rung.CHANNEL)
    assert notice == await scene.delivery.find_notice(failed, Rung.CHANNEL)
    assert await scene.delivery.find_card(other) is None
    assert await scene.delivery.find_film(other, Rung.CHANNEL) is None
    assert await scene.delivery.find_notice(other, Rung.CHANNEL) is None


async def test_nothing_that_stands_is_not_found(scene):
    """A card alone is neither film nor notice."""
    await scene.delivery.put_card(scene.generation, card(scene.generation, FACTS))

    assert await scene.delivery.find_film(scene.generation, Rung.CHANNEL) is None
    assert await scene.delivery.find_notice(scene.generation, Rung.CHANNEL) is None


async def test_a_card_that_may_stand_is_looked_for(scene):
    """The intent was written and the id wasn't: the card that stands is edited, not posted again."""
    first = await scene.delivery.put_card(scene.generation, card(scene.generation, FACTS))
    unsure = replace(scene.generation, card_intended_at=NOON, status=Status.RUNNING)

    assert first == await scene.delivery.put_card(unsure, card(unsure, FACTS))
    here = scene.client.get_partial_messageable(scene.channel.id)
    assert [first] == [message.id async for message in here.history()]


async def test_a_deleted_card_is_no_reason_to_fail(scene):
    """A film whose card was deleted comes as a message of its own."""
    card_id = await scene.delivery.put_card(scene.generation, card(scene.generation, FACTS))
    await scene.client.get_partial_messageable(scene.channel.id).get_partial_message(card_id).delete()

    posted = await scene.post(generation=replace(scene.generation, card_id=card_id))

    assert posted.message_id == scene.channel.last_message.id
    known = replace(scene.generation, card_id=card_id)
    with pytest.raises(ChannelClosed) as caught:
        await scene.delivery.put_card(known, card(known, FACTS))
    assert caught.value.gone


async def test_where_no_reply_is_allowed_the_film_comes_as_a_message_of_its_own(scene):
    """The right to read the history was taken meanwhile: the same film, with its file, and no reply."""
    card_id = await scene.delivery.put_card(scene.generation, card(scene.generation, FACTS))
    scene.env.inject_error("POST", "/channels/*/messages", status=400, code=160002)

    posted = await scene.post(generation=replace(scene.generation, card_id=card_id))

    message = scene.channel.last_message
    assert posted.message_id == message.id
    assert message.reference is None
    assert len(message.attachments) == 1


async def test_a_film_can_go_to_its_requester(scene):
    """By DM, and it is found there again, and not before."""
    assert await scene.delivery.find_film(scene.generation, Rung.DM) is None
    posted = await scene.post(Rung.DM)

    assert posted.channel_id != scene.channel.id
    assert posted == await scene.delivery.find_film(scene.generation, Rung.DM)


@pytest.mark.parametrize(
    ("status", "code", "expected"),
    [
        (403, 50013, ChannelClosed),
        (404, 10003, ChannelClosed),
        (429, 30046, DiscordUnavailable),
        (400, 20028, DiscordUnavailable),
        (413, 40005, TooLarge),
        (400, 50045, TooLarge),
        (503, 0, DiscordUnavailable),
    ],
)
async def test_every_answer_of_discord_is_one_of_three(scene, status, code, expected):
    """Whatever Discord says, it is: not here, too large, or not now."""
    scene.env.inject_error("POST", "/channels/*/messages", status=status, code=code)

    with pytest.raises(expected):
        await scene.post()


@pytest.mark.parametrize("code", [50035, 200000])
async def test_a_message_that_is_refused_as_such_goes_once_more_without_the_prompt(scene, code):
    """Malformed, or against the server's word filter: the mention and the film, which is found again."""
    scene.env.inject_error("POST", "/channels/*/messages", status=400, code=code)

    posted = await scene.post()

    message = scene.channel.last_message
    assert posted.message_id == message.id
    assert f"<@{scene.anna.id}> your film is ready." == message.content
    assert ([f"matinee-{scene.generation.id}.mp4"], []) == (
        [each.filename for each in message.attachments],
        message.components,
    )
    assert posted == await scene.delivery.find_film(scene.generation, Rung.CHANNEL)


async def test_a_message_that_is_refused_even_in_plain_goes_a_rung_down(scene):
    """Once more and no more."""
    scene.env.inject_error("POST", "/channels/*/messages", status=400, code=50035, times=2)

    with pytest.raises(ChannelClosed):
        await scene.post()

    assert scene.channel.last_message is None


async def test_a_hidden_film_is_hidden_as_a_file_and_as_a_link_and_found_again(scene):
    """Where the server wants it so: nobody sees it before a click."""
    hidden = replace(scene.generation, place=replace(scene.generation.place, spoiler=True))
    posted = await scene.post(generation=hidden)

    attached = scene.channel.last_message.attachments[0]
    assert f"SPOILER_matinee-{hidden.id}.mp4" == attached.filename
    assert posted == await scene.delivery.find_film(hidden, Rung.CHANNEL)

    large = replace(hidden, id="e" * 16, film=a_film(5000), upload_limit=0)
    posted = await scene.post(generation=large)
    assert f"||https://bot.example/films/{large.id}/" in scene.channel.last_message.content
    assert scene.channel.last_message.content.endswith("||")
    assert posted == await scene.delivery.find_film(large, Rung.CHANNEL)


async def test_a_copy_goes_to_the_requester_with_a_nonce_of_its_own(scene):
    """The film a second time, in person; whoever looks for it there finds it."""
    parcel = await scene.delivery.pack(scene.generation, Rung.DM, NOON)
    posted = await scene.delivery.post_copy(scene.generation, parcel, FACTS)

    sent = next(each.json for each in reversed(scene.env.http_requests) if each.json and "nonce" in each.json)
    assert f"d{scene.generation.id}" == sent["nonce"]
    assert posted.channel_id != scene.channel.id
    assert posted == await scene.delivery.find_film(scene.generation, Rung.DM)


async def test_a_film_within_the_limit_goes_as_it_is(scene):
    """Nothing is encoded that needn't be."""
    parcel = await scene.delivery.pack(scene.generation, Rung.CHANNEL, NOON)

    assert scene.hosting.film_path(scene.generation.film) == parcel.path
    assert scene.fitted == []


async def test_a_film_over_the_limit_is_made_to_fit(scene):
    """The limit is the channel's; a little room stays for the envelope."""
    large = replace(scene.generation, film=a_film(BY_DEFAULT + 1))

    parcel = await scene.delivery.pack(large, Rung.CHANNEL, NOON)

    assert parcel.path.read_bytes() == b"small"
    assert BY_DEFAULT * 0.95 < scene.fitted[0] < BY_DEFAULT
    assert scene.hosting.film_path(large.film).exists()


async def test_a_film_that_would_not_play_is_encoded_anew(scene):
    """H.265 is a frozen picture in Discord, however small it is."""
    frozen = replace(scene.generation, film=replace(a_film(), playable=False))

    parcel = await scene.delivery.pack(frozen, Rung.CHANNEL, NOON)

    assert parcel.path.read_bytes() == b"small"


async def test_a_limit_that_was_learned_is_kept_to(scene):
    """What a 413 taught counts for the next try."""
    learned = replace(scene.generation, film=a_film(5000), upload_limit=4000)

    await scene.delivery.pack(learned, Rung.CHANNEL, NOON)

    assert scene.fitted == [3920]


async def test_what_cannot_fit_becomes_a_link_of_ours(scene):
    """A signed link under the public address, and it is found again as the film."""
    learned = replace(scene.generation, film=a_film(5000), upload_limit=100)

    parcel = await scene.delivery.pack(learned, Rung.CHANNEL, NOON)
    posted = await scene.delivery.post_film(learned, Rung.CHANNEL, parcel, FACTS)

    assert parcel.link.startswith(f"https://bot.example/films/{learned.id}/")
    assert parcel.link in scene.channel.last_message.content
    assert posted == await scene.delivery.find_film(learned, Rung.CHANNEL)


def test_limits_step_down_and_end():
    """After a refusal there is a smaller step, until there is none."""
    assert Delivery.next_limit(24 * 1024 * 1024) == 10 * 1024 * 1024
    assert Delivery.next_limit(10 * 1024 * 1024) == 8 * 1024 * 1024
    assert Delivery.next_limit(1024 * 1024) == 0
    assert Delivery.next_limit(5) == 0


async def test_where_no_file_is_taken_a_link_is_left(scene):
    """Every size was refused: the film's link, and nothing is encoded for it."""
    parcel = await scene.delivery.pack(replace(scene.generation, upload_limit=0), Rung.CHANNEL, NOON)

    assert parcel.path is None
    assert parcel.link.startswith("https://bot.example/films/")
    assert scene.fitted == []


async def test_what_lies_at_discord_is_deleted_here_but_an_original_that_was_shrunk_stays(scene):
    """The original is thrown away only when it is the original that was delivered."""
    large = replace(scene.generation, film=a_film(BY_DEFAULT + 1))
    original = scene.hosting.film_path(large.film)
    smaller = await scene.delivery.pack(large, Rung.CHANNEL, NOON)

    await scene.delivery.discard(large, smaller)
    assert original.exists()
    assert not smaller.path.exists()

    await scene.delivery.discard(
        scene.generation, await scene.delivery.pack(scene.generation, Rung.CHANNEL, NOON)
    )
    assert not original.exists()


async def test_a_film_that_machines_share_is_packed_here_and_deleted_there(scene, tmp_path):
    """Its copy is brought from the storage; once Discord has it, neither is left."""
    scene.hosting = replace(scene.hosting, storage=opened(Address(str(tmp_path / "shared")), tmp_path / "s"))
    scene.delivery = Delivery(scene.client, hosting=scene.hosting, fit=scene.fit)
    film, files = scene.generation.film, scene.hosting.files
    files.path(film.path).write_bytes(b"film")
    await files.keep(film.path)
    parcel = await scene.delivery.pack(scene.generation, Rung.CHANNEL, NOON)
    await scene.delivery.discard(scene.generation, parcel)

    assert files.path(film.path) == parcel.path
    assert not parcel.path.exists()
    assert not await files.exists(film.path)


async def test_a_film_that_cannot_be_deleted_just_now_is_delivered_all_the_same(scene, s3, tmp_path):
    """It goes when it is old."""
    scene.hosting = replace(scene.hosting, storage=opened(s3.address(), tmp_path / "s"))
    scene.delivery = Delivery(scene.client, hosting=scene.hosting, fit=scene.fit)
    path = scene.hosting.film_path(scene.generation.film)
    path.write_bytes(b"film")
    s3.mode = "down"
    await scene.delivery.discard(scene.generation, Parcel(path, None))

    assert not path.exists()


async def test_a_film_that_goes_while_it_is_packed_is_looked_for_again(scene):
    """Then the next step finds that it is gone, and fetches it."""
    scene.hosting.film_path(scene.generation.film).unlink()

    with pytest.raises(FilesUnavailable):
        await scene.delivery.pack(scene.generation, Rung.CHANNEL, NOON)
