"""Laws of `cogs.video`, in a modelled Discord."""

import discord
import pytest

from bot.errors import IntakeStopped, QuotaExceeded, RequestRefused
from bot.models import Mode

PICTURE = b"picture"


def only(generations):
    """Return the one generation that was started."""
    (row,) = generations.rows.values()
    return row


async def test_words_alone_become_a_text_request(world, generations):
    """The prompt and nothing else: every option stays open for the bot's defaults."""
    result = await world.ann.slash(world.channel, "video", prompt="a paper boat")
    asked = only(generations).asked

    assert (asked.prompt, asked.mode, asked.media) == ("a paper boat", Mode.TEXT, ())
    assert {asked.ratio, asked.resolution, asked.seconds, asked.sound, asked.provider, asked.model} == {None}
    assert {asked.fallback, asked.web_search} == {None}
    assert result.ephemeral
    assert result.response.content.startswith(
        "Queued at maxapi, seedance-2.0.\nReserved: 1 video and 5 seconds."
    )


async def test_the_generation_knows_who_asked_where(world, generations):
    """Requester, channel, server and the interaction that makes it unique."""
    await world.ann.slash(world.channel, "video", prompt="x")
    row = only(generations)

    assert (row.requester.user_id, row.requester.name) == (world.ann.id, "ann")
    assert (row.place.channel_id, row.place.guild_id) == (world.channel.id, world.guild.id)
    assert row.interaction_id > 0


async def test_every_option_reaches_the_request(world, generations):
    """What a member sets is what is asked."""
    await world.ann.slash(
        world.channel,
        "video",
        prompt="x",
        model="seedance-2.0-fast",
        ratio="adaptive",
        resolution="1080p",
        seconds=15,
        sound=False,
        provider="evolink",
        fallback=False,
        web_search=True,
    )
    asked = only(generations).asked

    assert (asked.model, asked.ratio, asked.resolution, asked.seconds) == (
        "seedance-2.0-fast",
        "adaptive",
        "1080p",
        15,
    )
    assert (asked.sound, asked.provider, asked.fallback, asked.web_search) == (False, "evolink", False, True)


@pytest.mark.parametrize(
    ("files", "mode"),
    [({"image": 1}, Mode.FIRST_FRAME), ({"image": 1, "last_image": 2}, Mode.FIRST_LAST_FRAME)],
)
async def test_pictures_are_frames(world, generations, files, mode):
    """One picture is the first frame, two are the first and the last, in that order."""
    attached = {option: (f"{number}.png", PICTURE) for option, number in files.items()}
    await world.ann.slash(world.channel, "video", prompt="x", **attached)

    assert only(generations).asked.mode is mode
    assert [file.name for file in only(generations).asked.media] == [f"{n}.png" for n in files.values()]


async def test_a_last_frame_alone_is_refused(world, generations):
    """The film must begin somewhere."""
    result = await world.ann.slash(world.channel, "video", prompt="x", last_image=("b.png", PICTURE))

    assert "`image`" in result.response.content
    assert result.ephemeral
    assert generations.kept == []


async def test_attached_bytes_are_kept_as_they_are(world, generations):
    """Name, address and bytes go on unchanged, at once."""
    await world.ann.slash(world.channel, "video", prompt="x", image=("cat.png", PICTURE))
    ((name, url, data),) = generations.kept

    assert (name, data) == ("cat.png", PICTURE)
    assert url.startswith("https://")


async def test_references_keep_their_positions(world, generations):
    """`file1` is `@1`, whatever gaps there are behind it."""
    await world.ann.slash(
        world.channel,
        "reference",
        prompt="@1 and @2",
        file1=("a.png", PICTURE),
        file12=("b.png", PICTURE),
        seconds=5,
    )
    asked = only(generations).asked

    assert asked.mode is Mode.REFERENCE
    assert [file.name for file in asked.media] == ["a.png", "b.png"]


