"""Laws of every command and button, in a modelled Discord: answered first, done once, in its language."""

import copy
from dataclasses import replace
from types import SimpleNamespace

import discord
import pytest

from bot.errors import RequestRefused
from bot.i18n import speaker
from bot.messages import CardFacts, card, film, words_for
from bot.models import Mode, Place, Requester, Status, VideoRequest
from bot.servers import Strikes
from cogs import asking, offers
from tests.cogs.posting import screened

WORK = ("start", "asked_again", "any", "find", "cancel", "history", "usage")
"""Everything that a command or a press may wait for."""


@pytest.fixture
def row(world, generations, film):
    """Return a kept film of Ann's."""
    generations.path, kept = film
    asked = VideoRequest("a paper boat", Mode.TEXT)
    return generations.add(
        status=Status.DELIVERED,
        asked=asked,
        request=replace(asked, provider="maxapi", model="seedance-2.0"),
        requester=Requester(world.ann.id, "ann"),
        place=Place(world.channel.id, world.guild.id),
        interaction_id=1,
        film=kept,
    )


@pytest.fixture
def hanging(generations, monkeypatch):
    """Note before every read and write what Discord has been answered by then: there they may hang."""
    waited, answered = [], []
    real = discord.InteractionResponse.defer

    async def defer(response, **options):
        await real(response, **options)
        answered.append(options)

    def hang(work):
        async def hung(*given, **named):
            waited.append(list(answered))
            return await work(*given, **named)

        return hung

    monkeypatch.setattr(discord.InteractionResponse, "defer", defer)
    for name in WORK:
        setattr(generations, name, hang(getattr(generations, name)))
    return waited


async def shown(world, draft):
    """Post a draft as delivery does, and return the message."""
    channel = world.client.get_channel(world.channel.id)
    return await channel.send(draft.content, embed=draft.embed, view=draft.view)


PRIVATELY = [{"ephemeral": True, "thinking": True}]


@pytest.mark.parametrize(
    ("command", "options"),
    [
        ("video", {"prompt": "x"}),
        ("video", {"prompt": "x", "image": ("a.png", b"picture")}),
        ("reference", {"prompt": "x", "file1": ("a.png", b"picture")}),
        ("videos", {}),
        ("usage", {}),
    ],
)
async def test_a_command_is_answered_before_anything_is_waited_for(world, hanging, command, options):
    """Discord takes the first answer for three seconds, however long the database hangs."""
    await world.ann.slash(world.channel, command, **options)

    assert hanging[0] == PRIVATELY


@pytest.mark.parametrize("label", ["Again", "Cancel"])
async def test_a_press_is_answered_before_anything_is_waited_for(world, hanging, generations, row, label):
    """The same for buttons."""
    generations.rows[row.id] = queued = replace(row, status=Status.QUEUED)
    facts = CardFacts(row.created_at)
    draft = card(queued, facts) if label == "Cancel" else film(row, facts)
    await world.ann.click(await shown(world, draft), label=label)

    assert hanging[0] == PRIVATELY


@pytest.mark.parametrize(("label", "answer"), [("Older", [{}]), ("Get 1", PRIVATELY)])
async def test_a_press_in_the_list_is_answered_first_too(world, hanging, generations, row, label, answer):
    """Turning the page in its place, and handing over a film."""
    for _ in range(9):
        generations.add(**{name: getattr(row, name) for name in ("asked", "request", "requester", "place")},
                        interaction_id=2)  # fmt: skip
    listed = await world.ann.slash(world.channel, "videos")
    hanging.clear()
    await world.ann.click(listed.response, label=label)

    assert hanging[0][-1:] == answer
    assert len(hanging[0]) == 2


async def test_an_edited_prompt_is_answered_first_too(world, hanging, row):
    """The modal's own answer is a new interaction."""
    modal = await world.ann.click(await shown(world, film(row, CardFacts(row.created_at))), label="Edit")
    hanging.clear()
    await world.ann.submit_modal(modal, {"prompt": "a paper ship"})

    assert hanging[0] == PRIVATELY


