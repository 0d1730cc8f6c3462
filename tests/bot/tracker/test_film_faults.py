"""Laws of `bot.tracker.finishing` and `bot.tracker.copying`: files that go, places that close on the way."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.delivery import Rung
from bot.errors import ChannelClosed, DiscordUnavailable, LinkExpired, ProviderUnavailable, TooLarge
from bot.models import Cost, Notice, Status
from tests.fakes import CINEMA, DM, SUCCESS

BOTH = replace(CINEMA, deliver="both")
AWAY = DiscordUnavailable("503")


async def about_to_post(world, *faults, place=CINEMA):
    """Return a generation whose film is posted next, with faults when it is."""
    generation = await world.ask(place=place)
    await world.rest()
    world.delivery.faults.extend(faults)
    world.clock.forward(seconds=70)
    return generation


async def posted(world, generation):
    """Let it come to rest; return where its films stand."""
    await world.until(generation, Status.DELIVERED)
    return [message.channel_id for message in world.delivery.films(generation.id)]


def packs(world, *, seconds=0, then=None):
    """Let the next film take so long to be made ready, and something happen meanwhile."""
    pack = world.delivery.pack

    async def slow(*told):
        world.delivery.pack = pack
        world.clock.forward(seconds=seconds)
        if then is not None:
            then()
        return await pack(*told)

    world.delivery.pack = slow


async def test_a_provider_that_gives_no_fresh_link_is_asked_again(world):
    """It was out of order when the link had died: the film waits for it (P-19)."""
    provider = world.providers["maxapi"]
    generation = await world.ask()
    await world.rest()
    world.downloader.faults.append(LinkExpired("403"))
    world.clock.forward(seconds=70)
    provider.fetches.extend([provider.last_fetch, ProviderUnavailable("maxapi")])

    assert [CINEMA.channel_id] == await posted(world, generation)


@pytest.mark.parametrize(
    ("error", "most"),
    [
        (ProviderUnavailable("maxapi", retry_after=timedelta(minutes=5), busy=True), 13),
        (ProviderUnavailable("maxapi"), 62),
    ],
)
async def test_a_dead_link_waits_for_a_provider_that_gives_no_answer(world, error, most):
    """Busy or away for an hour while the link is dead: asked as seldom as it says, and not lost (P-02)."""
    provider = world.providers["maxapi"]
    generation = await world.ask()
    await world.rest()
    world.downloader.faults.extend([LinkExpired("410")] * 200)
    world.clock.forward(seconds=70)
    provider.fetches.append(provider.last_fetch)
    provider.last_fetch = error
    for _ in range(360):
        await world.rest()
        world.clock.forward(seconds=10)
    assert Status.RENDERED is (await world.now(generation)).status
    assert 4 < len(provider.asked) <= most

    provider.last_fetch = SUCCESS
    world.downloader.faults.clear()
    assert [CINEMA.channel_id] == await posted(world, generation)


async def test_a_dead_link_is_not_asked_about_while_its_provider_is_busy(world):
    """It has told so at another film: this one asks once that is over (P-02)."""
    provider = world.providers["maxapi"]
    generation = await world.ask()
    await world.rest()
    world.downloader.faults.append(LinkExpired("410"))
    world.health.ask_later("maxapi", world.clock() + timedelta(minutes=5))
    await world.store.move(
        await world.now(generation),
        world.clock(),
        due_at=world.clock(),
        status=Status.RENDERED,
        urls=SUCCESS.urls,
    )
    await world.rest()
    assert ([], 1) == (provider.asked, len(world.downloader.fetched))

    assert [CINEMA.channel_id] == await posted(world, generation)


async def test_a_dead_link_is_not_asked_about_for_ever(world):
    """A day later nobody answers yet: five tries more, then it is given back and its member told (P-19)."""
    provider = world.providers["maxapi"]
    generation = await world.ask()
    await world.rest()
    world.downloader.faults.extend([LinkExpired("410")] * 10_000)
    world.clock.forward(seconds=70)
    provider.fetches.append(provider.last_fetch)
    provider.last_fetch = ProviderUnavailable("maxapi", retry_after=timedelta(minutes=15), busy=True)
    ended = await world.until(generation, Status.FAILED, hours=26)

    assert (Status.FAILED, "result_lost", Notice.TOLD) == (ended.status, ended.reason, ended.notice)
    assert Cost() == await world.used()


async def test_a_file_that_goes_before_it_is_made_smaller_is_fetched_again(world):
    """Somebody cleared the folder between two steps: the provider has it still (S-02)."""
    generation = await about_to_post(world)
    post = world.delivery.post_film

    async def too_large(posting, *told):
        world.delivery.post_film = post
        world.hosting.film_target(posting).unlink()
        raise TooLarge("40005")

    world.delivery.post_film = too_large
    assert [CINEMA.channel_id] == await posted(world, generation)
    assert 2 == len(world.downloader.fetched)


async def test_a_channel_that_is_gone_when_it_is_looked_into_sends_the_film_on(world):
    """What stood there is gone with it, so it may be posted elsewhere (D-06)."""
    generation = await about_to_post(world, AWAY)
    find = world.delivery.find_film

    async def gone(posting, rung):
        if rung is Rung.CHANNEL:
            raise ChannelClosed("10003", gone=True)
        return await find(posting, rung)

    world.delivery.find_film = gone
    assert [DM] == await posted(world, generation)


async def test_a_film_that_is_ready_at_last_is_looked_for_once_more(world):
    """Nothing came while it was made ready: it is posted, once (D-18)."""
    generation = await about_to_post(world, AWAY)
    await world.rest()
    packs(world, seconds=11)

    assert [CINEMA.channel_id] == await posted(world, generation)


@pytest.mark.parametrize("link", [None, "https://bot.example/films/1"])
async def test_where_neither_file_nor_link_can_be_it_goes_on_or_is_kept(world, link):
    """No rung takes it any more: a link that is turned away goes down as a file would (D-05)."""
    generation = await about_to_post(world, AWAY, *([TooLarge("40005")] if link else []))
    await world.rest()
    world.delivery.limit, world.delivery.link = 0, link
    ended = await world.until(generation, Status.DELIVERED)

    assert (Status.DELIVERED, "dm" if link else "kept") == (ended.status, ended.posting_place)


@pytest.mark.parametrize(("minutes", "copies"), [(1, 1), (30, 0)])
async def test_a_copy_where_nobody_can_look_is_sent_while_its_nonce_holds(world, minutes, copies):
    """Soon after, Discord drops a second one; later it may be there, and isn't sent again (D-18)."""
    generation = await about_to_post(world, None, AWAY, place=BOTH)
    await world.rest()
    world.delivery.hidden = {Rung.DM}
    world.clock.forward(minutes=minutes)
    ended = await world.until(generation, Status.DELIVERED)

    assert (Notice.TOLD, copies) == (ended.copy, len(world.delivery.copies(generation.id)))


