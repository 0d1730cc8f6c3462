"""Laws of `cogs.library`: /videos, /show and their buttons, in a modelled Discord."""

from dataclasses import replace
from io import BytesIO

import discord
import pytest

from bot.i18n import speaker
from bot.messages import library
from bot.models import Place, Status
from cogs import choices
from tests.cogs.films import custom_ids, kept, made, noted, ones, shown
from tests.cogs.posting import posted_card

SAY = speaker("en-US")


async def test_cancel_works_after_a_restart(world, generations, own, build):
    """On a card that an earlier process posted."""
    row = own(Status.QUEUED)
    await posted_card(world, row)
    await world.env.restart_bot(build())
    await world.ann.click(world.channel.last_message, label="Cancel")

    assert generations.cancelled == [row.id]


@pytest.mark.parametrize("who", ["ann", "mod"])
async def test_cancel_is_for_owner_and_moderators(world, generations, own, who):
    """The wish is written down."""
    row = own(Status.QUEUED)
    result = await getattr(world, who).click(await posted_card(world, row), label="Cancel")

    assert generations.cancelled == [row.id]
    assert "being cancelled" in result.response.content


async def test_others_cannot_cancel(world, generations, own):
    """A card is public, its fate isn't."""
    result = await world.ben.click(await posted_card(world, own(Status.QUEUED)), label="Cancel")

    assert "may do that" in result.response.content
    assert generations.cancelled == []


async def test_a_moderator_of_another_server_is_nobody(world, generations, own):
    """A card that says it belongs elsewhere is not for this server's moderators."""
    row = own(Status.QUEUED)
    generations.rows[row.id] = replace(row, place=Place(world.channel.id, 1))
    await world.mod.click(await posted_card(world, row), label="Cancel")

    assert generations.cancelled == []


async def test_too_late_is_said(world, generations, own):
    """The film is made; a cancel changes nothing."""
    row = own(Status.QUEUED)
    message = await posted_card(world, row)
    generations.rows[row.id] = replace(row, status=Status.RENDERED)
    result = await world.ann.click(message, label="Cancel")

    assert "too late" in result.response.content


async def test_a_cancel_that_has_become_dear_asks_first(world, generations, own):
    """The button said nothing of a price, because there was none when it was drawn."""
    row = own(Status.QUEUED)
    message = await posted_card(world, row)
    generations.charged = True
    asked = await world.ann.click(message, label="Cancel")
    before = list(generations.cancelled)
    await world.ann.click(asked.response, label="Cancel (counts in full)")

    assert (before, generations.cancelled) == ([], [row.id])


async def test_a_cancel_that_said_its_price_is_obeyed(world, generations, own):
    """Who pressed "counts in full" isn't asked twice."""
    row = own(Status.RUNNING)
    generations.charged = True
    message = await posted_card(world, row, charged=True)
    result = await world.ann.click(message, label="Cancel (counts in full)")

    assert generations.cancelled == [row.id]
    assert "counts in full" in result.response.content


async def test_a_cancel_tells_what_is_true_now(world, generations, own):
    """The button said that it counts in full; meanwhile it went to a provider that confirms a cancel."""
    row = own(Status.RUNNING)
    result = await world.ann.click(
        await posted_card(world, row, charged=True), label="Cancel (counts in full)"
    )

    assert "else it counts nothing" in result.response.content


async def test_a_cancel_that_was_quick_still_tells_its_price(world, generations, own):
    """By the time of the answer it may have ended already."""
    row = own(Status.RUNNING)
    message = await posted_card(world, row, charged=True)

    async def quick(*_, **__):
        return replace(row, status=Status.CANCELLED, counts_in_full=True)

    generations.cancel = quick
    result = await world.ann.click(message, label="Cancel (counts in full)")

    assert "It counts in full" in result.response.content


async def test_videos_shows_only_ones_own(world, own):
    """Ben sees none of Ann's."""
    own(Status.QUEUED)
    result = await world.ben.slash(world.channel, "videos")

    assert result.response.content == "There are no videos of yours here. Make one with `/video`."
    assert result.ephemeral


async def test_videos_shows_state_place_and_link(world, own):
    """How each stands, and where the film is."""
    own(Status.QUEUED)
    own(Status.DELIVERED, message_id=9, message_channel_id=world.channel.id)
    (embed,) = (await world.ann.slash(world.channel, "videos")).response.embeds

    assert "Queued, place 3." in embed.description
    assert f"https://discord.com/channels/{world.guild.id}/{world.channel.id}/9" in embed.description


async def test_videos_offers_cancel(world, generations, own):
    """For what isn't made yet, by its number."""
    own(Status.DELIVERED)
    row = own(Status.QUEUED)
    listed = await world.ann.slash(world.channel, "videos")
    await world.ann.click(listed.response, label="Cancel 2")

    assert generations.cancelled == [row.id]


