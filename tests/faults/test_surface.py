"""What an intruder would find to hold on to: in the code, on the disk, and in the process."""

from __future__ import annotations

import ast
import os
import re
import shutil
import stat
import subprocess
import sys
import tempfile
from contextlib import suppress
from pathlib import Path
from random import Random

import pytest

from bot.app import open_app
from bot.errors import RequestRefused
from bot.messages import CardFacts, card
from bot.messages.text import width
from bot.models import Limit, Mode
from bot.quotas import Limits
from bot.settings import read_settings
from bot.store.tables import metadata
from tests.bot.desk import Desk
from tests.databases import SQLITE
from tests.fakes import NOON
from tests.faults.harmless import faults, hostile

CHECKOUT = Path(__file__).parents[2]
SOURCES = sorted(path for folder in ("bot", "cogs") for path in (CHECKOUT / folder).rglob("*.py"))
EVALUATING = {"eval", "exec", "compile", "__import__", "execfile", "input", "breakpoint"}
UNPICKLING = {
    "pickle",
    "cPickle",
    "dill",
    "marshal",
    "shelve",
    "yaml",
    "jinja2",
    "mako",
    "code",
    "codeop",
    "imp",
}
SHELLS = {"os.system", "os.popen", "subprocess.getoutput", "asyncio.create_subprocess_shell"}
ALLOWED = {
    "bot/settings.py: format of _WORDS.get(fault['type'], \"can't be read; see the settings in the README\")",
    "bot/i18n.py: format of self.catalogue.gettext(sentence)",
    "bot/i18n.py: format of self.catalogue.ngettext(one, several, number)",
    "bot/demo/stand_ins/evolink.py: format of self.manners.result_path",
    "bot/demo/stand_ins/maxapi.py: format of self.manners.result_path",
    "bot/demo/stand_ins/seedance2ink.py: format of self.manners.result_path",
}
"""What is formatted and no literal, but stands in our own source or catalogues (see tests/sentences.py)."""


def dangers(source):
    """Return what in a source could make code or layout of somebody's text."""
    for node in ast.walk(ast.parse(source)):
        imported = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        imported += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
        yield from (f"import {name}" for name in imported if name.split(".")[0] in UNPICKLING)
        if isinstance(node, ast.Attribute) and node.attr in {"__globals__", "__subclasses__", "__builtins__"}:
            yield node.attr
        if isinstance(node, ast.Call):
            yield from _of_call(node)


def _of_call(node):
    called = node.func
    if isinstance(called, ast.Name) and called.id in EVALUATING:
        yield f"{called.id}()"
    if isinstance(called, ast.Attribute):
        if ast.unparse(called) in SHELLS:
            yield ast.unparse(called)
        if called.attr in {"format", "format_map"} and not isinstance(called.value, ast.Constant):
            yield f"format of {ast.unparse(called.value)}"
    if any(word.arg == "shell" and not (isinstance(word.value, ast.Constant) and word.value.value is False)
           for word in node.keywords):  # fmt: skip
        yield "shell="


@pytest.mark.parametrize(
    "source",
    ["eval(x)", "import pickle", "from yaml import load", "os.system(x)", "run(x, shell=True)", "x.format(y)",
     "f.__globals__", "import marshal, json", "x.y.format_map(z)", "compile(x, '', 'exec')"],
)  # fmt: skip
def test_each_danger_is_seen(source):
    """The rule below finds what it is about (T-29)."""
    assert list(dangers(source))


def test_no_text_becomes_code_or_a_template():
    """No evaluation, no pickles, no shells; what is formatted is never what somebody wrote (T-29)."""
    found = {
        f"{path.relative_to(CHECKOUT)}: {each}"
        for path in SOURCES
        for each in dangers(path.read_text(encoding="utf-8"))
    }
    assert ALLOWED == found


# the disk

NAMES = [
    *("../../../etc/passwd.mp4", "..\\..\\win.mp4", "/etc/cron.d/x.mp4", "a\x00b.mp4", "CON.mp4", "aux.mp4"),
    *("\u202e4pm.exe.mp4", "x" * 4000 + ".mp4", "~/.ssh/keys.mp4", "$(touch x).mp4", "-rf .mp4", ".mp4"),
    *("a/b/c.mp4", "file:///etc/passwd.mp4", "con:.mp4", "a\n.mp4", "[x](https://e.io).mp4", "@everyone.mp4"),
]


def found_in(folder):
    """Return every file below a folder by its path."""
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