async def twice(world, act):
    """Do something, and let Discord tell the bot of it once more."""
    told = []
    world.env.backend.subscribers.append(
        lambda event, payload: told.append(copy.deepcopy(payload)) if event == "INTERACTION_CREATE" else None
    )
    await act()
    world.env.backend.emit("INTERACTION_CREATE", told[0])
    await world.env.settle()


async def test_a_press_that_is_told_twice_makes_one(world, generations, row):
    """After a reconnect Discord may repeat an event: whose answer it already has, nothing is begun for."""
    message = await shown(world, film(row, CardFacts(row.created_at)))
    await twice(world, lambda: world.ann.click(message, label="Again"))

    assert len(generations.rows) == 2


async def test_a_command_that_is_told_twice_makes_one(world, generations):
    """And its files are kept once."""
    await twice(
        world, lambda: world.ann.slash(world.channel, "video", prompt="x", image=("a.png", b"picture"))
    )

    assert (len(generations.rows), len(generations.kept)) == (1, 1)


def interaction(client, locale, guild_locale):
    """Return as much of an interaction as says where it comes from."""
    return SimpleNamespace(
        user=SimpleNamespace(id=42, display_name="Ann"),
        locale=locale,
        guild_locale=guild_locale,
        guild_id=8,
        channel_id=7,
        channel=None,
        client=client,
        is_user_integration=lambda: False,
    )


@pytest.mark.parametrize(
    ("guild_locale", "public"), [(discord.Locale.french, "fr"), (None, "de")], ids=["server", "none"]
)
async def test_a_person_reads_their_language_and_a_channel_its_own(home, guild_locale, public):
    """What one person reads follows that person, what everybody reads follows the server."""
    asked = interaction(home.client, discord.Locale.german, guild_locale)

    assert asking.requester_of(asked).locale == "de"
    assert asking.place_of(asked).locale == public


async def test_a_language_that_a_member_set_is_theirs_alone(home):
    """It is what the bot tells them in; a server keeps its own."""
    await home.house.own.defaults.change(42, language="zh-CN", deliver="dm")
    asked = interaction(home.client, discord.Locale.german, discord.Locale.french)

    assert asking.requester_of(asked).locale == "zh-CN"
    assert (asking.place_of(asked).locale, asking.place_of(asked).deliver) == ("fr", "dm")


async def test_ones_own_settings_fill_in_what_is_left_open(home):
    """What doesn't go with the rest is left out, and said."""
    await home.house.own.defaults.change(home.ann.id, ratio="9:16", seconds=400)
    result = await home.ann.slash(home.channel, "video", prompt="a paper boat")
    (row,) = await home.house.generations.history(home.ann.id)

    assert (row.asked.ratio, row.asked.seconds) == ("9:16", None)
    assert (
        "Not taken from your settings, because it doesn't go with this: Seconds." in result.response.content
    )


async def test_a_film_made_anew_is_the_same_film(home):
    """Whoever presses Again gets what they saw, not what they set."""
    await home.ann.slash(home.channel, "video", prompt="a paper boat")
    (row,) = await home.house.generations.history(home.ann.id)
    await home.house.own.defaults.change(home.ben.id, ratio="9:16")
    message = await home.client.get_channel(home.channel.id).send(
        view=film(row, CardFacts(row.created_at)).view
    )
    await home.ben.click(message, label="Again")
    (bens,) = await home.house.generations.history(home.ben.id)

    assert bens.asked == row.asked


async def test_a_set_language_is_read_before_a_word_is_said(home):
    """Also in the first answer after a restart, and for a refusal."""
    await home.house.own.defaults.change(home.ann.id, language="zh-CN")
    home.house.own.defaults.forget(home.ann.id)
    result = await home.ann.slash(home.channel, "video", prompt=" ")

    assert result.response.content == words_for(RequestRefused("prompt_empty"), "zh-CN")


async def test_a_command_reaches_the_real_store(home):
    """With nothing played between Discord and the database, a command is a row of its member's."""
    await home.ann.slash(home.channel, "video", prompt="a paper boat")
    (row,) = await home.house.generations.history(home.ann.id)

    assert ("a paper boat", home.channel.id, home.guild.id) == (
        row.asked.prompt,
        row.place.channel_id,
        row.place.guild_id,
    )


