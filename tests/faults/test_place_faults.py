"""Where Discord doesn't take a film: it goes down the ladder once, or is kept, and nobody tries and tries."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from structlog.testing import capture_logs

from bot.delivery import BY_DEFAULT, Rung
from bot.models import Cost, MediaFile, MediaKind, Mode, Place, Requester, Status
from bot.tracker.parked import Act, decide
from tests.e2e.faults import with_film
from tests.faults.lobby import a_lobby

MESSAGES = "/channels/*/messages"


@pytest.fixture
async def lobby(on_both, tmp_path, monkeypatch):
    """Yield a member, a channel and the bot."""
    async with a_lobby(tmp_path, monkeypatch) as opened:
        yield opened


def here(lobby):
    """Return the address of the channel's messages."""
    return f"/channels/{lobby.wire.channel_id}/messages"


def in_person(lobby):
    """Return the address of the member's direct messages."""
    return f"/channels/{lobby.wire.dm_of(lobby.ada.id)}/messages"


def tried(lobby, path):
    """Return how many posts with a film an address has seen."""
    return len(lobby.wire.calls("POST", path, where=with_film))


async def test_a_closed_channel_is_tried_once_an_hour_and_the_film_comes_in_person(lobby):
    """403 is no reason to ask again: the next film of the hour goes in person at once (D-05, M-13)."""
    lobby.wire.forbid(lobby.wire.channel_id, "attach_files")
    for calls in (1, 1):
        ended = await lobby.delivered(await lobby.ask())
        assert (Status.DELIVERED, Rung.DM) == (ended.status, ended.posting_place)
        assert calls == tried(lobby, here(lobby))
    lobby.clock.forward(hours=1)
    await lobby.delivered(await lobby.ask())

    assert (2, 3) == (tried(lobby, here(lobby)), len(lobby.films()))
    assert all(f"could not be posted in <#{lobby.wire.channel_id}>" in film.content for film in lobby.films())


async def test_a_hidden_channel_is_not_asked_for_every_card(lobby):
    """Nothing may be written there at all: one call of the hour is refused, not one per card (D-05)."""
    lobby.wire.forbid(lobby.wire.channel_id, "view_channel", "send_messages")
    for _ in range(5):
        await lobby.delivered(await lobby.ask())

    calls = lobby.wire.calls("*", f"/channels/{lobby.wire.channel_id}*")
    assert 2 == [call.status for call in calls].count(403)
    assert 5 == len(lobby.films())


@pytest.mark.parametrize(("status", "code"), [(403, 50001), (403, 50013), (404, 10003), (404, 10004)])
@pytest.mark.parametrize("direct", [True, False])
async def test_a_film_whose_channel_or_server_is_gone_goes_in_person_or_is_kept(lobby, status, code, direct):
    """Made and counted; where the direct messages are closed too, it lies here for `/show` (D-05, D-06)."""
    asked = await lobby.ask()
    lobby.wire.fault("*", f"{here(lobby)}*", "refuse", status=status, code=code, times=None)
    if not direct:
        lobby.wire.fault("POST", in_person(lobby), "refuse", status=403, code=50007, times=None)

    ended = await lobby.delivered(asked)
    calls, used = len(lobby.wire.rest.calls), await lobby.used()
    lobby.clock.forward(days=1)
    await lobby.world.rest()

    assert (Status.DELIVERED, Cost(1, ended.request.seconds)) == (ended.status, used)
    assert (Rung.DM if direct else Rung.KEPT) == ended.posting_place
    assert direct is (len(lobby.films()) == 1)
    assert direct is not lobby.world.hosting.film_path(ended.film).exists()
    assert (1, calls) == (tried(lobby, here(lobby)), len(lobby.wire.rest.calls))


async def test_a_bot_that_is_taken_off_the_server_still_brings_the_film(lobby):
    """Every channel and the server itself are closed from then on (D-15)."""
    asked = await lobby.ask()
    dm = lobby.wire.dm_of(lobby.ada.id)
    lobby.wire.fault("*", "/channels/*", "refuse", status=403, code=50001, times=None,
                     where=lambda call: str(dm) not in call.path)  # fmt: skip
    lobby.wire.fault("GET", "/guilds/*", "refuse", status=404, code=10004, times=None)

    ended = await lobby.delivered(asked)

    assert (Status.DELIVERED, Rung.DM, [dm]) == (
        ended.status,
        ended.posting_place,
        [film.channel_id for film in lobby.films()],
    )