async def test_no_name_of_a_file_leads_anywhere(tmp_path):
    """Whatever a file is called, it lies under an id of ours, and its name is only shown, harmless (T-23)."""
    dice = Random(7)
    store = await SQLITE.open(tmp_path / "data")  # it is the folder that is looked at
    desk = Desk(store, tmp_path / "data", Limits(user_day=Limit(), at_once=None))
    before = found_in(tmp_path)
    kept = []
    for name in [*NAMES, *(f"{hostile(dice)}.mp4" for _ in range(300))]:
        with suppress(RequestRefused):
            kept.append(await desk.generations.keep(name, "https://cdn.discordapp.com/a", b"film"))
    rows = [await desk.start(mode=Mode.REFERENCE, provider="maxapi", media=(file,)) for file in kept]
    await store.close()

    assert {f"data/media/{file.id}.mp4" for file in kept} == found_in(tmp_path) - before
    assert [file.id for file in kept if not re.fullmatch(r"[0-9a-f]{32}", file.id)] == []
    assert len(kept) > 200
    for row in rows:
        shown = card(row, CardFacts(NOON)).embed.to_dict()
        assert [] == faults({"embeds": [shown]})
        assert width(str(shown)) < 6000


async def test_what_is_kept_is_for_the_bot_alone(tmp_path):
    """Folders 700, files 600, however careless the shell that started it (T-35)."""
    environment = {
        "DATA_DIR": str(tmp_path / "data"),
        "EVOLINK_API_KEY": "sk-planted-key",
        "DISCORD_TOKEN": "a.b.c",
    }
    before = os.umask(0)
    try:
        async with open_app(read_settings(environment, env_file=None)):
            found = {path: stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "data").rglob("*")}
            found[tmp_path / "data"] = stat.S_IMODE((tmp_path / "data").stat().st_mode)
    finally:
        os.umask(before)

    assert {"matinee.db", "secret_key"} <= {path.name for path in found}
    assert {
        path.name: oct(mode) for path, mode in found.items() if mode != (0o700 if path.is_dir() else 0o600)
    } == {}


def test_the_tables_have_no_room_for_keys():
    """No column is for a key, a token or a password; callback tokens are computed, never kept (T-35)."""
    secret = re.compile(r"token|secret|passw|api_?key|auth|credential|cookie|signature", re.IGNORECASE)
    columns = [
        f"{table.name}.{column.name}" for table in metadata.tables.values() for column in table.columns
    ]

    assert [name for name in columns if secret.search(name)] == []


# the process

UID = 10001
A_FILM = "tests/e2e/test_run.py::test_video_from_command_to_film"
BECOME = (
    *("setpriv", f"--reuid={UID}", f"--regid={UID}", "--clear-groups"),
    *(f"--{kind}=-all,+dac_read_search" for kind in ("bounding-set", "inh-caps", "ambient-caps")),
)
"""Nobody, with nothing but leave to read: the Python that runs this may lie in a folder of root's."""


@pytest.fixture
def stage():
    """Return a folder with a copy of the tree that cannot be written, and a folder of nobody's own.

    Not below pytest's own directory: every other pytest that starts shuts that to all users but one.
    """
    with tempfile.TemporaryDirectory(prefix="matinee-nobody-") as folder:
        place, but = Path(folder), shutil.ignore_patterns("__pycache__")
        for name in ("bot", "cogs", "tests"):
            shutil.copytree(CHECKOUT / name, place / "tree" / name, ignore=but)
        shutil.copy(CHECKOUT / "pyproject.toml", place / "tree")
        for path in (place / "tree").rglob("*"):
            path.chmod(0o555 if path.is_dir() else 0o444)
        (place / "own").mkdir()
        os.chown(place / "own", UID, UID)
        place.chmod(0o755)
        yield place


@pytest.mark.skipif(
    os.geteuid() != 0 or shutil.which("setpriv") is None, reason="only root with setpriv can become nobody"
)
def test_it_runs_as_nobody_on_a_tree_that_cannot_be_written(stage):
    """A film from command to delivery as uid 10001: written is DATA_DIR, and nothing else (T-34)."""
    tree, own = stage / "tree", stage / "own"
    before = found_in(tree)
    pytest_ = (sys.executable, "-m", "pytest", "-n0", "-q", "-p", "no:cacheprovider", f"--basetemp={own}/t")
    places = {"PATH": os.environ["PATH"], "HOME": str(own), "TMPDIR": str(own)}
    run = subprocess.run(
        (*BECOME, *pytest_, A_FILM),
        cwd=tree,
        env=places | {"PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    written = {path.relative_to(own).parts for path in own.rglob("*")}

    assert (0, True) == (run.returncode, "1 passed" in run.stdout), run.stdout + run.stderr
    assert before == found_in(tree)
    assert {"data", "output.log", "sync"} == {parts[2] for parts in written if len(parts) > 2}
    assert {UID} == {path.stat().st_uid for path in own.rglob("*")}


def test_the_image_and_the_service_leave_no_more_than_is_needed():
    """As nobody, read-only, without capabilities, with what is installed pinned by hash (T-33, T-34)."""
    image = (CHECKOUT / "Dockerfile").read_text(encoding="utf-8")
    service = (CHECKOUT / "compose.yaml").read_text(encoding="utf-8")

    assert [f"USER {UID}:{UID}"] == re.findall(r"^USER .*$", image, re.MULTILINE)
    assert "--require-hashes --only-binary=:all:" in image
    for line in ("read_only: true", "cap_drop:\n      - ALL", "no-new-privileges:true", "pids_limit: "):
        assert line in service
    assert "docker.sock" not in service
