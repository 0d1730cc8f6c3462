"""Laws of `python -m bot`: what stops a command is one line and an exit code; a signal ends it cleanly."""

import asyncio
import os
import signal
import subprocess
import sys
import threading
from contextlib import asynccontextmanager
from pathlib import Path
from types import SimpleNamespace

import discord
import pytest
from aiohttp import ClientConnectionError

from bot import __main__ as main_
from bot import __version__
from bot.errors import KeepsFailing, SettingsError, StoreUnavailable
from bot.roles import EVERYTHING, Duty, Role, Shards

CHECKOUT = Path(__file__).parents[2]
TOKEN = "cAnArY.token"


@pytest.fixture
def app(monkeypatch):
    """Put a stand-in in the app's place: what it does is the test's to say."""
    doings = SimpleNamespace(run=None, sync=None, opened=[])

    @asynccontextmanager
    async def open_app(_settings, duty):
        doings.opened.append(duty)
        yield SimpleNamespace(run=doings.run)

    async def sync(settings):
        return await doings.sync(settings)

    import bot.app

    monkeypatch.setattr(bot.app, "open_app", open_app)
    monkeypatch.setattr(bot.app, "open_doorway", open_app)
    monkeypatch.setattr(bot.app, "sync", sync)
    return doings


READY = {"DISCORD_TOKEN": TOKEN, "EVOLINK_API_KEY": "key"}


@pytest.mark.parametrize("command", ["run", "sync", "check", "migrate"])
def test_a_wrong_setting_is_one_line_and_78(matinee, command):
    """No traceback, no value, nothing on stdout, nothing made."""
    code, out, err = matinee(command, DISCORD_TOKEN="x y", POLL_MIN="cAnArY")

    assert (code, out) == (78, "")
    assert err.startswith("matinee: DISCORD_TOKEN: ")
    assert "POLL_MIN: " in err
    assert err.count("\n") == 1
    assert "cAnArY" not in err
    assert list(Path.cwd().iterdir()) == []


def test_run_without_a_token_or_a_key_is_78(matinee):
    """Each is asked for by name."""
    assert matinee("run")[2].startswith("matinee: DISCORD_TOKEN: is missing")
    code, _, err = matinee("run", DISCORD_TOKEN=TOKEN)
    assert code == 78
    assert err.startswith("matinee: PROVIDERS: none has a key; set at least one of MAXAPI_API_KEY, ")


POSTGRES = {"DATABASE_URL": "postgresql+asyncpg://db/matinee", "SECRET_KEY": "s" * 32, "FILES_URL": "/mnt/x"}


def test_run_does_what_was_typed(matinee, app):
    """Everything, or one role of it with its shards."""

    async def run(_):
        pass

    app.run = run
    assert (0, "", "") == matinee("run", **READY)
    assert (0, "", "") == matinee("run", "--role", "callbacks", **POSTGRES)
    assert (0, "", "") == matinee("run", "--role", "gateway", "--shards", "0-1", "--of", "4", **READY)
    assert [EVERYTHING, Duty(Role.CALLBACKS), Duty(Role.GATEWAY, Shards(range(2), 4))] == app.opened


@pytest.mark.parametrize(
    "typed", ["--role worker", "--role poet", "--shards 3-1 --of 4", "--shards 0 --of 2", "--shards 5 --of 2"]
)
def test_a_role_that_can_not_be_is_one_line_and_78(matinee, typed):
    """Wrong words, and roles without PostgreSQL: trying again changes nothing, and nothing is made."""
    code, out, err = matinee("run", *typed.split(), **READY)

    assert (78, "", 1) == (code, out, err.count("\n"))
    assert list(Path.cwd().iterdir()) == []


def _closed(code):
    return discord.ConnectionClosed(SimpleNamespace(close_code=code), shard_id=None, code=code)


def _answered(status):
    return discord.HTTPException(SimpleNamespace(status=status, reason="no"), {"message": TOKEN})


def _sequence():
    try:
        None.sequence  # noqa: B018
    except AttributeError as error:
        return error