async def test_the_film_of_a_member_who_has_left_is_posted_and_calls_nobody_else(lobby):
    """Discord takes the mention of somebody who isn't there, and notifies no one (D-16)."""
    asked = await lobby.ask()
    lobby.wire.backend.remove_member(lobby.wire.guild.id, lobby.ada.id)

    ended = await lobby.delivered(asked)

    [film] = lobby.films()
    assert (Status.DELIVERED, lobby.wire.channel_id) == (ended.status, film.channel_id)
    assert {lobby.ada.id} >= set(film.pings)


@pytest.mark.parametrize("size", [BY_DEFAULT - 1, BY_DEFAULT, BY_DEFAULT + 1])
async def test_a_film_is_made_smaller_only_from_the_first_byte_over_the_limit(lobby, size):
    """At the limit it goes as it is; above, the message says so. No try is refused (D-07, P-22, M-12)."""
    lobby.world.downloader.size = size
    ended = await lobby.delivered(await lobby.ask())

    [film] = lobby.films()
    over = size > BY_DEFAULT
    assert (Status.DELIVERED, 1) == (ended.status, len(lobby.posts()))
    assert over is (len(film.films[0][1]) < size)
    assert over is ("Made smaller: at 10 MiB" in film.content)


@pytest.mark.parametrize(("status", "code"), [(413, 40005), (400, 50045)])
async def test_a_server_that_takes_less_than_it_says_is_asked_once(lobby, status, code):
    """The next film of that server is made smaller before it is sent; another server's isn't (D-07)."""
    eight = 8 * 1024 * 1024
    lobby.world.downloader.size = eight + 1
    lobby.wire.fault("POST", MESSAGES, "refuse", status=status, code=code, times=None,
                     where=lambda call: any(size > eight for _, size in call.files))  # fmt: skip
    first = await lobby.delivered(await lobby.ask())
    refused = len(lobby.posts()) - 1
    second = await lobby.delivered(await lobby.ask())

    assert (1, 3) == (refused, len(lobby.posts()))
    assert (first.upload_limit, None) == (eight, second.upload_limit)
    assert [Status.DELIVERED] * 2 == [first.status, second.status]
    assert 2 == len(lobby.films())


async def test_a_film_that_is_too_large_everywhere_comes_as_a_link(lobby):
    """Every size is refused: a link, once, and no file is forced on anybody (D-07, M-12)."""
    lobby.world.downloader.size = 9_000_000
    lobby.wire.fault("POST", MESSAGES, "refuse", status=413, code=40005, times=None, where=with_film)
    ended = await lobby.delivered(await lobby.ask())

    [film] = lobby.films()
    assert (Status.DELIVERED, ()) == (ended.status, film.films)
    assert "Too large to be attached here, so as a link:\nhttps://bot.example/films/" in film.content


async def test_a_message_that_is_refused_in_its_plainest_form_is_parked_and_kept(lobby):
    """50035 twice: no third call, the operator is told, the film waits for their word (D-08, M-14)."""
    lobby.wire.fault("POST", MESSAGES, "refuse", status=400, code=50035, times=2, where=with_film)
    asked = await lobby.ask()
    with capture_logs() as logged:
        parked = await lobby.delivered(asked)
    lobby.clock.forward(days=1)
    await lobby.world.rest()

    assert (Status.PARKED, "message_refused", 2) == (parked.status, parked.reason, len(lobby.posts()))
    assert [("parked", "error")] == [
        (each["event"], each["log_level"]) for each in logged if each["event"] == "parked"
    ]
    assert lobby.world.hosting.film_path(parked.film).exists()
    [card] = lobby.wire.messages()
    assert "It is kept for you in `/show`" in card.text

    await decide(lobby.world.store, parked, Act.GO_ON, lobby.clock())
    ended = await lobby.delivered(asked)
    assert (Status.DELIVERED, 1) == (ended.status, len(lobby.films()))


