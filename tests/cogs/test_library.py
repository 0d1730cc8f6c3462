"""Laws of `cogs.library`: /videos and the buttons, in a modelled Discord."""

import asyncio
from dataclasses import replace
from types import SimpleNamespace

import discord
import pytest

from bot.errors import QuotaExceeded
from bot.messages import CardFacts, card, film, notice
from bot.models import Mode, Place, Requester, Status, VideoRequest


@pytest.fixture
def own(world, generations):
    """Return a function that makes a generation of Ann's."""

    def make(status=Status.DELIVERED, prompt="a paper boat", **fields):
        asked = VideoRequest(prompt, Mode.TEXT)
        return generations.add(
            status=status,
            asked=asked,
            request=replace(asked, provider="maxapi", model="seedance-2.0"),
            requester=Requester(world.ann.id, "ann"),
            place=Place(world.channel.id, world.guild.id),
            interaction_id=1,
            **fields,
        )

    return make


async def post(world, draft):
    """Post a draft as delivery does, and return the message."""
    channel = world.client.get_channel(world.channel.id)
    return await channel.send(draft.content, embed=draft.embed, view=draft.view)


async def posted_film(world, row):
    """Post the film of a generation."""
    return await post(world, film(row, CardFacts(row.created_at)))


async def test_again_makes_the_same_at_the_pressers_cost(world, generations, own):
    """Ben presses on Ann's film: the same request, and it is his."""
    row = own()
    result = await world.ben.click(await posted_film(world, row), label="Again")
    anew = list(generations.rows.values())[-1]

    assert anew.asked == row.asked
    assert anew.requester.user_id == world.ben.id
    assert anew.place == row.place
    assert result.ephemeral
    assert result.response.content.startswith("Queued")


async def test_again_is_refused_like_a_command(world, generations, own):
    """A limit is a private sentence, and nothing public changes."""
    message = await posted_film(world, own())
    generations.refusal = QuotaExceeded("at_once", used=2, limit=2)
    result = await world.ann.click(message, label="Again")

    assert "2 under way" in result.response.content
    assert result.ephemeral
    assert len(world.channel.history()) == 1


async def test_buttons_work_after_a_restart(world, generations, own, build):
    """What a press means stands in its custom_id, not in our memory."""
    message = await posted_film(world, own())
    await world.env.restart_bot(build())
    await world.ann.click(world.channel.last_message, label="Again")

    assert len(generations.rows) == 2
    assert message.id == world.channel.last_message.id


async def test_delete_and_edit_work_after_a_restart(world, own, build):
    """All three below a film, not only Again."""
    await posted_film(world, own())
    await world.env.restart_bot(build())
    shown = await world.ann.click(world.channel.last_message, label="Edit")
    await world.ann.click(world.channel.last_message, label="Delete")

    assert shown.modal["components"][0]["component"]["value"] == "a paper boat"
    assert world.channel.history() == []


async def test_cancel_works_after_a_restart(world, generations, own, build):
    """On a card that an earlier process posted."""
    row = own(Status.QUEUED)
    await posted_card(world, row)
    await world.env.restart_bot(build())
    await world.ann.click(world.channel.last_message, label="Cancel")

    assert generations.cancelled == [row.id]


@pytest.mark.parametrize("prompt", ["a paper boat", "x" * 4000, "y" * 5999, "@everyone **bold**\nline two"])
async def test_edit_opens_the_prompt_word_for_word(world, own, prompt):
    """Also one that is longer than a field of a modal."""
    shown = await world.ann.click(await posted_film(world, own(prompt=prompt)), label="Edit")
    fields = [row["component"]["value"] for row in shown.modal["components"]]

    assert "".join(fields) == prompt


async def test_an_edited_prompt_makes_a_film_anew(world, generations, own):
    """The rest of the request stays; the cost is the presser's."""
    shown = await world.ben.click(await posted_film(world, own()), label="Edit")
    result = await world.ben.submit_modal(shown, {"prompt": "a paper ship"})
    anew = list(generations.rows.values())[-1]

    assert (anew.asked.prompt, anew.requester.user_id) == ("a paper ship", world.ben.id)
    assert result.ephemeral
    assert result.response.content.startswith("Queued")