async def test_a_file_that_is_too_large_is_not_even_loaded(world, generations):
    """Discord tells the size before we take the bytes."""
    result = await world.ann.slash(
        world.channel, "reference", prompt="x", file1=("a.png", PICTURE), file2=("big.mp4", b"0" * 1001)
    )

    assert "`big.mp4`" in result.response.content
    assert "nothing counted" in result.response.content
    assert generations.kept == []


async def test_a_refused_file_leaves_nothing_behind(world, generations):
    """The files before it are deleted, and nothing public is said."""
    generations.unreadable = "notes.txt"
    result = await world.ann.slash(
        world.channel, "reference", prompt="x", file1=("a.png", PICTURE), file2=("notes.txt", b"text")
    )

    assert "`notes.txt`" in result.response.content
    assert [file.name for file in generations.forgotten] == ["a.png"]
    assert world.channel.history() == []


@pytest.mark.parametrize(
    ("refusal", "words"),
    [
        (RequestRefused("ratio", option="ratio", value="21:9", allowed=("16:9",)), "`ratio`"),
        (QuotaExceeded("at_once", used=2, limit=2), "2 under way"),
        (IntakeStopped("cannot_store"), "can't store"),
        (RuntimeError("a secret"), "Ref 7F3K"),
    ],
)
async def test_every_refusal_is_a_private_sentence(world, generations, refusal, words):
    """Option, limit, full disk or a bug of ours: the member reads words, the channel reads nothing."""
    generations.refusal = refusal
    result = await world.ann.slash(world.channel, "video", prompt="x", image=("a.png", PICTURE))

    assert words in result.response.content
    assert "secret" not in result.response.content
    assert result.ephemeral
    assert [file.name for file in generations.forgotten] == ["a.png"]
    assert world.channel.history() == []


@pytest.mark.parametrize(
    "permission", ["send_messages", "embed_links", "attach_files", "read_message_history"]
)
async def test_a_missing_permission_is_named_before_anything_is_spent(world, generations, permission):
    """The bot must be able to post the card and the film where it is asked."""
    bot = world.guild.me
    closed = world.guild.create_text_channel(
        "closed", overwrites={bot: discord.PermissionOverwrite(**{permission: False})}
    )
    result = await world.ann.slash(closed, "video", prompt="x", image=("a.png", PICTURE))

    assert permission.replace("_", " ").title() in result.response.content
    assert (generations.kept, generations.rows) == ([], {})


async def models(world, command, typed="", **filled):
    """Return what autocomplete offers."""
    choices = await world.ann.autocomplete(world.channel, command, "model", typed, **filled)
    return [choice["value"] for choice in choices]


async def test_models_are_offered_once_and_in_order(world):
    """What any provider has, without doubles."""
    assert await models(world, "video") == ["seedance-2.0", "seedance-1.5-pro", "seedance-2.0-fast"]


async def test_models_follow_what_is_typed(world):
    """Any part of the name finds it."""
    assert await models(world, "video", "FAST") == ["seedance-2.0-fast"]


async def test_models_follow_the_provider(world):
    """What the chosen provider doesn't have isn't offered."""
    assert await models(world, "video", provider="evolink") == ["seedance-2.0", "seedance-2.0-fast"]


async def test_models_follow_the_command(world):
    """A model without references isn't offered for them."""
    assert "seedance-1.5-pro" not in await models(world, "reference")


async def test_what_discord_tells_late_does_no_harm(world, generations):
    """If the private answer can't be filled in, the generation is there all the same."""
    world.env.inject_error("PATCH", "/webhooks/*", status=401)
    await world.ann.slash(world.channel, "video", prompt="x")

    assert only(generations).asked.prompt == "x"


async def test_what_discord_has_forgotten_is_not_begun(world, generations):
    """If the first answer comes too late, the member sees a failure, so nothing may be spent."""
    world.env.inject_error("POST", "/interactions/*", status=404, code=10062)
    await world.ann.slash(world.channel, "video", prompt="x")

    assert generations.rows == {}
