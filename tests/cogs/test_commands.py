"""Laws of all commands together: Discord's limits in every language, and the names that people rely on.

The figures are Discord's (interactions/application-commands): 100 slash commands and 15 entries in each
right-click menu, 25 options, sub-commands and choices, names up to 32, descriptions up to 100, choices up
to 100, and 8000 characters over a whole command, where the longest language of each text counts.
"""

import re
from collections import Counter

import pytest
from discord import AppCommandType

from bot.i18n import fits, languages

SHARED = ["model", "ratio", "resolution", "seconds", "sound", "provider", "fallback", "web_search"]
OPTIONS = {
    "video": ["prompt", "image", "last_image", *SHARED],
    "reference": ["prompt", *(f"file{number}" for number in range(1, 13)), *SHARED],
    "videos": ["state", "search"],
    "show": ["id"],
    "usage": [],
    "settings": [],
    "help": [],
}


@pytest.fixture
def commands(world):
    """Return every command as Discord gets it, by name."""
    tree = world.client.tree
    return {
        command.name: command.to_dict(tree) for command in tree.get_commands(type=AppCommandType.chat_input)
    }


def choices(commands, command, option):
    """Return the values that can be chosen."""
    found = next(each for each in commands[command]["options"] if each["name"] == option)
    return [choice["value"] for choice in found.get("choices", [])]


@pytest.fixture
async def told(world):
    """Return what a sync tells Discord of every command and menu, all languages included."""
    tree = world.client.tree
    return [await each.get_translated_payload(tree, tree.translator) for each in tree.get_commands()]


def texts(part, name):
    """Return a text of a command, option or choice in every language that it has, by language."""
    own = {"en-US": str(part[name])} if part.get(name) is not None else {}
    return own | (part.get(f"{name}_localizations") or {})


def within(part):
    """Return the sub-commands, options and choices of a command or option, and theirs."""
    parts = [*part.get("options", []), *part.get("choices", [])]
    return [*parts, *(deeper for each in parts for deeper in within(each))]


def characters(part):
    """Count what Discord counts: names, descriptions and values of a command, its options and choices."""
    return sum(
        max(map(len, texts(each, name).values()), default=0)
        for each in [part, *within(part)]
        for name in ("name", "description", "value")
    )


async def test_commands_and_options_have_the_names_that_people_rely_on(commands):
    """In the order in which Discord shows them; docs/commands.md has the commands that came later."""
    assert {name: [option["name"] for option in commands[name]["options"]] for name in OPTIONS} == OPTIONS


async def test_only_what_cannot_be_left_out_is_required(commands):
    """A prompt, and for references a file."""
    required = {
        name: [option["name"] for option in commands[name]["options"] if option.get("required")]
        for name in OPTIONS
    }

    assert required == {
        "video": ["prompt"],
        "reference": ["prompt", "file1"],
        "videos": [],
        "show": ["id"],
        "usage": [],
        "settings": [],
        "help": [],
    }


@pytest.mark.parametrize("command", ["video", "reference"])
async def test_choices_are_the_documented_ones(commands, command):
    """Ratio, resolution and provider are picked, not typed."""
    assert choices(commands, command, "ratio") == ["16:9", "9:16", "1:1", "4:3", "3:4", "21:9", "adaptive"]
    assert choices(commands, command, "resolution") == ["480p", "720p", "1080p"]
    assert choices(commands, command, "provider") == ["maxapi", "seedance2ink", "evolink"]


@pytest.mark.parametrize("command", ["video", "reference"])
async def test_seconds_are_ranged(commands, command):
    """No model makes less than 4 or more than 15 seconds."""
    seconds = next(option for option in commands[command]["options"] if option["name"] == "seconds")

    assert (seconds["min_value"], seconds["max_value"]) == (4, 15)


def paths(part, before=""):
    """Return the names of a command and of everything in it, each with those that it stands below."""
    name = f"{before} {part['name']}".strip()
    return [name, *(path for each in part.get("options", []) for path in paths(each, name))]