async def test_videos_turns_pages(home):
    """Forwards and backwards, in its place: everything is reached, nothing twice."""
    for number in range(19):
        await made(home, f"boat {number};")
    first = await home.ann.slash(home.channel, "videos")
    pages = [shown(first)]
    for label in ("Older", "Older", "Newer", "Newer"):
        turned = await home.ann.click(first.response, label=label)
        pages.append(shown(turned))
    seen = "".join(pages[:3])

    assert [seen.count(f"boat {number};") for number in range(19)] == [1] * 19
    assert pages[3:] == [pages[1], pages[0]]


async def test_a_full_page_that_is_the_last_offers_no_more(world, own):
    """Nobody turns to an empty page."""
    for _ in range(8):
        own()
    listed = await world.ann.slash(world.channel, "videos")

    assert listed.response.embeds[0].description.count("a paper boat") == 8
    assert "Older" not in repr(listed.response.components)


async def test_a_film_that_could_be_posted_nowhere_is_handed_over(world, generations, own, film):
    """It is kept, and its requester gets it, privately."""
    generations.path, kept = film
    own(Status.DELIVERED, film=kept)
    listed = await world.ann.slash(world.channel, "videos")
    result = await world.ann.click(listed.response, label="Get 1")

    assert [file.filename for file in result.response.attachments] == ["matinee-0000000000000001.mp4"]
    assert result.ephemeral


async def test_a_film_that_is_gone_says_so(world, generations, own, film):
    """Films are kept for a time, not for ever."""
    generations.path, kept = film
    own(Status.DELIVERED, film=kept)
    listed = await world.ann.slash(world.channel, "videos")
    generations.path = None
    result = await world.ann.click(listed.response, label="Get 1")

    assert "no longer kept" in result.response.content


async def test_videos_shows_what_stands_so(home):
    """Under way, done, without a film, parked: as chosen in the command."""
    for status in (Status.QUEUED, Status.DELIVERED, Status.FAILED, Status.PARKED):
        await made(home, f"is {status};", status=status)
    found = {}
    for state in ("all", "open", "done", "without", "parked"):
        listed = shown(await home.ann.slash(home.channel, "videos", state=state))
        found[state] = [
            word for word in ("queued", "delivered", "failed", "parked") if f"is {word};" in listed
        ]

    assert found == {
        "all": ["queued", "delivered", "failed", "parked"],
        "open": ["queued"],
        "done": ["delivered"],
        "without": ["failed"],
        "parked": ["parked"],
    }


async def test_videos_searches_in_prompts(home):
    """Whatever its letters' size; the menu then filters within the search, and turning stays in it."""
    for number in range(10):
        await made(home, f"a Paper boat {number};")
    await made(home, "a paper boat done;", status=Status.DELIVERED)
    await made(home, "a cat;")
    listed = await home.ann.slash(home.channel, "videos", search="PAPER  boat")
    first, second = shown(listed), shown(await home.ann.click(listed.response, label="Older"))
    done = await home.ann.select(listed.response, ["done"], custom_id="matinee:filter:PAPER boat")

    assert "a cat" not in first + second
    assert [(first + second).count(f" {number};") for number in range(10)] == [1] * 10
    assert shown(done).count("a paper boat") == 1


async def test_a_search_that_finds_nothing_says_so(home):
    """And what was searched for, made harmless."""
    await made(home)
    listed = await home.ann.slash(home.channel, "videos", search="@everyone **x**")

    assert "None of your videos is like that." in listed.response.content
    assert "@everyone" not in listed.response.content


async def test_a_long_search_is_cut_and_says_so(home):
    """A button carries it, and has a hundred characters."""
    for number in range(10):
        await made(home, "x" * 60 + f" {number};")
    listed = await home.ann.slash(home.channel, "videos", search="x" * 60)
    words = listed.response.content
    turned = await home.ann.click(listed.response, label="Older")

    assert "The search was shortened" in words
    assert shown(turned).count(" 0;") == 1


async def test_pages_are_ones_own_whoever_presses(home):
    """A custom_id that names another's film turns one's own pages."""
    for number in range(9):
        await made(home, f"boat {number};")
    await made(home, "ben's;", home.ben)
    listed = await home.ann.slash(home.channel, "videos")
    again = await home.client.get_channel(home.channel.id).send(
        view=library.page([library.Entry(row) for row in await ones(home)], SAY, older=True).view
    )
    turned = await home.ben.click(again, label="Older")

    assert "boat" not in shown(turned)
    assert "ben's" in shown(turned)
    assert "ben's" not in shown(listed)


async def test_the_menu_shows_one_of_the_list(home):
    """As /show does, beside the list."""
    await made(home, "the first;")
    row = await made(home, "the second;")
    listed = await home.ann.slash(home.channel, "videos")
    result = await home.ann.select(listed.response, [row.id], custom_id="matinee:jump")

    assert "the second;" in result.response.content
    assert "the first;" not in result.response.content
    assert result.ephemeral


