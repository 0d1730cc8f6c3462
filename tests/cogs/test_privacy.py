"""Laws of `cogs.privacy`, in a modelled Discord."""

import json
import sys

import pytest

from bot.i18n import speaker
from bot.messages import CardFacts, film, settings
from bot.models import Status
from tests.cogs.films import kept, made, noted, ones, shown


async def files_of(result):
    """Return what the files of an answer say."""
    return [json.loads(await file.read()) for file in result.response.attachments]


async def test_an_export_is_a_private_file(home):
    """With what one asked for, and nobody else's."""
    await made(home, "a boat of mine")
    await made(home, "ben's cat", home.ben)
    result = await home.ann.slash(home.channel, "privacy export")
    (told,) = await files_of(result)

    assert result.ephemeral
    assert [video["asked"]["prompt"] for video in told["videos"]] == ["a boat of mine"]
    assert "ben's" not in json.dumps(told)


async def test_a_large_export_comes_as_several_files(home, monkeypatch):
    """Each within what may be sent here, all of them private."""
    for number in range(8):
        await made(home, f"{number} " + "x" * 1900)
    monkeypatch.setattr(sys.modules["cogs.privacy"], "ENVELOPE", 0.001)
    result = await home.ann.slash(home.channel, "privacy export")
    parts = [*result.response.attachments, *(file for one in result.followups for file in one.attachments)]
    prompts = [video["asked"]["prompt"] for one in parts for video in json.loads(await one.read())["videos"]]

    assert len(parts) > 1
    assert sorted(prompt[0] for prompt in prompts) == list("01234567")
    assert all(one.ephemeral for one in result.followups)


async def test_deleting_asks_first(home):
    """And says what goes and what stays; nothing is gone yet."""
    await made(home)
    result = await home.ann.slash(home.channel, "privacy delete")

    assert result.ephemeral
    assert "This can't be undone." in shown(result)
    assert len(await ones(home)) == 1


async def test_everything_is_deleted_once_confirmed(home):
    """Videos, files, settings, presets; the list is empty afterwards."""
    row = await made(home, status=Status.DELIVERED)
    await noted(home, row, film=kept(home, row))
    await home.house.own.defaults.change(home.ann.id, seconds=8)
    asked = await home.ann.slash(home.channel, "privacy delete")
    done = await home.ann.click(asked.response, label="Delete everything")
    listed = await home.ann.slash(home.channel, "videos")
    again = await home.ann.slash(home.channel, "show", id=row.id)

    assert shown(done) == "It is deleted."
    assert "no videos of yours" in shown(listed)
    assert "no such generation" in shown(again)
    assert home.house.own.defaults.known(home.ann.id).seconds is None
    assert list(home.house.own.privacy.hosting.films_dir.iterdir()) == []


async def test_what_is_under_way_is_told(home):
    """It is finished first."""
    await made(home, status=Status.QUEUED)
    asked = await home.ann.slash(home.channel, "privacy delete")
    done = await home.ann.click(asked.response, label="Delete everything")

    assert shown(done).startswith("It is deleted. 1 video is still under way")


async def test_nobody_deletes_for_another(home):
    """The button is its member's, wherever it stands."""
    await made(home)
    draft = settings.confirm_forgetting(home.ann.id, speaker("en-US"))
    message = await home.client.get_channel(home.channel.id).send(draft.content, view=draft.view)
    result = await home.ben.click(message, label="Delete everything")

    assert "may do that" in shown(result)
    assert len(await ones(home)) == 1


@pytest.mark.parametrize("label", ["Again", "Edit"])
async def test_old_buttons_answer_politely(home, label):
    """Whoever presses below a film that is forgotten hears that there is none."""
    row = await made(home, status=Status.DELIVERED)
    draft = film(row, CardFacts(row.created_at))
    message = await home.client.get_channel(home.channel.id).send(draft.content, view=draft.view)
    await home.house.own.privacy.forget(home.ann.id)
    result = await home.ben.click(message, label=label)

    assert "no such generation" in shown(result)
    assert await ones(home, home.ben) == ()


async def test_a_forgotten_films_message_can_be_removed(home):
    """It was posted before; its member still may, and others still may not."""
    row = await made(home, status=Status.DELIVERED)
    draft = film(row, CardFacts(row.created_at))
    message = await home.client.get_channel(home.channel.id).send(draft.content, view=draft.view)
    await home.house.own.privacy.forget(home.ann.id)
    await home.ben.click(message, label="Delete")
    left = len(home.channel.history())
    await home.ann.click(message, label="Delete")

    assert (left, home.channel.history()) == (1, [])
