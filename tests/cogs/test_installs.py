"""Laws of members' own installs and direct messages: where the bot may do what, and what it says of it."""

from dataclasses import replace
from types import SimpleNamespace

import pytest
import pytest_asyncio

from bot.client import Matinee
from bot.demo.amendments import amend, restrict, withdraw
from bot.i18n import speaker
from bot.models import Place
from bot.servers import FilmPlace
from bot.signatures import Signer
from cogs import asking
from tests.cogs.modelled import a_server

ALLOWED, FOR_SERVERS = ([0, 1, 2], [0, 1]), ([0], [0])


@pytest_asyncio.fixture
async def visit(house):
    """Make a server around the real house, with a member who brought the bot along herself."""
    client = Matinee(house=house, signer=Signer(b"key"), reference=lambda: "7F3K", user_install=True)
    async with a_server(client) as server:
        server.house = house
        server.amendments = amend(server.env.backend)
        server.amendments.own_installs.add(server.ann.id)
        yield server


async def decide(server, **rules):
    """Let the server's admins have decided so."""
    servers, now = server.house.admission.servers, server.house.clock()
    await servers.change(server.guild.id, lambda before: replace(before, **rules), now)


async def asked(server, result):
    """Return the one generation that was begun, and the private answer."""
    [generation] = await server.house.generations.history(server.ann.id)
    return generation, result.response


async def test_commands_are_offered_everywhere_where_the_operator_allows_it_and_admin_on_servers(visit):
    """Direct messages and group messages too; what admins decide is about a server."""
    tree = visit.client.tree
    offered = {
        command.name: (command.to_dict(tree)["contexts"], command.to_dict(tree)["integration_types"])
        for command in tree.get_commands()
    }

    assert FOR_SERVERS == offered.pop("admin")
    assert dict.fromkeys(offered, ALLOWED) == offered


async def test_where_the_bot_is_not_the_film_comes_in_person_and_the_member_is_told_at_once(visit):
    """No card, no right asked for, nobody's rules; the way to follow and to cancel it is in the answer."""
    await decide(visit, paused=True)
    withdraw(visit.env.backend, visit.guild.id)
    await visit.env.settle()

    result = await visit.ann.slash(visit.channel, "video", prompt="a paper boat")
    generation, answer = await asked(visit, result)

    assert (None, True) == (generation.place.guild_id, generation.place.member_only)
    assert answer.ephemeral
    assert "there is no card" in answer.content
    assert "direct messages" in answer.content
    await visit.ann.click(answer, label="Cancel")
    assert (await visit.house.generations.any(generation.id)).cancel_wished


async def test_a_storyboard_where_the_bot_is_not_comes_in_person_too(visit):
    """There is no card: who asked is told so, and ends it below that answer."""
    withdraw(visit.env.backend, visit.guild.id)
    await visit.env.settle()
    opened = await visit.ann.slash(visit.channel, "storyboard")
    done = await visit.ann.submit_modal(opened, {"shots": "a boat\na storm"})
    shot, *_ = await visit.house.generations.history(visit.ann.id)
    await visit.ann.click(done.response, label="Stop here")

    assert "there is no card" in done.response.content
    assert (await visit.house.storyboards.find(shot.storyboard_id))[0].enough


async def test_on_a_server_where_the_bot_is_its_rules_hold_for_own_installs(visit):
    """Paused there is paused there; and no gallery or thread, where it may not post."""
    await decide(visit, paused=True)
    refused = await visit.ann.slash(visit.channel, "video", prompt="a paper boat")
    assert "paused" in refused.response.content

    await decide(visit, paused=False, film_place=FilmPlace.THREAD)
    result = await visit.ann.slash(visit.channel, "video", prompt="a paper boat")
    generation, _ = await asked(visit, result)

    place = generation.place
    assert (visit.guild.id, True, False) == (place.guild_id, place.member_only, place.thread)


async def test_in_its_own_direct_messages_the_bot_posts_as_in_a_channel(visit):
    """The conversation itself is the place: card and film are there."""
    result = await visit.ann.user.slash("video", prompt="a paper boat")
    generation, answer = await asked(visit, result)

    assert (None, False) == (generation.place.guild_id, generation.place.member_only)
    assert visit.ann.user.dm_channel.id == generation.place.channel_id
    assert "A card here" in answer.content


async def test_a_member_of_the_server_is_served_by_the_server(visit):
    """Ben has installed nothing: card and film are public."""
    await visit.ben.slash(visit.channel, "video", prompt="a paper boat")
    [generation] = await visit.house.generations.history(visit.ben.id)

    assert (visit.guild.id, False) == (generation.place.guild_id, generation.place.member_only)


def test_a_group_message_is_the_members_alone():
    """Only who brought the bot there can be answered, and only by interactions."""
    group = SimpleNamespace(guild_id=None, context=SimpleNamespace(private_channel=True))

    assert asking.is_member_only(group)


async def test_a_thread_has_the_age_limit_of_its_channel(home):
    """Asked for in a thread of a channel for adults: that is one too."""
    amendments = amend(home.env.backend)
    await decide(home, age_restricted=True)
    restrict(home.env.backend, amendments, home.channel.id)
    await home.env.settle()
    message = await home.ann.send(home.channel, "look")
    await home.client.get_channel(home.channel.id).get_partial_message(message.id).create_thread(name="x")
    [thread] = home.channel.threads

    await home.ann.slash(thread, "video", prompt="a paper boat")

    assert 1 == len(await home.house.generations.history(home.ann.id))


@pytest.mark.parametrize(
    ("place", "expected"),
    [
        (Place(1, 2), "new message that mentions you."),
        (Place(1, 2, film_channel_id=9), "The film comes to <#9>."),
        (Place(1, 2, thread=True), "in a thread below it."),
        (Place(1, 2, deliver="dm"), "The film comes to your direct messages."),
        (Place(1, 2, deliver="both"), "You get a copy in your direct messages."),
        (Place(1, None, deliver="both"), "new message that mentions you."),
        (Place(1, 2, member_only=True), "to your direct messages with the bot."),
    ],
)
def test_the_private_answer_says_where_the_film_will_be(place, expected):
    """At the start, in so many words."""
    assert asking.where(place, speaker("en-US")).endswith(expected)
