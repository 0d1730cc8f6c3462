"""Laws of `cogs.after`: what stands below a film, in a modelled Discord around the real house."""

import asyncio
from datetime import timedelta
from io import BytesIO
from types import SimpleNamespace

import discord
import pytest
from PIL import Image

from bot.errors import QuotaExceeded
from bot.media.probe import Prober
from bot.messages import CardFacts, film, notice
from bot.models import Mode, Status
from bot.servers import ServerRules
from bot.store.purging import Purging
from tests.cogs.posting import made, more, post, restart, screened, told


@pytest.fixture
async def prober():
    """Look into files for real: pictures are taken out of films here."""
    real = Prober()
    yield real
    await real.close()


@pytest.fixture
def still():
    """Return a picture that every provider takes."""
    drawn = BytesIO()
    Image.new("RGB", (640, 360), "navy").save(drawn, "PNG")
    return drawn.getvalue()


@pytest.mark.parametrize("who", ["ann", "ben", "mod"])
async def test_again_makes_the_same_at_the_pressers_cost(home, clip, who):
    """Anybody may: the same request, and it is theirs."""
    row, message = await screened(home, clip)
    result = await getattr(home, who).click(message, label="Again")
    anew = (await made(home, getattr(home, who)))[0]

    assert told(result).startswith("Queued")
    assert (anew.asked, anew.parent_id, anew.place.channel_id) == (row.asked, row.id, home.channel.id)
    assert anew.requester.user_id == getattr(home, who).id


async def test_a_double_press_makes_one(home, clip):
    """Within ten seconds it is one film for one person, and another for somebody else."""
    _, message = await screened(home, clip)
    for who in (home.ann, home.ann, home.ben):
        await who.click(message, label="Again")
    home.house.clock.forward(seconds=11)
    await home.ann.click(message, label="Again")

    assert (len(await made(home)), len(await made(home, home.ben))) == (3, 1)


async def test_again_is_refused_like_a_command(home, clip, monkeypatch):
    """A limit is a private sentence, and nothing public changes."""

    async def full(*_, **__):
        raise QuotaExceeded("at_once", used=2, limit=2)

    _, message = await screened(home, clip)
    monkeypatch.setattr(type(home.house.generations), "start", full)

    assert "2 under way" in told(await home.ann.click(message, label="Again"))
    assert len(home.channel.history()) == 1


async def test_again_works_months_later_after_a_restart(home, clip, still):
    """The film is swept, its pictures aren't, and Discord's link to them has died: we hand them out now."""
    picture = await home.house.generations.keep("a.png", "https://cdn.discord.com/a.png?ex=1", still)
    await screened(home, clip, mode=Mode.FIRST_FRAME, media=(picture,))
    home.house.clock.forward(days=200)
    await home.house.keepsakes.hosting.sweep(home.house.clock())
    result = await home.ben.click(await restart(home), label="Again")
    (anew,) = await made(home, home.ben)

    assert told(result).startswith("Queued")
    assert [(file.id, file.source_url) for file in anew.asked.media] == [(picture.id, "")]


async def test_files_that_are_gone_are_named(home, clip, still):
    """After more than a year they are swept, and the presser reads which."""
    picture = await home.house.generations.keep("a.png", "", still)
    _, message = await screened(home, clip, mode=Mode.FIRST_FRAME, media=(picture,))
    await home.house.generations.forget([picture])

    assert "`a.png` is no longer kept here" in told(await home.ann.click(message, label="Again"))


async def test_a_notice_has_its_buttons_too(home, clip):
    """After a failure, Again is one press away."""
    row, _ = await screened(home, clip)
    message = await post(home, notice(row, CardFacts(row.created_at)))
    await home.ann.click(message, label="Again")

    assert len(await made(home)) == 2


def parts(shown):
    """Return the parts of a modal by custom_id, each as it is filled in."""
    found = [row["component"] for row in shown.modal["components"]]
    return {
        part["custom_id"]: part.get("value")
        or [each["value"] for each in part.get("options", []) if each["default"]]
        for part in found
    }


@pytest.mark.parametrize("prompt", ["a paper boat", "x" * 2000, "@everyone **bold**\nline two"])
async def test_edit_is_filled_in_word_for_word(home, clip, prompt):
    """Whatever is in it; and the options as they were."""
    _, message = await screened(home, clip, prompt=prompt, ratio="9:16")
    shown = await home.ben.click(message, label="Edit")

    assert parts(shown) == {"prompt": prompt, "ratio": ["9:16"], "seconds": ["5"], "resolution": ["720p"]}


async def test_an_edit_outlives_a_restart(home, clip):
    """Who typed for ten minutes doesn't lose the words; what was left as it was stays unsaid."""
    row, message = await screened(home, clip, ratio="9:16")
    shown = await home.ben.click(message, label="Edit")
    await restart(home)
    filled = {"prompt": "a paper ship", "ratio": ["9:16"], "seconds": ["8"], "resolution": ["720p"]}
    result = await home.ben.submit_modal(shown, filled)
    (anew,) = await made(home, home.ben)

    assert told(result).startswith("Queued")
    assert (anew.asked.prompt, anew.asked.seconds, anew.parent_id) == ("a paper ship", 8, row.id)
    assert (anew.asked.ratio, anew.asked.resolution) == ("9:16", None)


async def test_an_edit_offers_what_the_server_allows(home, clip):
    """An option that it no longer allows isn't filled in, and one with a single value isn't asked for."""
    _, message = await screened(home, clip, seconds=10)
    rules = ServerRules(resolutions=("720p",), longest=6)
    await home.house.admission.servers.change(home.guild.id, lambda _: rules, home.house.clock())
    shown = await home.ben.click(message, label="Edit")

    assert parts(shown) == {"prompt": "a paper boat", "ratio": ["16:9"], "seconds": []}


