"""Laws of all slash commands together: Discord's limits, and the names that people rely on.

The figures are Discord's (interactions/application-commands): 25 options and choices, names up to 32,
descriptions up to 100, and 8000 characters over a whole command.
"""

import re

import pytest

SHARED = ["model", "ratio", "resolution", "seconds", "sound", "provider", "fallback", "web_search"]
OPTIONS = {
    "video": ["prompt", "image", "last_image", *SHARED],
    "reference": ["prompt", *(f"file{number}" for number in range(1, 13)), *SHARED],
    "videos": [],
    "usage": [],
}


@pytest.fixture
def commands(world):
    """Return every command as Discord gets it, by name."""
    tree = world.client.tree
    return {command.name: command.to_dict(tree) for command in tree.get_commands()}


def choices(commands, command, option):
    """Return the values that can be chosen."""
    found = next(each for each in commands[command]["options"] if each["name"] == option)
    return [choice["value"] for choice in found.get("choices", [])]


def characters(part):
    """Count what Discord counts: names, descriptions and values of a command, its options and choices."""
    own = sum(len(str(part.get(name) or "")) for name in ("name", "description", "value"))
    return own + sum(map(characters, [*part.get("options", []), *part.get("choices", [])]))


async def test_commands_and_options_have_the_names_that_people_rely_on(commands):
    """In the order in which Discord shows them."""
    assert {
        name: [option["name"] for option in each["options"]] for name, each in commands.items()
    } == OPTIONS


async def test_only_what_cannot_be_left_out_is_required(commands):
    """A prompt, and for references a file."""
    required = {
        name: [option["name"] for option in each["options"] if option.get("required")]
        for name, each in commands.items()
    }

    assert required == {"video": ["prompt"], "reference": ["prompt", "file1"], "videos": [], "usage": []}


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


async def test_commands_keep_to_discords_limits(commands):
    """Discord takes all of a sync or none of it."""
    for command in commands.values():
        assert characters(command) <= 8000
        assert len(command["options"]) <= 25
        for part in [command, *command["options"]]:
            assert re.fullmatch(r"[-_a-z0-9]{1,32}", part["name"])
            assert 1 <= len(part["description"]) <= 100
            assert len(part.get("choices", [])) <= 25


async def test_commands_are_for_servers(commands):
    """A film needs a channel that the bot can post to for hours: guild install, guild context."""
    assert {tuple(each["contexts"]) for each in commands.values()} == {(0,)}
    assert {tuple(each["integration_types"]) for each in commands.values()} == {(0,)}
