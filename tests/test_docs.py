"""Laws of what is written for people: it names what there is, and nothing else."""

import ast
import asyncio
import inspect
import os
import re
import subprocess
from itertools import pairwise
from pathlib import Path
from urllib.parse import unquote

import discord
import pytest

from bot import settings
from bot.__main__ import cli
from bot.check import FOR_THREADS, NEEDED, PERMISSIONS
from bot.settings import SECRETS, Settings, read_settings
from cogs.asking import NEEDED_THERE
from tests.cogs.exercises import surface
from tests.commands import BLOCK, PAGE, blocks, written
from tests.sentences import listing

CHECKOUT = Path(__file__).parents[1]
README = (CHECKOUT / "README.md").read_text(encoding="utf-8")
EXAMPLE = (CHECKOUT / ".env.example").read_text(encoding="utf-8")
DOCS = sorted(page.name for page in (CHECKOUT / "docs").glob("*.md"))
PAGES = ["README.md", "CHANGELOG.md", *(f"docs/{name}" for name in DOCS)]
VARIABLES = {name.upper() for name in Settings.model_fields}


def rows(heading):
    """Return the first cell of each row in the table below a heading of the README."""
    section = README.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    return re.findall(r"^\| `([^`]+)` \|", section, re.MULTILINE)


def example_lines():
    """Return `.env.example` as if every line counted."""
    return dict(re.findall(r"^#?([A-Z0-9_]+)=(.*)$", EXAMPLE, re.MULTILINE))


def test_every_setting_is_in_the_readme_once():
    """The table has each variable, and no other."""
    assert sorted(rows("Settings")) == sorted(VARIABLES)


def test_every_setting_is_in_the_example_once():
    """So has `.env.example`."""
    assert sorted(re.findall(r"^#?([A-Z0-9_]+)=", EXAMPLE, re.MULTILINE)) == sorted(VARIABLES)


@pytest.mark.parametrize("name", sorted(Settings.model_fields))
def test_the_example_shows_what_holds_without_it(name):
    """With all its lines in force, nothing but secrets and addresses is left open, and nothing changes."""
    given = read_settings({name.upper(): example_lines()[name.upper()]}, env_file=None)

    assert getattr(given, name) == getattr(read_settings({}, env_file=None), name)


@pytest.mark.parametrize("name", sorted(Settings.model_fields))
def test_the_readme_shows_the_true_default(name):
    """A default in the table that looks like a value is the value."""
    row = re.search(rf"^\| `{name.upper()}` \| `([^`]+)` \|", README, re.MULTILINE)
    if row is None:
        assert not Settings.model_fields[name].get_default(call_default_factory=True)
    else:
        given = read_settings({name.upper(): row[1]}, env_file=None)
        assert getattr(given, name) == getattr(read_settings({}, env_file=None), name)


def test_every_setting_says_what_it_is():
    """Each field has its docstring."""
    (body,) = [
        node.body
        for node in ast.parse(inspect.getsource(settings)).body
        if isinstance(node, ast.ClassDef) and node.name == "Settings"
    ]
    told = {
        field.target.id
        for field, text in pairwise(body)
        if isinstance(field, ast.AnnAssign)
        and isinstance(text, ast.Expr)
        and isinstance(field.target, ast.Name)
    }

    assert told == set(Settings.model_fields)


def test_every_secret_can_be_a_file_and_the_readme_says_so():
    """The names that are shown are among those that work."""
    shown = set(re.findall(r"`([A-Z0-9_]+)_FILE`", README))

    assert shown
    assert shown <= {name.upper() for name in SECRETS}


def test_every_slash_command_is_in_the_readme():
    """The table has each of the bot's commands and groups, and no other; the rest is a link away."""
    client = asyncio.run(listing())
    slash = client.tree.get_commands(type=discord.AppCommandType.chat_input)
    menus = surface.menus(client)

    assert sorted(row for row in rows("Commands") if row.startswith("/")) == sorted(
        f"/{command.name}" for command in slash
    )
    section = README.partition("\n## Commands\n")[2].partition("\n## ")[0]
    assert [menu.name for menu in menus if f"**{menu.name}**" not in section] == []
    assert "](docs/commands.md)" in section


def test_the_page_of_commands_is_as_the_command_writes_it():
    """What can be read off the code stands there as it is: `make commands` would change nothing."""
    page = PAGE.read_text(encoding="utf-8")

    assert written(page) == page


def test_everything_is_on_the_page_of_commands_once():
    """Every command, button, menu and form; a command below its own name."""
    page = PAGE.read_text(encoding="utf-8")
    named = [found["name"] for found in BLOCK.finditer(page)]

    assert sorted(named) == sorted(blocks())
    assert re.findall(r"^### (/.+)$", page, re.MULTILINE) == [name for name in named if name.startswith("/")]


def test_every_command_of_the_operator_is_in_the_readme():
    """The table has each, and no other."""
    assert sorted(row for row in rows("Commands") if row.startswith("matinee ")) == sorted(
        f"matinee {name}" for name in cli.commands
    )