async def test_a_long_prompt_comes_back_in_one_piece(world, generations, own):
    """Both fields of the modal together are the prompt."""
    shown = await world.ann.click(await posted_film(world, own(prompt="y" * 5000)), label="Edit")
    await world.ann.submit_modal(shown, {"prompt": "a" * 4000, "prompt1": "b" * 9})

    assert list(generations.rows.values())[-1].asked.prompt == "a" * 4000 + "b" * 9


async def test_an_edit_outlives_a_restart(world, generations, own, build):
    """Who typed for ten minutes doesn't lose the words because the bot was restarted."""
    shown = await world.ann.click(await posted_film(world, own()), label="Edit")
    await world.env.restart_bot(build())
    await world.ann.submit_modal(shown, {"prompt": "a paper ship"})

    assert list(generations.rows.values())[-1].asked.prompt == "a paper ship"


async def test_edit_answers_in_time_whatever_the_database_does(world, generations, own):
    """A modal can't be deferred, so a slow read becomes a sentence."""
    message = await posted_film(world, own())

    async def slow(_):
        await asyncio.sleep(3600)

    generations.any = slow
    result = await world.ann.click(message, label="Edit")

    assert "press again" in result.response.content
    assert result.ephemeral


@pytest.mark.parametrize("label", ["Again", "Edit"])
async def test_a_film_that_nobody_knows_is_a_sentence(world, generations, own, label):
    """The row is gone, the button stands: the presser reads so."""
    message = await posted_film(world, own())
    generations.rows.clear()
    result = await world.ann.click(message, label=label)

    assert "no such generation" in result.response.content


@pytest.mark.parametrize("who", ["ann", "mod"])
async def test_delete_is_for_owner_and_moderators(world, own, who):
    """The message goes, and the presser is told."""
    result = await getattr(world, who).click(await posted_film(world, own()), label="Delete")

    assert world.channel.history() == []
    assert result.response.content == "Deleted. It has counted all the same."


async def test_others_cannot_delete(world, own):
    """Ben reads why, and the film stays."""
    result = await world.ben.click(await posted_film(world, own()), label="Delete")

    assert "may do that" in result.response.content
    assert len(world.channel.history()) == 1


async def posted_card(world, row, *, charged=False):
    """Post the card of a generation."""
    return await post(world, card(row, CardFacts(row.created_at), cancel_charged=charged))


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


@pytest.mark.parametrize("label", ["Again", "Edit", "Delete", "Cancel"])
async def test_a_press_never_ends_in_silence(world, generations, own, label):
    """A bug of ours is a sentence with a reference, and the words of the error stay with us."""
    row = own(Status.QUEUED)
    draft = (
        card(row, CardFacts(row.created_at)) if label == "Cancel" else film(row, CardFacts(row.created_at))
    )
    message = await post(world, draft)
    generations.broken = RuntimeError("a secret")
    world.env.inject_error("DELETE", "/channels/*", status=500)
    result = await world.ann.click(message, label=label)

    assert "Ref 7F3K" in result.response.content
    assert "secret" not in result.response.content


async def test_a_notice_has_its_buttons_too(world, generations, own):
    """After a failure, Again is one press away."""
    row = own(Status.FAILED, reason="provider")
    await world.ann.click(await post(world, notice(row, CardFacts(row.created_at))), label="Again")

    assert len(generations.rows) == 2


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


async def test_a_press_that_discord_has_forgotten_is_not_begun(world, generations, own):
    """The presser sees that it failed, so nothing may be spent."""
    message = await posted_film(world, own())
    world.env.inject_error("POST", "/interactions/*", status=404, code=10062)
    await world.ann.click(message, label="Again")

    assert len(generations.rows) == 1


async def test_what_the_bot_may_not_do_is_said(world, own):
    """A forbidden delete is a sentence, and no bug."""
    message = await posted_film(world, own())
    world.env.inject_error("DELETE", "/channels/*", status=403, code=50013)
    result = await world.ann.click(message, label="Delete")

    assert result.response.content == "The bot is not permitted to do that here."


async def test_other_modals_are_left_alone(world, generations):
    """Only our own submissions are taken."""
    interaction = SimpleNamespace(type=discord.InteractionType.modal_submit, data={"custom_id": "somebody's"})
    await world.client.get_cog("Library").on_interaction(interaction)

    assert generations.rows == {}
