"""Laws of `cogs.compose`: films made with a form, from scratch or from what a message holds."""

import asyncio
from dataclasses import replace

import discord
import pytest

from bot.messages.compose import filled
from bot.models import MediaKind, Mode, Status

PICTURE, CLIP = ("cat.png", b"picture"), ("dog.mp4", b"clip")


@pytest.fixture
def pictures(prober):
    """Say of every file that it is a picture."""
    prober.kind, prober.extension = MediaKind.IMAGE, ".png"


async def own(home, member):
    """Return the one film that a member has under way."""
    (made,) = await home.house.generations.history(member.id)
    return made


def part(modal, custom_id):
    """Return a part of a modal, with its label."""
    return next(row for row in modal["components"] if row["component"]["custom_id"] == custom_id)


def options(modal, custom_id):
    """Return the names in a menu of a modal, and which are chosen."""
    given = part(modal, custom_id)["component"]["options"]
    return [one["label"] for one in given], [one["value"] for one in given if one.get("default")]


async def test_compose_has_five_parts(home):
    """Prompt, files, model, ratio and length, with what the files are for."""
    form = await home.ann.slash(home.channel, "compose")
    custom_ids = [row["component"]["custom_id"] for row in form.modal["components"]]

    assert custom_ids == ["prompt", "files", "model", "ratio", "seconds"]
    assert "itself starts to move" in part(form.modal, "files")["description"]
    assert part(form.modal, "files")["component"]["max_values"] == 10
    assert options(form.modal, "model")[0][0] == "seedance-2.0"
    assert options(form.modal, "ratio")[0][:2] == ["16:9", "9:16"]
    assert "5 s" in options(form.modal, "seconds")[0]


async def test_a_form_shows_its_members_settings(home):
    """What they usually take is chosen already."""
    await home.house.own.defaults.change(home.ann.id, ratio="9:16", seconds=10, model="seedance-2.0-fast")
    form = await home.ann.slash(home.channel, "compose")

    assert [options(form.modal, name)[1] for name in ("ratio", "seconds", "model")] == [
        ["9:16"],
        ["10"],
        ["seedance-2.0-fast"],
    ]


async def test_a_form_offers_what_the_server_allows(home):
    """Nothing longer than its longest."""
    servers = home.house.admission.servers
    await servers.change(home.guild.id, lambda rules: replace(rules, longest=6), home.house.clock())
    form = await home.ann.slash(home.channel, "compose")

    assert options(form.modal, "seconds")[0] == ["4 s", "5 s", "6 s"]


async def test_no_form_where_rules_leave_nothing_to_choose(home):
    """Discord takes no menu without choices."""
    servers = home.house.admission.servers
    await servers.change(home.guild.id, lambda rules: replace(rules, models=("gone",)), home.house.clock())
    result = await home.ann.slash(home.channel, "compose")

    assert result.modal is None
    assert "leave no model" in result.response.content


async def test_words_alone(home):
    """A form without files is a film from words; what isn't chosen stays open."""
    form = await home.ann.slash(home.channel, "compose")
    done = await home.ann.submit_modal(form, {"prompt": "a fox", "ratio": ["9:16"], "seconds": ["7"]})
    made = await own(home, home.ann)

    assert done.response.content.startswith("Queued at")
    assert (made.asked.prompt, made.asked.mode, made.asked.ratio, made.asked.seconds, made.asked.model) == (
        "a fox",
        Mode.TEXT,
        "9:16",
        7,
        None,
    )


@pytest.mark.usefixtures("pictures")
@pytest.mark.parametrize(("count", "mode"), [(1, Mode.FIRST_FRAME), (4, Mode.REFERENCE)])
async def test_the_files_decide(home, count, mode):
    """One picture itself starts to move; from several a new film borrows."""
    form = await home.ann.slash(home.channel, "compose")
    files = [(f"{number}.png", b"picture") for number in range(count)]
    await home.ann.submit_modal(form, {"prompt": "a fox", "files": files})
    made = await own(home, home.ann)

    assert made.asked.mode is mode
    assert [file.name for file in made.asked.media] == [name for name, _ in files]


async def test_a_clip_is_a_reference(home):
    """It can't be a frame."""
    form = await home.ann.slash(home.channel, "compose")
    await home.ann.submit_modal(form, {"prompt": "a fox", "files": [CLIP], "model": ["seedance-2.0"]})
    made = await own(home, home.ann)

    assert (made.asked.mode, made.asked.model) == (Mode.REFERENCE, "seedance-2.0")