async def test_groups_and_menus_are_looked_at_too(told):
    """What the tests below hold to Discord's limits is all that there is."""
    found = [path for command in told for path in paths(command)]

    assert {"admin words add text", "preset save name", "video prompt"} <= set(found)
    assert {"Animate this", "Use as reference", "Details"} <= set(found)
    assert max(len(path.split()) for path in found if path.startswith("admin")) == 4


async def test_what_is_required_comes_first(told):
    """Discord refuses an option that must be given after one that may be left out."""
    every = [part for command in told for part in [command, *within(command)]]
    orders = [[bool(option.get("required")) for option in part.get("options", [])] for part in every]

    assert [order for order in orders if order != sorted(order, reverse=True)] == []


async def test_choices_have_values_that_discord_takes(told):
    """A hundred characters at most; and no option is both picked from a list and completed."""
    options = [part for command in told for part in within(command) if "value" not in part]
    values = [choice["value"] for option in options for choice in option.get("choices", [])]

    assert [value for value in values if not 1 <= len(str(value)) <= 100] == []
    assert [option for option in options if option.get("choices") and option.get("autocomplete")] == []


async def test_there_are_no_more_commands_than_discord_takes(told):
    """Discord takes all of a sync or none of it."""
    counts = Counter(AppCommandType(command["type"]) for command in told)

    assert 1 <= counts[AppCommandType.chat_input] <= 100
    assert counts[AppCommandType.message] <= 15
    assert counts[AppCommandType.user] <= 15


async def test_no_command_has_more_parts_than_discord_takes(told):
    """Neither itself nor a part of it."""
    every = [part for command in told for part in [command, *within(command)]]

    assert [each["name"] for each in every if len(each.get("options", [])) > 25] == []
    assert [each["name"] for each in every if len(each.get("choices", [])) > 25] == []
    assert [command["name"] for command in told if characters(command) > 8000] == []


async def test_every_name_and_description_fits_in_every_language(told):
    """Of commands, options, choices and menus."""
    wrong = []
    for command in told:
        menu = command["type"] != AppCommandType.chat_input.value
        for part in [command, *within(command)]:
            kind = "menu" if menu else "choice" if "value" in part else "option"
            wrong += [name for name in texts(part, "name").values() if not fits(name, kind)]
            wrong += [text for text in texts(part, "description").values() if not fits(text)]
    assert wrong == []


async def test_names_tell_neighbours_apart_in_every_language(told):
    """Discord takes no two commands, options or choices with one name beside each other."""
    groups = [[each for each in told if each["type"] == kind.value] for kind in AppCommandType]
    for part in [part for command in told for part in [command, *within(command)]]:
        groups += [part.get("options", []), part.get("choices", [])]
    for language in languages():
        for group in groups:
            names = [texts(each, "name").get(language, each["name"]) for each in group]
            assert [name for name, count in Counter(names).items() if count > 1] == []


async def test_every_language_has_its_names(told):
    """Whoever has a catalogue reads it in Discord's own menus, too."""
    video = next(command for command in told if command["name"] == "video")

    assert set(texts(video, "name")) == set(languages())
    assert set(texts(video, "description")) == set(languages())
    assert texts(video, "name")["zh-CN"] == "视频"
    assert texts(video["options"][0], "name")["zh-CN"] == "提示词"


async def test_commands_have_plain_names(commands):
    """In English: what any keyboard types."""
    parts = [part for command in commands.values() for part in [command, *within(command)]]
    names = [part["name"] for part in parts if "value" not in part]

    assert [name for name in names if not re.fullmatch(r"[a-z0-9_]{1,32}", name)] == []


def test_the_longest_language_is_what_counts():
    """And every part of a command."""
    choice = {"name": "a", "value": "12345"}
    option = {"name": "b", "name_localizations": {"de": "bb"}, "description": "c", "choices": [choice]}
    command = {
        "name": "dd",
        "name_localizations": {"de": "d"},
        "description": "e",
        "description_localizations": {"de": "eee"},
        "options": [option],
    }

    assert characters(command) == 2 + 3 + 2 + 1 + 1 + 5


async def test_commands_are_for_servers(commands):
    """A film needs a channel that the bot can post to for hours: guild install, guild context."""
    assert {tuple(each["contexts"]) for each in commands.values()} == {(0,)}
    assert {tuple(each["integration_types"]) for each in commands.values()} == {(0,)}