def test_the_invitation_asks_for_what_is_needed():
    """The number in the README is that of the six permissions which it names."""
    words = re.search(r"permissions=(\d+)`\n\s+\(([^)]+)\)", README)
    known = {name.replace("_", " "): bit for name, bit in discord.Permissions.VALID_FLAGS.items()}
    known["view channels"] = known["view channel"]

    assert int(words[1]) == NEEDED
    assert sum(known[name.lower()] for name in words[2].split(", ")) == NEEDED


def test_the_permissions_in_the_readme_are_those_of_the_code():
    """Each with what it is for, the bits as Discord counts them, and the same that a command demands."""
    section = README.partition("\n## Permissions\n")[2].partition("\n## ")[0]
    flags = discord.Permissions.VALID_FLAGS
    named = {name.lower().replace("channels", "channel").replace(" ", "_"): name for name in PERMISSIONS}

    assert {*PERMISSIONS, *FOR_THREADS} == set(re.findall(r"^\| ([A-Z][A-Za-z ]+) \|", section, re.MULTILINE))
    assert {name: flags[name] for name in named} == {name: PERMISSIONS[named[name]] for name in named}
    assert {"Create Public Threads": flags["create_public_threads"]} == FOR_THREADS
    assert set(named) == set(NEEDED_THERE)


@pytest.mark.parametrize("page", PAGES)
def test_every_link_within_leads_somewhere(page):
    """Files and headings that are linked to are there."""
    broken = []
    for target in re.findall(r"\]\(([^)\s]+)\)", (CHECKOUT / page).read_text(encoding="utf-8")):
        path, _, anchor = unquote(target).partition("#")
        if "://" in target or path.endswith(".png"):  # the picture is made by the test that drives the page
            continue
        file = (CHECKOUT / page).parent / path if path else CHECKOUT / page
        text = file.read_text(encoding="utf-8") if file.exists() else ""
        headings = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
        slugs = {re.sub(r"[^\w -]", "", heading).lower().replace(" ", "-") for heading in headings}
        if not file.exists() or (anchor and anchor not in slugs):
            broken.append(target)

    assert broken == []


def test_the_commands_are_in_the_makefile():
    """What the README has people type is there."""
    makefile = (CHECKOUT / "Makefile").read_text(encoding="utf-8")

    named = set(re.findall(r"(?:^|`)make ([a-z]+)", README, re.MULTILINE))

    assert named == {
        "demo",
        "test",
        "check",
        "messages",
        "commands",
        "pictures",
        "bench",
        "prove",
        "soak",
        "fleet",
        "audit",
        "sbom",
    }
    assert all(f"\n{name}:" in makefile for name in named)


DOCKERFILE = (CHECKOUT / "Dockerfile").read_text(encoding="utf-8")
COMPOSE = (CHECKOUT / "compose.yaml").read_text(encoding="utf-8")


def test_the_image_copies_what_exists_and_is_let_through():
    """Every source of a COPY is in the checkout and not kept from the builder."""
    sources = re.findall(r"^COPY (?!--from)(\S+) ", DOCKERFILE, re.MULTILINE)
    ignored = (CHECKOUT / ".dockerignore").read_text(encoding="utf-8").splitlines()

    assert set(sources) == {line[1:] for line in ignored if line.startswith("!")}
    assert all((CHECKOUT / source).exists() for source in sources)


def test_the_image_has_two_stages_no_root_and_a_health_check():
    """The last stage runs as 10001, has no build tools of its own, and says how it is."""
    first, last = re.split(r"^FROM ", DOCKERFILE, flags=re.MULTILINE)[1:]

    assert "--require-hashes" in first
    assert re.findall(r"^USER (\S+)$", last, re.MULTILINE) == ["10001:10001"]
    assert "pip install" not in last
    assert "/readyz" in re.search(r"^HEALTHCHECK .*?\n\s+CMD (.*)$", last, re.MULTILINE)[1]


def test_the_health_check_is_a_program():
    """Its Python can be compiled."""
    code = re.search(r'CMD \["python", "-c", "(.+)"\]$', DOCKERFILE, re.MULTILINE)[1]

    assert compile(code, "HEALTHCHECK", "exec")


@pytest.mark.parametrize(
    "line",
    ["read_only: true", "cap_drop:\n      - ALL", "no-new-privileges:true", "tmpfs:", "env_file: .env"],
)
def test_the_container_may_do_little(line):
    """Read-only file system, no capabilities, no new privileges, secrets from a file."""
    assert line in COMPOSE
    assert "docker.sock" not in COMPOSE


def test_the_gates_script_runs_both_and_can_be_run():
    """`.ci/run` is executable, valid bash, and ends with the tests."""
    script = CHECKOUT / ".ci" / "run"

    assert os.access(script, os.X_OK)
    assert subprocess.run(["bash", "-n", script], check=False).returncode == 0
    assert script.read_text(encoding="utf-8").split()[-5:] == ["make", "check", "wait", "make", "test"]