@pytest.mark.parametrize("code", [200000, 240000])
async def test_what_a_filter_of_the_server_blocks_comes_without_the_prompt_or_in_person(lobby, code):
    """AutoMod or a link filter: the plainest message, then the next rung, never a third try here (D-09)."""
    lobby.wire.fault("POST", here(lobby), "refuse", status=400, code=code, where=with_film)
    plain = await lobby.delivered(await lobby.ask())
    assert lobby.wire.channel_id == plain.message_channel_id
    assert plain.asked.prompt not in lobby.films()[0].text

    lobby.wire.fault("POST", here(lobby), "refuse", status=400, code=code, times=None, where=with_film)
    before = tried(lobby, here(lobby))
    blocked = await lobby.delivered(await lobby.ask())

    assert (Status.DELIVERED, Rung.DM) == (blocked.status, blocked.posting_place)
    assert (before + 2, 2) == (tried(lobby, here(lobby)), len(lobby.films()))


async def test_a_file_whose_link_dies_before_its_provider_has_read_it_is_given_back_and_said_so(lobby):
    """Too late: nothing is sent, nothing counts, and its member reads what to do (D-17, M-15)."""
    world = lobby.world
    world.hosting = replace(world.hosting, public_url=None)
    world.new_tracker()
    end = int((lobby.clock() + timedelta(hours=1)).timestamp())
    link = f"https://cdn.example/cat.png?ex={end:x}&is=1&hm=2"
    file = MediaFile("cat", "cat.png", MediaKind.IMAGE, ".png", 4, "0" * 64, link, 640, 360)
    world.hosting.media_path(file).write_bytes(b"cat!")
    place = Place(lobby.wire.channel_id, lobby.wire.guild.id)
    said = {"mode": Mode.FIRST_FRAME, "media": (file,)}
    asked = await world.ask(Requester(lobby.ada.id, "Ada"), place=place, **said)
    lobby.clock.forward(hours=2)

    ended = await world.until(asked, Status.FAILED)

    [notice] = [message for message in lobby.wire.messages() if lobby.ada.id in message.pings]
    assert (Status.FAILED, Cost(), []) == (ended.status, await lobby.used(), world.providers["maxapi"].sent)
    assert "Counts nothing against your limits.\nPlease attach it again" in notice.content


@pytest.fixture
def thread(lobby):
    """Return a thread of the channel."""
    return lobby.wire.backend.create_thread(lobby.wire.channel_id, "boats", lobby.ada.id).id


@pytest.mark.parametrize(("status", "code"), [(400, 50083), (403, 50083), (400, 160005), (403, 160005)])
@pytest.mark.parametrize("allowed", [True, False])
async def test_a_thread_that_sleeps_is_woken_where_that_is_allowed(lobby, thread, status, code, allowed):
    """Else the film goes in person, and never to the thread's parent, which has other readers (D-11)."""
    asked = await lobby.ask(channel_id=thread, parent_id=lobby.wire.channel_id)
    lobby.wire.fault("POST", f"/channels/{thread}/messages", "refuse", status=status, code=code,
                     times=1 if allowed else None)  # fmt: skip
    if not allowed:
        lobby.wire.fault("PATCH", f"/channels/{thread}", "refuse", status=403, code=50013)

    ended = await lobby.delivered(asked)

    place = thread if allowed else lobby.wire.dm_of(lobby.ada.id)
    assert (Status.DELIVERED, [place]) == (ended.status, [film.channel_id for film in lobby.films()])
    assert [{"archived": False}] == [call.body for call in lobby.wire.calls("PATCH", f"/channels/{thread}")]
    assert lobby.wire.backend.bot_user.id not in {each.author_id for each in lobby.wire.messages()}


async def test_a_card_in_a_thread_that_sleeps_is_kept_up(lobby, thread):
    """Its edit opens the thread again, and the card says its last word (D-11)."""
    asked = await lobby.ask(channel_id=thread, parent_id=lobby.wire.channel_id)
    lobby.wire.fault("PATCH", f"/channels/{thread}/messages/*", "refuse", status=400, code=50083)

    ended = await lobby.delivered(asked)

    card = lobby.wire.messages(thread)[0]
    assert ended.card_id == card.id
    assert "Done" in card.text