@pytest.mark.parametrize(
    ("fault", "code", "words"),
    [
        (discord.LoginFailure(TOKEN), 78, "DISCORD_TOKEN: Discord doesn't accept it; reset it"),
        (_closed(4004), 78, "gateway refuses the bot (code 4004)"),
        (discord.PrivilegedIntentsRequired(None), 78, "gateway refuses the bot (code 4014)"),
        (_closed(4000), 69, "gateway closed the connection (code 4000)"),
        (_answered(503), 69, "Discord answered 503; try again later"),
        (discord.GatewayNotFound(), 69, "Discord can't be reached (GatewayNotFound)"),
        (ClientConnectionError(TOKEN), 69, "Discord can't be reached (ClientConnectionError)"),
        (ConnectionRefusedError(TOKEN), 69, "Discord can't be reached (ConnectionRefusedError)"),
        (_sequence(), 69, "Discord's gateway can't be reached"),
        (StoreUnavailable(f"no {TOKEN}\n"), 69, r"The database can't be opened (no [redacted]\n); is it"),
        (SettingsError("LISTEN: can't be listened on"), 78, "LISTEN: can't be listened on"),
        (KeepsFailing("The tracker failed 5 times"), 70, "The tracker failed 5 times"),
    ],
)
@pytest.mark.parametrize("command", ["run", "sync"])
def test_what_keeps_the_bot_from_running_is_one_line_and_a_code(matinee, app, command, fault, code, words):
    """78 where trying again changes nothing, 69 where a supervisor may try again (D-14)."""

    async def fail(_):
        raise fault

    app.run = app.sync = fail
    ended, _, err = matinee(command, **READY)

    assert (ended, err.count("\n")) == (code, 1)
    assert err.startswith("matinee: ")
    assert words in err
    assert TOKEN not in err


@pytest.mark.parametrize(
    ("address", "code", "words"),
    [
        ("http://proxy:8000", 78, "DISCORD_API_URL: Discord isn't there; it must end in /api/v10"),
        ("http://proxy:8000/api/v10", 69, "Discord answered 404"),
    ],
)
def test_half_an_address_of_discord_s_is_a_wrong_setting(matinee, app, monkeypatch, address, code, words):
    """Nobody is asked to try again later what can't work."""

    async def fail(_):
        raise _answered(404)

    monkeypatch.setattr(discord.http.Route, "BASE", address)
    app.sync = fail
    ended, _, err = matinee("sync", **READY)

    assert (code, True) == (ended, words in err)


def test_a_fault_of_ours_is_logged_and_70(matinee, app):
    """Its traceback is a line of the log, cleaned of secrets."""

    async def fail(_):
        raise AttributeError(f"surprise {TOKEN}")

    app.run = fail
    code, _, err = matinee("run", **READY, LOG_FORMAT="json")

    assert code == 70
    assert err.count("\n") == 1
    assert "surprise [redacted]" in err


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_stops_the_bot_with_0(matinee, app, monkeypatch, number):
    """The app ends by itself; who is impatient at the very end gets the same 0 and no traceback (S-13)."""
    seen = []
    monkeypatch.setattr(main_.os, "_exit", seen.append)

    async def run(stop):
        os.kill(os.getpid(), number)
        await asyncio.wait_for(stop.wait(), 5)
        seen.append("ended by itself")

    app.run = run
    assert matinee("run", **READY) == (0, "", "")
    os.kill(os.getpid(), number)
    assert seen == ["ended by itself", 0]


def test_an_app_that_does_not_stop_is_stopped(matinee, app, monkeypatch):
    """After its patience the bot is cancelled: still 0, and what must be closed is closed."""
    monkeypatch.setattr(main_, "PATIENCE", 0.2)
    seen = []

    async def run(_):
        os.kill(os.getpid(), signal.SIGTERM)
        try:
            await asyncio.Event().wait()
        finally:
            seen.append("closed")

    app.run = run
    assert matinee("run", **READY)[0] == 0
    assert seen == ["closed"]


def test_a_second_signal_ends_the_patience(matinee, app):
    """Who asks twice means at once: it is cut off, what must be closed is closed, and it is 0 (S-13)."""
    seen = []

    async def run(stop):
        os.kill(os.getpid(), signal.SIGTERM)
        await stop.wait()
        os.kill(os.getpid(), signal.SIGINT)
        try:
            await asyncio.sleep(main_.PATIENCE / 2)
        except asyncio.CancelledError:
            seen.append("cut off")
            raise

    app.run = run
    assert matinee("run", **READY)[0] == 0
    assert seen == ["cut off"]


