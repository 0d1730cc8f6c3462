"""Settings that are missing, wrong or garbage: one line that names the variable and the remedy."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.errors import SettingsError
from bot.hosting import Hosting
from bot.secret_key import secret_key
from bot.settings import SECRETS, Settings, misspelt, read_settings, require_for_running
from bot.signatures import Signer
from tests.faults.figures import in_full

CANARY = "cAnArY7f3k"
NAMES = sorted(Settings.model_fields)
FILES = [f"{name}_file" for name in SECRETS]
READY = {"DISCORD_TOKEN": "token", "EVOLINK_API_KEY": "key", "SECRET_KEY": "x" * 32}
BAD = {
    "allow_user_install": CANARY,
    "data_dir": None,
    "secret_key": None,  # whatever it says, it signs
    **{name: f"{CANARY} {CANARY}" for name in SECRETS if name not in {"database_url", "secret_key"}},
    "database_url": f"mysql://{CANARY}",
}
"""What is wrong with a setting; any other is wrong with the canary alone. None: any text will do."""
LINE = re.compile(r"(?:[A-Z][A-Z0-9_]+(?:: | must )|\.env: ).{10,}")
STARTS = [name.upper() for name in (*NAMES, *FILES)] + [".env"]
MANY = 2000 if in_full() else 120


def refused(environ, env_file=None, then=lambda _: None):
    """Return the line that refuses these variables; None: they can be read."""
    try:
        then(read_settings(environ, env_file=env_file))
    except SettingsError as error:
        line = str(error)
        assert LINE.fullmatch(line), line
        assert line.partition(":")[0].partition(" ")[0] in STARTS, line
        return line
    return None


@pytest.mark.parametrize("name", NAMES)
def test_every_wrong_setting_is_one_line_without_its_value(name):
    """It names the variable and says what to write; the value isn't in it (S-14)."""
    bad = BAD.get(name, f"-{CANARY}?#")
    if bad is None:
        assert refused(READY | {name.upper(): CANARY}) is None
        return
    line = refused(READY | {name.upper(): bad})

    assert line is not None
    assert line.startswith(f"{name.upper()}: ")
    assert CANARY not in line


@pytest.mark.parametrize(
    ("left_out", "words"),
    [
        ("DISCORD_TOKEN", "DISCORD_TOKEN: is missing; copy it from Discord's developer portal, page Bot"),
        ("EVOLINK_API_KEY", "PROVIDERS: none has a key; set at least one of "),
    ],
)
def test_every_missing_setting_is_asked_for(left_out, words):
    """Of what `run` can't do without, the one that is missing is named with where to get it (S-14)."""
    given_ = {name: value for name, value in READY.items() if name != left_out}
    line = refused(given_, then=require_for_running)

    assert line is not None
    assert line.startswith(words)


def test_a_secret_key_is_asked_for_with_postgres():
    """Every machine needs the same one, so it can't be made up here (S-14)."""
    line = refused({"DATABASE_URL": f"postgresql+asyncpg://me:{CANARY}@db/x"})

    assert "SECRET_KEY: is missing; with PostgreSQL every machine needs the same one" == line


written = st.one_of(
    st.text(max_size=40),
    st.text(alphabet="0123456789.-+eE٣ \t,:/=[]@%#smhdKMGiBnone", max_size=25),
    st.sampled_from(["1e999", "nan", "-0", "9" * 5000, "0" * 400 + "1", "٣", "[::1]:80", "http://[", "∞"]),
    st.sampled_from(["http://a@b", "https://x/%", "//", "a=b", "maxapi/x/y=1e5", "::", "a:99999", "\ud800"]),
    st.builds(
        "{}{}".format,
        st.sampled_from(["https://", "10", "maxapi,", "1.5", "127.0.0.1:"]),
        st.text(max_size=9),
    ),
)


@settings(derandomize=True, max_examples=MANY * 10, deadline=None)
@given(name=st.sampled_from(NAMES), text=written, place=st.integers(0, 40))
def test_whatever_a_setting_says_it_is_read_or_refused(name, text, place):
    """Any text in any variable: a value, or one line that names a variable and quotes nothing (S-14)."""
    line = refused(READY | {name.upper(): text[:place] + CANARY + text[place:]})
    assert CANARY not in (line or "")
    refused(READY | {name.upper(): text})


