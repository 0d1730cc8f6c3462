"""Laws of `cogs.library`: /videos and Cancel, in a modelled Discord."""

from dataclasses import replace

import pytest

from bot.models import Place, Status
from tests.cogs.posting import posted_card


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


async def test_videos_turns_pages(world, own):
    """Everything is reached, nothing twice."""
    for number in range(11):
        own(prompt=f"boat {number};")
    first = await world.ann.slash(world.channel, "videos")
    second = await world.ann.click(first.response, label="Older")
    seen = first.response.embeds[0].description + second.response.embeds[0].description

    assert [seen.count(f"boat {number};") for number in range(11)] == [1] * 11


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
