"""Laws of `cogs.after`: the buttons below a film, in a modelled Discord."""

import asyncio
from types import SimpleNamespace

import discord
import pytest

from bot.errors import QuotaExceeded
from bot.messages import CardFacts, card, film, notice
from bot.models import Status
from tests.cogs.posting import post, posted_film


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
    await world.client.get_cog("After").on_interaction(interaction)

    assert generations.rows == {}
