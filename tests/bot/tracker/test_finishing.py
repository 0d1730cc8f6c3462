"""Laws of `bot.tracker.finishing`: bringing the film home and to the people."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.delivery import Rung
from bot.delivery.delivery import NONCE_WINDOW
from bot.errors import (
    ChannelClosed,
    DiscordUnavailable,
    DownloadError,
    ForbiddenAddress,
    LinkExpired,
    MediaError,
    Oversized,
    TooLarge,
)
from bot.models import Cost, MediaKind, Notice, ProviderTask, Status, TaskStatus
from bot.tracker import Tracker
from tests.fakes import CINEMA, DM, SUCCESS


async def test_a_channel_without_cards_still_gets_its_film_by_dm(world):
    """Where we may not post, the film goes to its requester."""
    world.delivery.closed = {Rung.CHANNEL}
    generation = await world.ask()

    ended = await world.until(generation, Status.DELIVERED)

    assert [message.channel_id for message in world.delivery.films(generation.id)] == [DM]
    assert ended.message_channel_id == DM


async def test_a_film_that_can_go_nowhere_is_kept(world):
    """With channel and DM closed the film stays with us and counts as made."""
    world.delivery.closed = {Rung.CHANNEL, Rung.DM}
    generation = await world.ask()

    ended = await world.until(generation, Status.DELIVERED)

    assert (ended.status, ended.posting_place, ended.message_id) == (Status.DELIVERED, Rung.KEPT, None)
    assert world.hosting.film_path(ended.film).exists()


async def test_an_answer_lost_by_discord_makes_no_second_film(world):
    """The post was accepted and its answer lost: the next try looks first, even after the nonce's time."""
    world.delivery.remembers = timedelta(0)
    generation = await world.ask()
    await world.rest()
    world.clock.forward(seconds=70)
    world.delivery.lose_answers = 1

    ended = await world.until(generation, Status.DELIVERED)

    assert ended.status is Status.DELIVERED
    assert len(world.delivery.films(generation.id)) == 1


async def test_discord_out_of_order_for_hours_loses_no_film(world):
    """A film is posted when Discord is back, however long that takes."""
    generation = await world.ask()
    await world.rest()
    world.delivery.faults.extend([DiscordUnavailable("503")] * 30)

    ended = await world.until(generation, Status.DELIVERED, hours=24)

    assert ended.status is Status.DELIVERED
    assert len(world.delivery.films(generation.id)) == 1


async def test_a_film_too_large_is_made_smaller(world):
    """413 is normal: a step down, and the limit is remembered."""
    generation = await world.ask()
    await world.rest()
    world.delivery.faults.extend([TooLarge("40005")])

    ended = await world.until(generation, Status.DELIVERED)

    assert ended.upload_limit == 2500
    assert world.delivery.films(generation.id)[0].parcel.path.size == 2500


async def test_a_download_that_breaks_is_tried_again(world):
    """A truncated film is fetched anew."""
    world.downloader.faults.extend([DownloadError("short")] * 3)
    generation = await world.ask()

    assert (await world.until(generation, Status.DELIVERED)).status is Status.DELIVERED


async def test_an_expired_link_is_asked_for_anew(world):
    """A dead link: the provider gives a fresh one."""
    provider = world.providers["maxapi"]
    fresh = ProviderTask("t1", TaskStatus.SUCCEEDED, urls=("https://films.example/fresh.mp4",))
    provider.fetches.extend([SUCCESS, fresh])
    world.downloader.faults.append(LinkExpired("410"))
    generation = await world.ask()

    ended = await world.until(generation, Status.DELIVERED)

    assert world.downloader.fetched[-1] == "https://films.example/fresh.mp4"
    assert ended.status is Status.DELIVERED


async def test_a_film_that_is_lost_is_refunded(world):
    """Paid, settled, and not to be had: the member gets it back, once, and is told."""
    world.downloader.faults.extend([DownloadError("short")] * 1000)
    generation = await world.ask()

    ended = await world.until(generation, Status.FAILED, hours=48)

    assert (ended.reason, ended.notice) == ("result_lost", Notice.TOLD)
    assert await world.used() == Cost()


async def test_no_history_to_look_at_and_an_old_nonce_keeps_the_film(world, monkeypatch):
    """It may stand there and nobody can look: it isn't posted twice, but kept for its requester."""
    generation = await world.ask()
    await world.rest()

    async def forbidden(*_):
        raise ChannelClosed("50001")

    monkeypatch.setattr(world.delivery, "find_film", forbidden)
    world.clock.forward(seconds=70)
    world.delivery.lose_answers = 1
    await world.rest()
    assert len(world.delivery.films(generation.id)) == 1
    world.clock.forward(seconds=600)

    ended = await world.until(generation, Status.DELIVERED)

    assert ended.posting_place == Rung.KEPT
    assert len(world.delivery.films(generation.id)) == 1


