"""Laws of `cogs.presets`, in a modelled Discord."""

import pytest

from bot.models import RESOLUTIONS, Status
from bot.preferences import Preset
from cogs import choices
from tests.cogs.films import made, ones, shown


async def every(home, who=None):
    """Return somebody's presets."""
    return await home.house.own.presets.every((who or home.ann).id)


async def save(home, name="night", who=None, **options):
    """Save a preset."""
    return await (who or home.ann).slash(home.channel, "preset save", name=name, **options)


async def test_a_preset_is_saved_and_used(home):
    """Its words come before the prompt, its options hold, one's settings fill in the rest."""
    await home.house.own.defaults.change(home.ann.id, seconds=8, ratio="1:1")
    saved = await save(home, prompt="At night:", ratio="9:16", sound=False)
    used = await home.ann.slash(home.channel, "preset use", name="night", prompt="a paper boat")
    (row,) = await ones(home)

    assert shown(saved) == "Saved: `night` · 9:16 · without sound · “At night:”"
    assert saved.ephemeral
    assert shown(used).startswith("Queued")
    assert (row.asked.prompt, row.asked.ratio, row.asked.sound, row.asked.seconds) == (
        "At night: a paper boat",
        "9:16",
        False,
        8,
    )


async def test_a_preset_is_saved_from_a_film(home):
    """With what it was made with; what is said besides stands over it."""
    row = await made(home, status=Status.DELIVERED)
    await save(home, video=row.id, seconds=8)
    (preset,) = await every(home)

    assert (preset.provider, preset.model, preset.ratio, preset.resolution, preset.seconds) == (
        row.request.provider,
        row.request.model,
        row.request.ratio,
        row.request.resolution,
        8,
    )
    assert preset.resolution in RESOLUTIONS


async def test_nobody_saves_from_anothers_film(home):
    """It reads as if there were none."""
    row = await made(home)
    result = await save(home, who=home.ben, video=row.id)

    assert "no such generation" in shown(result)
    assert await every(home, home.ben) == ()


async def test_presets_are_listed_and_deleted(home):
    """By their names, to their member alone."""
    empty = await home.ann.slash(home.channel, "preset list")
    await save(home, "night", prompt="x")
    await save(home, "day", seconds=8)
    listed = await home.ann.slash(home.channel, "preset list")
    bens = await home.ben.slash(home.channel, "preset list")
    gone = await home.ann.slash(home.channel, "preset delete", name="night")

    assert "no presets yet" in shown(empty)
    assert shown(listed) == "`day` · 8 s\n`night` · “x”"
    assert "no presets yet" in shown(bens)
    assert shown(gone) == "The preset is deleted."
    assert [one.name for one in await every(home)] == ["day"]


@pytest.mark.parametrize("command", ["use", "delete"])
async def test_anothers_preset_is_unknown(home, command):
    """And the bot says how to see one's own."""
    await save(home, prompt="x")
    options = {"prompt": "a boat"} if command == "use" else {}
    result = await home.ben.slash(home.channel, f"preset {command}", name="night", **options)

    assert "You have no preset `night`." in shown(result)
    assert len(await every(home)) == 1
    assert await ones(home, home.ben) == ()


async def test_the_twenty_first_is_refused(home):
    """With what can be done."""
    for number in range(20):
        await home.house.own.presets.save(home.ann.id, Preset(f"p{number}", "x"))
    result = await save(home, "one more", prompt="x")

    assert "20 presets" in shown(result)


async def test_a_preset_of_nothing_is_refused(home):
    """There would be nothing to use."""
    assert "says nothing" in shown(await save(home))


@pytest.mark.parametrize("name", ["@everyone", "`code`", "**x**", "<@1>", "\u202ex \u0000", "x" * 50])
async def test_hostile_names_are_harmless(home, name):
    """Saved, listed, offered, used and deleted like any other."""
    saved = await save(home, name, prompt="x")
    listed = await home.ann.slash(home.channel, "preset list")
    (preset,) = await every(home)
    used = await home.ann.slash(home.channel, "preset use", name=preset.name, prompt="a boat")
    offered = await home.ann.autocomplete(home.channel, "preset use", "name", "", prompt="a boat")
    deleted = await home.ann.slash(home.channel, "preset delete", name=preset.name)

    assert "@everyone" not in shown(saved) + shown(listed)
    assert shown(used).startswith("Queued")
    assert [each["value"] for each in offered] == [preset.name]
    assert shown(deleted) == "The preset is deleted."


async def test_ones_own_names_are_offered(home):
    """With what is typed in them."""
    for name in ("Night", "night two", "day"):
        await save(home, name, prompt="x")
    offered = await home.ann.autocomplete(home.channel, "preset delete", "name", "NIGHT")

    assert [each["value"] for each in offered] == ["Night", "night two"]
    assert await home.ben.autocomplete(home.channel, "preset use", "name", "", prompt="x") == []


async def test_films_and_models_are_offered(home):
    """One's own films; the models of the provider that is chosen."""
    row = await made(home, "a boat")
    films = await home.ann.autocomplete(home.channel, "preset save", "video", "boat", name="x")
    models = await home.ann.autocomplete(home.channel, "preset save", "model", "fast", provider="evolink")
    evolinks = [one.model for one in home.house.generations.capabilities() if one.provider == "evolink"]

    assert [each["value"] for each in films] == [row.id]
    assert [each["value"] for each in models] == [model for model in evolinks if "fast" in model]


async def test_a_slow_database_offers_no_names(home, monkeypatch):
    """Rather than failing in front of whoever types."""
    await save(home, prompt="x")
    monkeypatch.setattr(choices, "PATIENCE", 0.0)

    assert await home.ann.autocomplete(home.channel, "preset use", "name", "", prompt="x") == []
