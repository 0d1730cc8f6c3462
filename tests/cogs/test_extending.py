"""Laws of `cogs.extending`: films that begin with the last picture of another, in a modelled Discord."""

import pytest

from bot.media.probe import Prober
from bot.messages import CardFacts, film
from bot.models import MediaKind, Mode
from tests.cogs.posting import made, post, restart, screened, told


@pytest.fixture
async def prober():
    """Look into files for real: pictures are taken out of films here."""
    real = Prober()
    yield real
    await real.close()


async def extended(home, who, message, label="Extend", prompt="it sails on", seconds="5"):
    """Extend a film, or begin with its last frame."""
    shown = await getattr(home, who).click(message, label=label)
    return await getattr(home, who).submit_modal(shown, {"prompt": prompt, "seconds": [seconds]})


@pytest.mark.parametrize(("who", "kept"), [("ann", True), ("ben", False)])
async def test_extend_goes_on_from_the_last_picture(home, clip, who, kept):
    """With the film's own options, whether it lies here or at Discord, and whoever presses."""
    row, message = await screened(home, clip, kept=kept, ratio="9:16", web_search=None)
    result = await extended(home, who, message, seconds="7")
    anew = (await made(home, getattr(home, who)))[0]
    (frame,) = anew.asked.media

    assert told(result).startswith("Queued")
    assert (anew.asked.prompt, anew.asked.mode, anew.asked.ratio) == ("it sails on", Mode.FIRST_FRAME, "9:16")
    assert (anew.asked.seconds, anew.parent_id) == (7, row.id)
    assert (frame.kind, frame.width, frame.height, frame.frame_of) == (MediaKind.IMAGE, 640, 360, row.id)
    assert [
        path.name for path in home.house.keepsakes.hosting.films_dir.iterdir() if "part" in path.name
    ] == []


@pytest.mark.parametrize(("label", "prompt"), [("Extend", "a paper boat"), ("Use last frame", None)])
async def test_extend_keeps_the_prompt_and_last_frame_begins_anew(home, clip, label, prompt):
    """Going on, or something else: the words to begin with, and the length as it was."""
    _, message = await screened(home, clip, seconds=6)
    words, length = (
        part["component"] for part in (await home.ben.click(message, label=label)).modal["components"]
    )

    assert (words.get("value") or None) == prompt
    assert [option["value"] for option in length["options"] if option["default"]] == ["6"]


@pytest.mark.parametrize("label", ["Extend", "Use last frame"])
async def test_a_film_goes_on_months_later_after_a_restart(home, clip, label):
    """It is swept here, and loaded from Discord again."""
    row, message = await screened(home, clip, kept=True)
    home.house.clock.forward(days=400)
    home.house.keepsakes.hosting.film_path(row.film).unlink()
    await restart(home)
    result = await extended(home, "ann", message, label)

    assert told(result).startswith("Queued")
    assert (await made(home))[0].asked.media[0].frame_of == row.id


async def test_a_form_sent_twice_is_one_film(home, clip):
    """Within ten seconds, with the same words: nothing is left of the second one's picture."""
    _, message = await screened(home, clip)
    answers = [told(await extended(home, "ann", message)) for _ in range(2)]
    other = await extended(home, "ann", message, prompt="it sinks")
    pictures = [*home.house.keepsakes.hosting.media_dir.iterdir()]

    assert answers[0] == answers[1]
    assert told(other).startswith("Queued")
    assert {each.asked.prompt for each in await made(home)} == {"it sinks", "it sails on", "a paper boat"}
    assert (len(await made(home)), len(pictures)) == (3, 2)


async def test_a_bad_extension_is_redone_from_the_original(home, clip):
    """Below it stands a button that begins with the first film again, with the words of the extension."""
    original, first = await screened(home, clip)
    await extended(home, "ann", first)
    extension = (await made(home))[0]
    message = await post(home, film(extension, CardFacts(extension.created_at, continues="https://x/1")))
    shown = await home.ben.click(message, label="Extend the original again")
    await home.ben.submit_modal(shown, {"prompt": "it sinks", "seconds": ["5"]})
    (anew,) = await made(home, home.ben)

    assert "continues https://x/1" in message.content
    assert shown.modal["components"][0]["component"]["value"] == "it sails on"
    assert (anew.parent_id, anew.asked.media[0].frame_of) == (original.id, original.id)


async def test_a_film_that_is_gone_is_refused_before_anybody_types(home, clip):
    """Its message is deleted and it isn't kept: no modal opens."""
    _, message = await screened(home, clip)
    copy = await post(home, film((await made(home))[0], CardFacts(home.house.clock())))
    await home.ann.click(message, label="Delete")
    shown = await home.ben.click(copy, label="Extend")

    assert shown.modal is None
    assert told(shown) == "This film is no longer kept here."


async def test_a_film_that_was_deleted_in_discord_is_known_to_be_gone(home, clip):
    """Found out when it is looked for; nothing is kept, and nothing counts."""
    row, message = await screened(home, clip)
    copy = await post(home, film(row, CardFacts(home.house.clock())))
    shown = await home.ben.click(copy, label="Extend")
    await message.delete()
    result = await home.ben.submit_modal(shown, {"prompt": "on", "seconds": ["5"]})

    assert told(result) == "This film is no longer kept here."
    assert (await home.house.generations.any(row.id)).removed
    assert await made(home, home.ben) == ()


async def test_an_extension_that_is_refused_leaves_no_file(home, clip):
    """The picture was taken out for nothing."""
    _, message = await screened(home, clip)
    result = await extended(home, "ben", message, prompt="like @3")

    assert "mentions" in told(result)
    assert list(home.house.keepsakes.hosting.media_dir.iterdir()) == []