def test_a_thread_that_hangs_does_not_hold_the_process(matinee, app, monkeypatch):
    """Nothing can cancel a thread, so that in the end the process goes without it (S-13)."""
    released, codes = threading.Event(), []
    monkeypatch.setattr(main_, "PATIENCE", 0.1)
    monkeypatch.setattr(main_, "LONGEST", 0.2)
    monkeypatch.setattr(main_.os, "_exit", lambda code: (codes.append(code), released.set()))

    async def run(_):
        os.kill(os.getpid(), signal.SIGTERM)
        await asyncio.to_thread(released.wait, 20)

    app.run = run
    matinee("run", **READY)
    assert codes == [0]


def test_a_fault_while_stopping_is_no_success(matinee, app):
    """What goes wrong on the way out isn't hidden behind the signal."""

    async def run(stop):
        os.kill(os.getpid(), signal.SIGTERM)
        await stop.wait()
        raise RuntimeError("on the way out")

    app.run = run
    assert matinee("run", **READY)[0] == 70


def test_sync_says_how_many_commands_there_are(matinee, app):
    """It needs a token and no provider."""

    async def sync(_):
        return 4

    app.sync = sync
    assert matinee("sync", DISCORD_TOKEN=TOKEN) == (0, "4 commands are registered with Discord.\n", "")


def test_check_prints_its_findings_and_ends_with_1(matinee):
    """One line each on stdout, in an order that can be read."""
    code, out, err = matinee("check")

    assert (code, err) == (1, "")
    assert [line.split()[1] for line in out.splitlines()] == [
        "settings", "DISCORD_TOKEN", "DATA_DIR", "database", "PUBLIC_URL",
    ]  # fmt: skip


def test_check_of_a_role_looks_at_what_it_needs(matinee):
    """Where callbacks are taken neither a token nor a key is missed; but a database for several is."""
    code, out, err = matinee("check", "--role", "callbacks")

    assert (code, err) == (1, "")
    assert ["settings"] == [line.split()[1] for line in out.splitlines() if line.split()[0] == "WRONG"]
    assert ["settings", "DATA_DIR", "database", "PUBLIC_URL"] == [
        line.split()[1] for line in out.splitlines()
    ]


def test_migrate_makes_the_tables(matinee):
    """The database is there afterwards, and a second time changes nothing."""
    first = matinee("migrate")
    assert (first[0], first[2]) == (0, "")
    assert first[1].startswith("The database's tables are up to date (")
    assert Path("data/matinee.db").exists()
    assert matinee("migrate") == first


def test_a_role_whose_files_no_other_machine_sees_is_a_warning_at_the_start(matinee, app):
    """It may be meant so, on one machine; the log says it once."""

    async def run(_):
        return None

    app.run = run
    code, _, err = matinee("run", "--role", "worker", **READY, **{**POSTGRES, "FILES_URL": ""})

    assert (code, err.count("\n")) == (0, 1)
    assert "kept in DATA_DIR, where no other machine sees them; set FILES_URL role=worker" in err


def test_a_slip_of_the_pen_is_a_warning_at_the_start(matinee, app):
    """The bot runs, and its log names the variable that does nothing."""

    async def run(_):
        return None

    app.run = run
    code, _, err = matinee("run", **READY, DAILY_VIDEO="3")

    assert (code, err.count("\n")) == (0, 1)
    assert "no such setting name=DAILY_VIDEO meant=DAILY_VIDEOS" in err


def test_a_command_that_is_none_is_2(matinee):
    """Click says what there is."""
    code, _, err = matinee("bogus")

    assert code == 2
    assert "No such command" in err


def test_the_version_is_told(matinee):
    """`--version` names the release."""
    assert matinee("--version") == (0, f"matinee, version {__version__}\n", "")


@pytest.mark.parametrize("words", [["-m", "bot"], ["-m", "bot", "run"]])
def test_it_starts_as_a_module_from_the_checkout(words, tmp_path):
    """`python -m bot` is the same program; a missing setting is one line there, too."""
    environ = {"PYTHONPATH": str(CHECKOUT), "PATH": os.environ["PATH"]}
    ended = subprocess.run(
        [sys.executable, *words], cwd=tmp_path, env=environ, capture_output=True, text=True, check=False
    )

    assert ended.returncode == (78 if "run" in words else 2)
    assert ended.stderr.count("\n") == 1 or "Usage: matinee" in ended.stderr
