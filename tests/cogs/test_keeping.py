"""Laws of `cogs.keeping`: a film once more, for one person alone, in a modelled Discord."""

from dataclasses import replace

import pytest

from bot.generations import WITHHELD
from bot.messages import CardFacts, film
from bot.models import Status
from tests.cogs.films import kept, made, noted, shown
from tests.cogs.posting import more, post, restart, screened


@pytest.mark.parametrize(("who", "kept"), [("ann", True), ("ben", False), ("mod", False)])
async def test_anybody_gets_a_copy_as_a_direct_message(home, clip, who, kept):
    """Whoever sees a film may have it; the copy mentions nobody, and is theirs to delete."""
    reader = getattr(home, who)
    row, message = await screened(home, clip, kept=kept)
    result = await more(home, who, row, message, "dm")
    copy = reader.user.dm_channel.last_message
    attached = [file.filename for file in copy.attachments]
    await reader.user.click(copy, label="Delete")

    assert result.response.content == "It is in your direct messages."
    assert result.ephemeral
    assert attached == [f"matinee-{row.id}.mp4"]
    assert copy.content.startswith("> a paper boat\n-# ")
    assert reader.user.dm_channel.history() == []
    assert not (await home.house.generations.any(row.id)).removed


async def test_a_copy_works_months_later_after_a_restart(home, clip):
    """Its message is asked for again, and so is its link."""
    row, message = await screened(home, clip)
    home.house.clock.forward(days=300)
    result = await more(home, "ben", row, await restart(home), "dm")

    assert result.response.content == "It is in your direct messages."
    assert message.id == home.channel.last_message.id


async def test_closed_direct_messages_are_a_sentence(home, clip):
    """The presser learns what to open."""
    row, message = await screened(home, clip)
    home.env.inject_error("POST", "/channels/*", status=403, code=50007)
    result = await more(home, "ben", row, message, "dm")

    assert "direct messages are closed" in result.response.content


async def test_a_film_that_is_too_large_comes_as_a_link(home, clip, monkeypatch):
    """Where it is kept here; else the presser reads how large it is."""
    monkeypatch.setattr("cogs.keeping.BY_DEFAULT", 10)
    row, message = await screened(home, clip, kept=True)
    await more(home, "ben", row, message, "dm")
    other, second = await screened(home, clip)
    refused = await more(home, "ben", other, second, "dm")

    assert home.ben.user.dm_channel.last_message.content.splitlines()[-1].startswith(
        "https://bot.example/films/"
    )
    assert "too large to be sent here" in refused.response.content


async def test_the_link_leads_to_the_original_where_it_is_kept(home, clip):
    """It is ours and signed, for this person's eyes alone."""
    row, message = await screened(home, clip, kept=True)
    result = await more(home, "ben", row, message, "link")

    assert result.response.content.startswith(f"The original file: https://bot.example/films/{row.id}/")
    assert result.ephemeral


@pytest.mark.parametrize(
    ("smaller", "words"), [(False, "The original file, for about a day: "), (True, "It was posted smaller")]
)
async def test_else_the_link_is_the_messages_own(home, clip, smaller, words):
    """Fresh each time, and said to be smaller where it is."""
    row, message = await screened(home, clip, smaller=smaller)
    result = await more(home, "ben", row, message, "link")

    assert result.response.content.startswith(words)
    assert result.response.content.endswith(message.attachments[0].url)


@pytest.mark.parametrize("what", ["dm", "link"])
async def test_a_film_that_is_gone_says_so(home, clip, what):
    """Neither here nor at Discord."""
    row, message = await screened(home, clip)
    old = await post(home, film(row, CardFacts(row.created_at)))
    await message.delete()
    result = await more(home, "ben", row, old, what)

    assert result.response.content == "This film is no longer kept here."


async def test_what_discord_does_not_give_just_now_may_be_asked_for_again(home, clip):
    """A passing fault loses nothing."""
    row, _ = await screened(home, clip)
    old = await post(home, film(row, CardFacts(row.created_at)))
    home.env.inject_error("GET", "/channels/*", status=500, times=9)
    result = await more(home, "ben", row, old, "link")

    assert "Please try again" in result.response.content
    assert not (await home.house.generations.any(row.id)).removed


async def test_details_are_for_anybody(home, clip):
    """Every parameter, privately; the whole prompt as a file where it is too long."""
    row, message = await screened(home, clip, prompt="*" * 1500)
    result = await more(home, "ben", row, message, "details")
    (embed,) = result.response.embeds

    assert result.ephemeral
    assert embed.footer.text == row.id
    assert [file.filename for file in result.response.attachments] == ["prompt.txt"]


@pytest.mark.parametrize(("size", "attached"), [(4, 1), (10**9, 0)])
async def test_a_film_whose_message_was_refused_is_handed_over(home, size, attached):
    """As a file, or as a link where it is too large: its card says that it is in /show (D-08)."""
    row = await made(home, status=Status.PARKED, reason="message_refused")
    await noted(home, row, film=replace(kept(home, row), size=size))
    result = await home.ann.slash(home.channel, "show", id=row.id)

    assert attached == len(result.response.attachments)
    assert (not attached) == (f"https://bot.example/films/{row.id}/" in result.response.content)


async def test_a_film_of_which_nobody_knows_what_it_is_is_not_handed_over(home):
    """A person decides first: till then there is no file, and no link to it (P-23, T-16)."""
    row = await made(home, status=Status.PARKED, reason=WITHHELD)
    await noted(home, row, film=kept(home, row))
    result = await home.ann.slash(home.channel, "show", id=row.id)
    listed = await home.ann.slash(home.channel, "videos")

    assert "longer than what was asked for" in result.response.content
    assert [] == result.response.attachments
    assert "/films/" not in shown(result) + shown(listed)