async def test_a_refused_file_is_named_and_nothing_is_kept(home):
    """A clip that says it is a picture."""
    form = await home.ann.slash(home.channel, "compose")
    done = await home.ann.submit_modal(form, {"prompt": "a fox", "files": [PICTURE]})

    assert "`cat.png`" in done.response.content
    assert done.response.ephemeral
    assert list(home.house.generations._hosting.media_dir.iterdir()) == []


@pytest.mark.usefixtures("pictures")
async def test_two_pictures_are_one_press_from_frames(home):
    """Where they are too few to be references, they can be the first and the last frame."""
    form = await home.ann.slash(home.channel, "compose")
    await home.house.own.defaults.change(home.ann.id, provider="maxapi")
    files = [("a.png", b"1"), ("b.png", b"2")]
    done = await home.ann.submit_modal(form, {"prompt": "x", "files": files, "model": ["seedance-2.0"]})
    made = await home.house.generations.history(home.ann.id)

    assert done.response.content.startswith("Queued")  # another provider takes two
    assert made[0].asked.mode is Mode.REFERENCE


@pytest.mark.parametrize("entry", ["compose", "Animate this", "Use as reference"])
async def test_no_form_where_nothing_could_be_posted(home, entry):
    """Said before anybody types a prompt."""
    closed = home.guild.create_text_channel(
        "closed", overwrites={home.guild.me: discord.PermissionOverwrite(send_messages=False)}
    )
    if entry == "compose":
        result = await home.ann.slash(closed, "compose")
    else:
        message = await home.ann.send(closed, "look", attachments=[PICTURE])
        result = await home.ann.context_menu(closed, entry, message)

    assert result.modal is None
    assert "Send Messages" in result.response.content


@pytest.mark.usefixtures("pictures")
async def test_animate_this(home):
    """The message's picture, by name and role, becomes the first frame: whoever posted it."""
    message = await home.ben.send(home.channel, "look", attachments=[PICTURE])
    form = await home.ann.context_menu(home.channel, "Animate this", message)
    shown = part(form.modal, "first")
    await home.ann.submit_modal(form, {"prompt": "it runs", "first": ["0"], "ratio": ["9:16"]})
    made = await own(home, home.ann)

    assert shown["label"] == "First frame"
    assert options(form.modal, "first") == (["cat.png"], ["0"])
    assert (made.asked.mode, made.asked.prompt, made.asked.ratio) == (Mode.FIRST_FRAME, "it runs", "9:16")
    assert [file.name for file in made.asked.media] == ["cat.png"]


@pytest.mark.usefixtures("pictures")
async def test_animate_this_with_two_pictures(home):
    """One begins the film, and the other may end it."""
    two = [("a.png", b"1"), ("b.png", b"2")]
    message = await home.ann.send(home.channel, "", attachments=two)
    form = await home.ann.context_menu(home.channel, "Animate this", message)
    await home.ann.submit_modal(form, {"prompt": "x", "first": ["1"], "last": ["0"]})
    made = await own(home, home.ann)

    assert made.asked.mode is Mode.FIRST_LAST_FRAME
    assert [file.name for file in made.asked.media] == ["b.png", "a.png"]


async def test_use_as_reference(home):
    """What was found, by name and kind; what isn't wanted is left out."""
    message = await home.ben.send(home.channel, "look", attachments=[CLIP, ("fox.mp4", b"2"), PICTURE])
    form = await home.ann.context_menu(home.channel, "Use as reference", message)
    await home.ann.submit_modal(form, {"prompt": "like @2", "borrowed": ["1", "0"]})
    made = await own(home, home.ann)

    assert options(form.modal, "borrowed") == (["dog.mp4", "fox.mp4", "cat.png"], ["0", "1", "2"])
    assert made.asked.mode is Mode.REFERENCE
    assert [file.name for file in made.asked.media] == ["dog.mp4", "fox.mp4"]


@pytest.mark.parametrize(
    ("entry", "attached", "words"),
    [
        ("Animate this", [], "no picture in this message"),
        ("Animate this", [CLIP], "`dog.mp4` is a clip"),
        ("Use as reference", [], "no picture, clip or sound"),
        ("Use as reference", [("notes.txt", b"text")], "no picture, clip or sound"),
        ("Details", [PICTURE], "isn't about a film of mine"),
    ],
)
async def test_nothing_to_be_found_is_said_in_one_sentence(home, entry, attached, words):
    """Privately, with no form."""
    message = await home.ben.send(home.channel, "look", attachments=attached)
    result = await home.ann.context_menu(home.channel, entry, message)

    assert result.modal is None
    assert result.response.ephemeral
    assert words in result.response.content