@pytest.mark.parametrize("label", ["Edit", "Extend", "Use last frame"])
async def test_a_modal_comes_in_time_whatever_the_database_does(home, clip, label, monkeypatch):
    """It can't be deferred, so a slow read becomes a sentence."""

    async def slow(*_):
        await asyncio.sleep(3600)

    _, message = await screened(home, clip)
    monkeypatch.setattr(type(home.house.generations), "any", slow)
    monkeypatch.setattr("cogs.presses.PATIENCE", 0.05)

    assert "press again" in told(await home.ann.click(message, label=label))


async def test_other_modals_are_left_alone(home):
    """Only our own submissions are taken."""
    interaction = SimpleNamespace(type=discord.InteractionType.modal_submit, data={"custom_id": "somebody's"})

    assert await home.client.get_cog("After").on_interaction(interaction) is None


@pytest.mark.parametrize("who", ["ann", "mod"])
async def test_delete_is_for_owner_and_moderators(home, clip, who):
    """The message goes, the list leads there no more, and it has counted."""
    row, _ = await screened(home, clip)
    result = await getattr(home, who).click(await restart(home), label="Delete")
    after = await home.house.generations.any(row.id)

    assert home.channel.history() == []
    assert told(result) == "Deleted. It has counted all the same."
    assert (after.removed, after.message_id, after.status) == (True, None, Status.DELIVERED)


@pytest.mark.parametrize("who", ["ben", "admin"])
async def test_others_cannot_delete(home, clip, who):
    """They read why, and the film stays."""
    row, message = await screened(home, clip)
    result = await getattr(home, who).click(message, label="Delete")

    assert "may do that" in told(result)
    assert len(home.channel.history()) == 1
    assert not (await home.house.generations.any(row.id)).removed


async def test_deleting_a_copy_leaves_the_film(home, clip):
    """Only the message that was pressed on goes."""
    row, _ = await screened(home, clip)
    await home.ann.click(await post(home, film(row, CardFacts(row.created_at))), label="Delete")

    assert not (await home.house.generations.any(row.id)).removed


async def test_a_message_that_somebody_else_deleted_just_now_is_deleted(home, clip):
    """Owner and moderator at the same moment: both wanted it gone, and it is."""
    row, message = await screened(home, clip)
    home.env.inject_error("DELETE", "/channels/*", status=404, code=10008)
    result = await home.ann.click(message, label="Delete")

    assert told(result) == "Deleted. It has counted all the same."
    assert (await home.house.generations.any(row.id)).removed


async def test_what_the_bot_may_not_do_is_said(home, clip):
    """A forbidden delete is a sentence, and no bug."""
    _, message = await screened(home, clip)
    home.env.inject_error("DELETE", "/channels/*", status=403, code=50013)
    result = await home.ann.click(message, label="Delete")

    assert result.response.content == "The bot is not permitted to do that here."


async def test_a_choice_that_is_taken_back_is_no_wish(home, clip):
    """Discord keeps what was chosen in a menu; choosing it again frees it."""
    row, message = await screened(home, clip)
    result = await home.ann.select(message, [], custom_id=f"matinee:more:{row.id}")

    assert result.response is None or result.response.id == message.id
    assert len(await made(home)) == 1


@pytest.mark.parametrize("label", ["Again", "Edit", "Extend", "Use last frame", "Delete"])
async def test_a_press_never_ends_in_silence(home, clip, label, monkeypatch):
    """A bug of ours is a sentence with a reference, and the words of the error stay with us."""

    async def broken(*_):
        raise RuntimeError("a secret")

    _, message = await screened(home, clip)
    monkeypatch.setattr(type(home.house.generations), "any", broken)
    words = told(await home.ann.click(message, label=label))

    assert "Ref 7F3K" in words
    assert "secret" not in words


@pytest.mark.parametrize("custom_id", ["again:{0}", "edit:{0}", "extend:{0}", "frame:{0}"])
async def test_a_film_that_nobody_knows_is_a_sentence(home, custom_id):
    """The row is gone, the button stands: the presser reads so."""
    view = discord.ui.View(timeout=None)
    view.add_item(discord.ui.Button(label="x", custom_id=f"matinee:{custom_id.format('0' * 16)}"))
    message = await home.client.get_channel(home.channel.id).send("old", view=view)

    assert "no such generation" in told(await home.ann.click(message, label="x"))


async def test_a_press_that_discord_has_forgotten_is_not_begun(home, clip):
    """The presser sees that it failed, so nothing may be spent."""
    _, message = await screened(home, clip)
    home.env.inject_error("POST", "/interactions/*", status=404, code=10062)
    await home.ann.click(message, label="Again")

    assert len(await made(home)) == 1


@pytest.fixture
async def purged(home, clip):
    """Return a film's id and message after its history was deleted."""
    row, message = await screened(home, clip)
    store, now = home.house.keepsakes.store, home.house.clock()
    await store.note(row.id, finished_at=now)
    await Purging(store.engine).purge(now + timedelta(seconds=1))
    assert () == await made(home)
    return row.id, message


@pytest.mark.parametrize("button", ["Again", "Edit", "Extend", "Use last frame", "details", "link", "/show"])
async def test_a_film_that_is_no_longer_remembered_is_not_known(home, purged, button):
    """Whatever is pressed below it says so; nothing is made and nothing counts."""
    id_, message = purged
    if button == "/show":
        result = await home.ann.slash(home.channel, "show", id=id_)
    elif button in {"details", "link"}:
        result = await more(home, "ann", SimpleNamespace(id=id_), message, button)
    else:
        result = await home.ann.click(message, label=button)

    assert result.modal is None
    assert "There is no such generation, or it isn't yours." == told(result)
    assert () == await made(home)