async def packs_slowly(world, meanwhile):
    """Let the next file be made smaller for so long that something happens meanwhile."""
    pack = world.delivery.pack

    async def slow(*told):
        world.delivery.pack = pack
        await meanwhile()
        return await pack(*told)

    world.delivery.pack = slow


async def another_process(world):
    """Lose the lease to another process, which brings everything to the people."""
    world.clock.forward(minutes=5)
    other = Tracker(replace(world.context, leases={}))
    await other.settle()


async def test_whoever_loses_the_lease_while_packing_posts_nothing(world):
    """Another process has brought the film meanwhile, longer ago than Discord knows its nonce."""
    generation = await world.ask()
    await world.rest()
    world.clock.forward(seconds=70)
    world.delivery.remembers = timedelta(0)
    world.delivery.faults.append(DiscordUnavailable("503"))
    await world.rest()
    assert Status.POSTING is (await world.now(generation)).status
    await packs_slowly(world, lambda: another_process(world))

    ended = await world.until(generation, Status.DELIVERED)

    assert Status.DELIVERED is ended.status
    assert 1 == len(world.delivery.films(generation.id))


async def test_what_arrives_while_a_film_is_packed_is_seen(world):
    """An earlier post was still on its way when we looked; by the time ours is ready it stands (D-18)."""
    generation = await world.ask()
    await world.rest()
    world.clock.forward(seconds=70)
    world.delivery.remembers = timedelta(0)
    world.delivery.faults.append(DiscordUnavailable("503"))
    await world.rest()

    async def arrives():
        world.clock.forward(seconds=11)
        world.delivery._post(await world.now(generation), Rung.CHANNEL, "film")

    await packs_slowly(world, arrives)
    ended = await world.until(generation, Status.DELIVERED)

    assert (Status.DELIVERED, 1) == (ended.status, len(world.delivery.films(generation.id)))


async def test_a_nonce_that_is_forgotten_while_packing_keeps_the_film(world):
    """It may stand where nobody can look: making it smaller took longer than Discord knows its nonce."""
    generation = await world.ask()
    await world.rest()
    world.clock.forward(seconds=70)
    world.delivery.remembers = NONCE_WINDOW
    world.delivery.lose_answers = 1
    world.delivery.hidden = {Rung.CHANNEL}
    await world.rest()
    assert 1 == len(world.delivery.films(generation.id))

    async def take_minutes():
        world.clock.forward(minutes=5)

    await packs_slowly(world, take_minutes)
    ended = await world.until(generation, Status.DELIVERED)

    assert Rung.KEPT == ended.posting_place
    assert 1 == len(world.delivery.films(generation.id))


async def test_an_hour_without_a_line_or_a_disk_loses_no_paid_film(world):
    """Whatever keeps us from downloading may heal while the link lives."""
    world.downloader.faults.extend([DownloadError("ClientConnectorError"), OSError(28, "full")] * 5)
    generation = await world.ask()

    assert Status.DELIVERED is (await world.until(generation, Status.DELIVERED)).status


async def test_a_file_that_is_no_film_is_given_up_soon(world):
    """The bytes themselves are no good: five tries."""
    world.prober.kind = MediaKind.AUDIO
    generation = await world.ask()

    assert "result_lost" == (await world.until(generation, Status.FAILED)).reason
    assert 5 == len(world.downloader.fetched)


async def test_links_that_are_new_at_every_ask_get_their_time(world):
    """A film that can't be had for two minutes, and a provider that signs every link anew: not given up."""
    provider = world.providers["maxapi"]
    provider.fetches.extend(
        ProviderTask("t1", TaskStatus.SUCCEEDED, urls=(f"https://films.example/{number}.mp4",))
        for number in range(9)
    )
    world.downloader.faults.extend([LinkExpired("404")] * 4)
    generation = await world.ask()
    await world.rest()
    world.clock.forward(seconds=70)
    await world.rest()
    assert 2 == len(world.downloader.fetched)

    assert Status.DELIVERED is (await world.until(generation, Status.DELIVERED)).status


async def test_a_film_that_is_gone_from_the_disk_is_fetched_again(world):
    """Somebody cleared the folder while Discord was out of order: charged once, posted once."""
    generation = await world.ask()
    await world.rest()
    world.clock.forward(seconds=70)
    world.delivery.faults.append(DiscordUnavailable("503"))
    await world.rest()
    world.hosting.film_target(generation).unlink()

    ended = await world.until(generation, Status.DELIVERED)

    assert Status.DELIVERED is ended.status
    assert 2 == len(world.downloader.fetched)
    assert 1 == len(world.delivery.films(generation.id))
    assert Cost(videos=1, seconds=5) == await world.used()