async def test_show_gives_the_film_again(home):
    """Privately, with its buttons, wherever it was asked for."""
    row = await made(home, status=Status.DELIVERED)
    await noted(home, row, film=kept(home, row))
    result = await home.ann.slash(home.channel, "show", id=row.id)

    assert [file.filename for file in result.response.attachments] == [f"matinee-{row.id}.mp4"]
    assert {f"matinee:again:{row.id}", f"matinee:edit:{row.id}"} <= custom_ids(result.response)
    assert result.ephemeral


async def test_the_buttons_of_show_are_live(home):
    """Again below it makes the same."""
    row = await made(home, status=Status.DELIVERED)
    result = await home.ann.slash(home.channel, "show", id=row.id)
    await home.ann.click(result.response, custom_id=f"matinee:again:{row.id}")

    assert [one.parent_id for one in await ones(home)] == [row.id, None]


async def test_show_is_for_ones_own(home):
    """Another's id reads like none at all (T-26)."""
    row = await made(home)
    bens = await home.ben.slash(home.channel, "show", id=row.id)
    none = await home.ben.slash(home.channel, "show", id="nothing of it")

    assert bens.response.content == none.response.content == "There is no such generation, or it isn't yours."


async def test_show_leads_to_the_film_at_discord(home):
    """It isn't kept here any more; the message is, and so is its file."""
    row = await made(home, status=Status.DELIVERED)
    channel = home.client.get_channel(home.channel.id)
    message = await channel.send(file=discord.File(BytesIO(b"film"), f"matinee-{row.id}.mp4"))
    await noted(home, row, message_id=message.id, message_channel_id=channel.id)
    result = await home.ann.slash(home.channel, "show", id=row.id)

    assert f"/channels/{home.guild.id}/{channel.id}/{message.id}" in result.response.content
    assert message.attachments[0].url in result.response.content


async def test_show_is_the_way_out_when_a_channel_is_gone(home):
    """The film that is kept comes, whatever became of its message."""
    row = await made(home, status=Status.DELIVERED, message_id=5, message_channel_id=6)
    await noted(home, row, film=kept(home, row))
    result = await home.ann.slash(home.channel, "show", id=row.id)

    assert len(result.response.attachments) == 1


async def test_show_says_that_nothing_is_left(home):
    """Neither here nor at Discord."""
    row = await made(home, status=Status.DELIVERED, message_id=5, message_channel_id=home.channel.id)
    result = await home.ann.slash(home.channel, "show", id=row.id)

    assert "no longer kept, and its message is gone" in result.response.content


async def test_a_film_too_large_for_here_is_a_link(home):
    """Signed, for as long as it is kept."""
    row = await made(home, status=Status.DELIVERED)
    film = replace(kept(home, row), size=10**9)
    await noted(home, row, film=film)
    result = await home.ann.slash(home.channel, "show", id=row.id)

    assert f"https://bot.example/films/{row.id}/" in result.response.content
    assert result.response.attachments == []


@pytest.mark.parametrize(
    ("status", "words", "button"),
    [
        (Status.QUEUED, "Queued", "cancel"),
        (Status.FAILED, "could not be made", "again"),
        (Status.PARKED, "operator has to look", None),
    ],
)
async def test_show_says_how_it_stands(home, status, words, button):
    """Where there is no film, with what can be done."""
    row = await made(home, status=status)
    result = await home.ann.slash(home.channel, "show", id=row.id)

    assert words in result.response.content
    assert bool(button) == any(f"matinee:{button}:" in each for each in custom_ids(result.response))


async def test_show_offers_ones_own(home):
    """By their words, the newest first, each with its day; nobody else's."""
    first, second = await made(home, "a Boat"), await made(home, "a boat again")
    await made(home, "a cat")
    await made(home, "ben's boat", home.ben)
    offered = await home.ann.autocomplete(home.channel, "show", "id", "BOAT")

    assert [each["value"] for each in offered] == [second.id, first.id]
    assert offered[0]["name"] == "2026-11-21 12:00 · a boat again"


async def test_no_more_is_offered_than_discord_takes(home):
    """Twenty-five, of a hundred characters at most, whatever the prompts."""
    for number in range(27):
        await made(home, f"{number} " + "😀" * 200)
    offered = await home.ann.autocomplete(home.channel, "show", "id", "")

    assert len(offered) == 25
    assert all(len(each["name"].encode("utf-16-le")) <= 200 for each in offered)


async def test_a_slow_database_offers_nothing(home, monkeypatch):
    """Rather than failing in front of whoever types."""
    await made(home)
    monkeypatch.setattr(choices, "PATIENCE", 0.0)

    assert await home.ann.autocomplete(home.channel, "show", "id", "") == []