async def test_a_film_of_ours_is_no_picture(home):
    """What to press instead is said."""
    film = discord.File(__file__, filename="matinee-0123456789abcdef.mp4")
    message = await home.client.get_channel(home.channel.id).send(file=film)
    result = await home.ann.context_menu(home.channel, "Animate this", message)

    assert "Extend or Use last frame" in result.response.content


@pytest.mark.usefixtures("pictures")
async def test_a_form_comes_back_once_and_to_its_member(home):
    """Its files are kept for the one who opened it, for one film."""
    message = await home.ben.send(home.channel, "look", attachments=[PICTURE])
    form = await home.ann.context_menu(home.channel, "Animate this", message)
    first = await home.ann.submit_modal(form, {"prompt": "x", "first": ["0"]})
    order_id = form.modal["custom_id"].split(":")[2]

    assert first.response.content.startswith("Queued")
    assert await home.house.orders.get(order_id, home.ann.id) is None


@pytest.mark.usefixtures("pictures")
async def test_a_form_sent_twice_is_one_film(home):
    """Within ten seconds, with the same words and files, which are kept once; later it is another."""
    for seconds in (0, 3, 30):
        home.house.clock.forward(seconds=seconds)
        form = await home.ann.slash(home.channel, "compose")
        await home.ann.submit_modal(form, {"prompt": "a cat", "files": [PICTURE]})

    assert len(await home.house.generations.history(home.ann.id)) == 2
    assert len([*home.house.keepsakes.hosting.media_dir.iterdir()]) == 2


async def test_a_slow_database_is_said(home, monkeypatch):
    """Discord waits three seconds for a form."""
    monkeypatch.setattr("cogs.presses.PATIENCE", 0.05)

    async def put(*_, **__):
        await asyncio.sleep(5)

    monkeypatch.setattr(type(home.house.orders), "put", put)
    message = await home.ben.send(home.channel, "look", attachments=[PICTURE])
    result = await home.ann.context_menu(home.channel, "Animate this", message)

    assert "took too long" in result.response.content


async def posted(home, generation, **sent):
    """Let the bot write a message about a generation."""
    embed = discord.Embed(description="a card").set_footer(text=generation.id)
    return await home.client.get_channel(home.channel.id).send(embed=embed, **sent)


async def test_details(home):
    """Everybody who sees a film may know how it was made, in a private answer."""
    await home.ann.slash(home.channel, "video", prompt="a fox", seconds=7)
    message = await posted(home, await own(home, home.ann))
    result = await home.ben.context_menu(home.channel, "Details", message)
    (embed,) = result.response.embeds

    assert result.response.ephemeral
    assert "a fox" in embed.description


async def test_nobody_gets_details_by_naming_a_film(home):
    """A member's own message tells nothing, whatever it is called; nor does ours on another server."""
    await home.ann.slash(home.channel, "video", prompt="a fox")
    generation = await own(home, home.ann)
    forged = await home.ben.send(
        home.channel, generation.id, attachments=[(f"matinee-{generation.id}.mp4", b"film")]
    )
    result = await home.ben.context_menu(home.channel, "Details", forged)
    assert "isn't about a film of mine" in result.response.content

    await home.house.generations._store.move(
        generation,
        home.house.clock(),
        due_at=None,
        status=Status.FAILED,
        place=replace(generation.place, guild_id=1),
    )
    message = await posted(home, generation)
    elsewhere = await home.ben.context_menu(home.channel, "Details", message)
    assert "no such generation" in elsewhere.response.content
    mine = await home.ann.context_menu(home.channel, "Details", message)
    assert "a fox" in mine.response.embeds[0].description


@pytest.mark.parametrize("data", [{}, {"components": [{}]}, {"components": [{"component": None}]}])
def test_an_odd_form_says_nothing(data):
    """Whatever comes back is read without trust."""
    form = filled(data)
    assert (form.prompt, form.model, form.seconds, form.files) == ("", None, None, ())


@pytest.mark.usefixtures("pictures")
@pytest.mark.parametrize(
    ("width", "height", "said", "ratio"),
    [(720, 1280, {}, "9:16"), (1000, 1010, {}, "1:1"), (1000, 1010, {"ratio": ["16:9"]}, "16:9")],
)
async def test_a_picture_keeps_its_shape(home, prober, width, height, said, ratio):
    """What isn't chosen is as the picture is, as near as it can be made."""
    probed = await prober.probe(None)
    probed.width, probed.height = width, height

    async def probe(_):
        return probed

    prober.probe = probe
    message = await home.ben.send(home.channel, "look", attachments=[PICTURE])
    form = await home.ann.context_menu(home.channel, "Animate this", message)
    await home.ann.submit_modal(form, {"prompt": "x", "first": ["0"], **said})

    assert ratio == (await own(home, home.ann)).asked.ratio