async def test_a_link_that_expires_with_its_provider_turned_off_is_waited_for(world):
    """Nobody can be asked for another link now; that is no bug of ours."""
    generation = await world.ask()
    await world.rest()
    world.clock.forward(seconds=70)
    world.downloader.faults.extend([LinkExpired("410")] * 40)
    await world.rest()
    del world.providers["maxapi"]
    for _ in range(20):
        await world.rest()
        world.clock.forward(minutes=5)

    assert Status.RENDERED is (await world.now(generation)).status


@pytest.mark.parametrize(
    "error", [Oversized("2 GiB"), ForbiddenAddress("loopback"), MediaError("unreadable")]
)
async def test_a_film_that_no_time_can_mend_is_given_up_soon(world, error):
    """Too large, or where we never connect: five tries, not a day of them."""
    world.downloader.faults.extend([error] * 100)
    generation = await world.ask()

    assert "result_lost" == (await world.until(generation, Status.FAILED)).reason
    assert 5 == len(world.downloader.fetched)


@pytest.mark.parametrize(
    ("link", "places"), [("https://bot.example/films/x", [CINEMA.channel_id]), (None, [DM])]
)
async def test_a_channel_that_takes_no_file_gets_a_link_and_without_one_the_requester_the_file(
    world, link, places
):
    """Every size is refused: a link in the same channel; only where there is none, the next rung, whole."""
    world.delivery.link = link
    generation = await world.ask()
    await world.rest()
    world.delivery.faults.extend([TooLarge("40005")] * 4)

    ended = await world.until(generation, Status.DELIVERED)

    films = world.delivery.films(generation.id)
    assert [message.channel_id for message in films] == places
    assert films[0].parcel.link == link
    assert ended.status is Status.DELIVERED


GALLERY = 501


@pytest.mark.parametrize(
    ("wish", "closed", "place"),
    [
        ({"film_channel_id": GALLERY}, [], GALLERY),
        ({"film_channel_id": GALLERY}, [Rung.GALLERY], CINEMA.channel_id),
        ({"film_channel_id": GALLERY}, [Rung.GALLERY, Rung.CHANNEL], DM),
        ({"film_channel_id": GALLERY}, [Rung.GALLERY, Rung.CHANNEL, Rung.DM], None),
        ({"thread": True}, [], 7000),
        ({"thread": True}, [Rung.THREAD], CINEMA.channel_id),
        ({"thread": True, "parent_id": 499}, [], CINEMA.channel_id),
        ({"deliver": "dm"}, [], DM),
        ({"deliver": "dm"}, [Rung.DM], None),
        ({"member_only": True}, [], DM),
        ({"member_only": True}, [Rung.DM], None),
    ],
)
async def test_a_film_goes_where_it_belongs_or_down_the_ladder(world, wish, closed, place):
    """One film, on the highest rung that takes it; the card stays where it was asked for."""
    world.delivery.closed = set(closed)
    generation = await world.ask(place=replace(CINEMA, **wish))

    ended = await world.until(generation, Status.DELIVERED)

    films = [message.channel_id for message in world.delivery.films(generation.id)]
    assert ([] if place is None else [place]) == films
    assert place == ended.message_channel_id
    cards = [] if "member_only" in wish or Rung.CHANNEL in closed else [CINEMA.channel_id]
    assert cards == [message.channel_id for message in world.delivery.cards(generation.id)]


@pytest.mark.parametrize(
    ("wish", "place"),
    [({"film_channel_id": GALLERY}, GALLERY), ({"thread": True}, 7000), ({"deliver": "dm"}, DM)],
)
async def test_a_film_whose_answer_is_lost_is_looked_for_where_it_was_intended(world, wish, place):
    """After a crash, with a nonce long forgotten: found there, and posted nowhere else."""
    world.delivery.remembers = timedelta(0)
    generation = await world.ask(place=replace(CINEMA, **wish))
    await world.rest()
    world.clock.forward(seconds=70)
    world.delivery.lose_answers = 1
    await world.rest()
    world.new_tracker()

    ended = await world.until(generation, Status.DELIVERED)

    assert [place] == [message.channel_id for message in world.delivery.films(generation.id)]
    assert place == ended.message_channel_id


async def test_a_place_that_closes_while_a_film_may_stand_there_sends_it_nowhere_else(world):
    """Posted, the answer lost, then every right taken within the nonce's time: kept, not posted twice."""
    generation = await world.ask()
    await world.rest()
    world.clock.forward(seconds=70)
    world.delivery.lose_answers = 1
    await world.rest()
    world.delivery.closed = {Rung.CHANNEL}

    ended = await world.until(generation, Status.DELIVERED)

    assert (Rung.KEPT, 1) == (ended.posting_place, len(world.delivery.films(generation.id)))