async def test_a_copy_whose_link_is_turned_away_is_given_up(world):
    """Its requester has the film where everybody has it."""
    generation = await about_to_post(world, None, TooLarge("40005"), place=BOTH)
    packs(world, then=lambda: setattr(world.delivery, "limit", 0))
    world.delivery.link = "https://bot.example/films/1"
    ended = await world.until(generation, Status.DELIVERED)

    assert (Notice.TOLD, []) == (ended.copy, world.delivery.copies(generation.id))


@pytest.mark.parametrize("faults", [[AWAY], [None, AWAY]])
async def test_a_look_that_discord_does_not_answer_is_done_again(world, faults):
    """Nothing is posted before it was seen what stands there, be it a film or its copy (D-04)."""
    generation = await about_to_post(world, *faults, place=BOTH)
    await world.rest()
    find, asked = world.delivery.find_film, []

    async def away_once(*told):
        asked.append(told)
        if len(asked) == 1:
            raise AWAY
        return await find(*told)

    world.delivery.find_film = away_once
    assert [CINEMA.channel_id] == await posted(world, generation)
    assert 1 == len(world.delivery.copies(generation.id))
    assert 2 <= len(asked)


async def test_a_line_that_is_too_slow_for_a_film_carries_a_smaller_one(world):
    """Broken off three times for want of time, it goes in a smaller edition (D-04)."""
    slow = DiscordUnavailable("broken off", out_of_time=True)
    generation = await about_to_post(world, slow, slow, slow)
    await posted(world, generation)
    [film] = world.delivery.films(generation.id)

    assert 2500 == film.parcel.path.size