@settings(derandomize=True, max_examples=MANY * 2, deadline=None)
@given(st.dictionaries(st.sampled_from([*NAMES, *FILES, "NONSENSE"]), written, max_size=12))
def test_whatever_all_of_them_say_it_is_read_or_refused(said):
    """Many at once, and files that are none: all faults in one line (S-14)."""
    environ = {name.upper(): value for name, value in said.items()}
    refused(environ, then=require_for_running)
    misspelt(environ, env_file=None)


@settings(derandomize=True, max_examples=MANY, deadline=None)
@given(
    st.one_of(
        st.binary(max_size=200),
        st.lists(
            st.builds(
                "{}{}{}".format,
                st.sampled_from([*(name.upper() for name in NAMES), "export X", "#", ""]),
                st.sampled_from(["=", "='", '="', " = ", "", "\n"]),
                written,
            ),
            max_size=5,
        ).map(lambda lines: "\n".join(lines).encode("utf-8", "surrogatepass")),
    )
)
def test_whatever_stands_in_the_file_it_is_read_or_refused(tmp_path_factory, content):
    """Any bytes as `.env`: its line, or the variable, is named (S-14)."""
    file = tmp_path_factory.getbasetemp() / "fuzzed.env"
    file.write_bytes(content)
    refused({}, env_file=file)
    with suppress(SettingsError):
        misspelt({}, env_file=file)


@settings(derandomize=True, max_examples=MANY, deadline=None)
@given(name=st.sampled_from(SECRETS), content=st.binary(max_size=60), path=st.none() | written)
def test_whatever_a_file_of_a_secret_holds_it_is_read_or_refused(tmp_path_factory, name, content, path):
    """Any bytes behind `NAME_FILE`, and any path: the variable is named, never path or content (S-14)."""
    file = tmp_path_factory.getbasetemp() / f"{CANARY}.secret"
    file.write_bytes(CANARY.encode() + content)
    variable = f"{name.upper()}_FILE"
    environ = {key: value for key, value in READY.items() if key != name.upper()}
    line = refused(environ | {variable: str(file)})
    assert CANARY not in (line or "")
    refused(environ | {variable: path or ""})


@pytest.mark.parametrize("folder", ["\0", "a\0b", "\ud800"])
def test_what_no_path_can_be_is_refused(folder):
    """A `.env` may hold it: it is refused before anybody tries to make it (S-14)."""
    assert "DATA_DIR: holds signs that no path can have; write the path of a folder" == refused(
        {"DATA_DIR": folder}
    )


@pytest.mark.parametrize("folder", ["x" * 300, "/proc/none", "/dev/null/x", "a/" * 3000])
def test_a_folder_that_can_not_be_is_a_wrong_setting(folder, tmp_path, monkeypatch):
    """Whatever `DATA_DIR` says, what can't be made is named (S-14)."""
    monkeypatch.chdir(tmp_path)
    given_ = Settings(data_dir=Path(folder))
    with pytest.raises(SettingsError, match=r"^DATA_DIR: can't "):
        secret_key(given_)
    with pytest.raises(SettingsError, match=r"^DATA_DIR: can't "):
        Hosting(given_.data_dir, None, Signer(b""), given_.keep_films).prepare()


@pytest.mark.parametrize("where", ["environment", "file"])
def test_the_process_refuses_to_start(tmp_path, where):
    """As a process: 78, one line on stderr, nothing on stdout, nothing made, no value told (S-14)."""
    environ = {"PYTHONPATH": str(Path(__file__).parents[2]), "PATH": os.environ["PATH"]}
    wrong = {name.upper(): BAD.get(name) or f"-{CANARY}?#" for name in NAMES if BAD.get(name, "") is not None}
    if where == "environment":
        environ |= wrong
    else:
        (tmp_path / ".env").write_text("".join(f"{name}='{value}'\n" for name, value in wrong.items()))
    before = sorted(tmp_path.iterdir())
    ended = subprocess.run(
        [sys.executable, "-m", "bot", "run"],
        cwd=tmp_path,
        env=environ,
        capture_output=True,
        text=True,
        check=False,
    )

    assert (78, "", 1) == (ended.returncode, ended.stdout, ended.stderr.count("\n"))
    assert all(f"{name}: " in ended.stderr for name in wrong)
    assert CANARY not in ended.stderr
    assert before == sorted(tmp_path.iterdir())