async def test_a_command_reads_each_thing_once(home, monkeypatch):
    """Before the spend: the member's settings, the server's rules, what is turned off, blocks, refusals."""
    await home.house.rules.change(home.guild.id, lambda rules: replace(rules, strikes=Strikes(3)))
    engine, done = home.house.accounts.store.engine, []
    read, write = engine.read, engine.write

    async def noted(statement, parameters):
        done.append(statement.name)
        return await read(statement, parameters)

    async def written(steps):
        done.append("write")
        return await write(steps)

    monkeypatch.setattr(engine, "read", noted)
    monkeypatch.setattr(engine, "write", written)
    await home.ann.slash(home.channel, "video", prompt="a paper boat")

    before_it = ["preferences of", "rules of", "turned off", "blocks of", "refusals", "write"]
    assert [*before_it, "durations"] == done


async def test_again_pressed_twice_makes_one(home):
    """A second press within ten seconds means the first one's film."""
    await home.ann.slash(home.channel, "video", prompt="a paper boat")
    (row,) = await home.house.generations.history(home.ann.id)
    message = await shown(home, film(row, CardFacts(row.created_at)))
    for _ in range(2):
        await home.ben.click(message, label="Again")

    assert len(await home.house.generations.history(home.ben.id)) == 1


TYPED = {
    "video": {"prompt": "x"},
    "compose": {},
    "videos": {},
    "show": {"id": "0" * 16},
    "usage": {},
    "settings": {},
    "preset save": {"name": "x", "prompt": "y"},
    "preset use": {"name": "x", "prompt": "y"},
    "preset list": {},
    "preset delete": {"name": "x"},
    "privacy export": {},
    "help": {},
}
"""Every command that reads or writes, but those that only ask first."""
BELOW = ("Again", "Edit", "Extend", "Use last frame", "Delete")


@pytest.mark.parametrize("command", TYPED)
async def test_a_command_without_a_database_is_one_private_sentence(home, command):
    """It says whose fault it is, and that nothing was begun."""
    await home.house.keepsakes.store.close()
    result = await home.ann.slash(home.channel, command, **TYPED[command])

    assert result.ephemeral
    assert result.response.content.startswith("The bot can't reach its database just now, so nothing was")


@pytest.mark.parametrize("label", BELOW)
async def test_a_press_without_a_database_changes_nothing(home, clip, label):
    """The film stays where it is, with its buttons."""
    _, message = await screened(home, clip)
    await home.house.keepsakes.store.close()
    result = await home.ann.click(message, label=label)

    assert result.ephemeral
    assert "can't reach its database" in result.response.content
    assert len(home.channel.history()) == 1


@pytest.mark.parametrize("label", ["compose", "Edit", "Extend", "Use last frame"])
async def test_nobody_fills_in_a_form_that_would_be_refused(home, clip, label):
    """What stands in the way of anything is said before somebody types; what is paused isn't offered."""
    _, message = await screened(home, clip)
    switches = home.house.admission.switches
    await switches.turn_off("evolink", by=home.admin.id)
    offered = [
        model.provider for model in await offers.allowed(SimpleNamespace(client=home.client, guild_id=1))
    ]
    await switches.turn_off("all", by=home.admin.id)
    typed = label == "compose"
    form = await (home.ann.slash(home.channel, label) if typed else home.ann.click(message, label=label))

    assert {*offered} == {"maxapi", "seedance2ink"}
    assert form.modal is None
    assert "paused the bot" in form.response.content


async def test_a_set_language_is_spoken_from_the_first_word(home, clip):
    """Also right after a restart, by a form as well as by its refusal."""
    _, message = await screened(home, clip)
    await home.house.own.defaults.change(home.ann.id, language="zh-CN")
    home.house.own.defaults._known.clear()
    refused = await home.ann.context_menu(home.channel, "Animate this", message)
    home.house.own.defaults._known.clear()
    form = await home.ann.click(message, label="Edit")
    say = speaker("zh-CN")

    assert form.modal["title"] == say("Edit and make anew")
    assert not refused.response.content.isascii()
