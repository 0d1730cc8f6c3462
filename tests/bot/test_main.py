"""Laws of `python -m bot`: what stops a command is one line and an exit code; a signal ends it cleanly."""

import asyncio
import logging
import os
import resource
import signal
import socket
import subprocess
import sys
import threading
from contextlib import asynccontextmanager
from pathlib import Path
from types import SimpleNamespace

import discord
import pytest
import structlog
from aiohttp import ClientConnectionError

from bot import __main__ as main_
from bot import __version__
from bot.errors import KeepsFailing, SettingsError, StoreUnavailable
from bot.log import QUIET

CHECKOUT = Path(__file__).parents[2]
TOKEN = "cAnArY.token"


@pytest.fixture(autouse=True)
def process(tmp_path, monkeypatch):
    """Give each test a folder without settings, and put logging, signals and limits back."""
    root = logging.getLogger()
    levels = {name: logging.getLogger(name).level for name in QUIET}
    handlers, level = root.handlers[:], root.level
    signals = {one: signal.getsignal(one) for one in (signal.SIGTERM, signal.SIGINT)}
    files = resource.getrlimit(resource.RLIMIT_NOFILE)
    monkeypatch.chdir(tmp_path)
    for name in ("DISCORD_TOKEN", "EVOLINK_API_KEY", "DATA_DIR", "DATABASE_URL"):
        monkeypatch.delenv(name, raising=False)
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    for name, one in levels.items():
        logging.getLogger(name).setLevel(one)
    logging.captureWarnings(False)
    structlog.reset_defaults()
    for number, handler in signals.items():
        signal.signal(number, handler)
    resource.setrlimit(resource.RLIMIT_NOFILE, files)


@pytest.fixture
def matinee(monkeypatch, capsys):
    """Return a function that runs a command and returns its code and what it said."""

    def type_(*words, **variables):
        for name, value in variables.items():
            monkeypatch.setenv(name, value)
        monkeypatch.setattr(sys, "argv", ["matinee", *words])
        with pytest.raises(SystemExit) as ended:
            main_.main()
        said = capsys.readouterr()
        code = ended.value.code
        return (0 if code is None else code), said.out, said.err

    return type_


@pytest.fixture
def app(monkeypatch):
    """Put a stand-in in the app's place: what it does is the test's to say."""
    doings = SimpleNamespace(run=None, sync=None, opened=0)

    @asynccontextmanager
    async def open_app(_settings):
        doings.opened += 1
        yield SimpleNamespace(run=doings.run)

    async def sync(settings):
        return await doings.sync(settings)

    import bot.app

    monkeypatch.setattr(bot.app, "open_app", open_app)
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
        (StoreUnavailable(TOKEN), 69, "The database can't be opened"),
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


def test_migrate_makes_the_tables(matinee):
    """The database is there afterwards, and a second time changes nothing."""
    first = matinee("migrate")
    assert (first[0], first[2]) == (0, "")
    assert first[1].startswith("The database's tables are up to date (")
    assert Path("data/matinee.db").exists()
    assert matinee("migrate") == first


def test_the_demo_without_its_packages_is_one_sentence(matinee, monkeypatch):
    """What is missing is named, with what to do."""
    monkeypatch.setitem(sys.modules, "bot.demo.command", None)
    real = main_.importlib.import_module

    def without(name):
        if name == "bot.demo.command":
            raise ModuleNotFoundError("No module named 'simcord'", name="simcord")
        return real(name)

    monkeypatch.setattr(main_.importlib, "import_module", without)
    assert matinee("demo") == (
        69,
        "",
        "matinee: The demo needs simcord, which isn't installed. From a checkout, use: make demo\n",
    )


def test_a_module_of_ours_that_is_missing_is_a_fault(monkeypatch):
    """A broken installation isn't called a missing extra."""

    def without(name):
        raise ModuleNotFoundError(name, name=name)

    monkeypatch.setattr(main_.importlib, "import_module", without)
    with pytest.raises(ModuleNotFoundError):
        main_._of_the_demo("bot.demo.command")


def test_the_demo_gets_its_options_and_ends_with_its_code(matinee, monkeypatch):
    """What was typed arrives, and the demo's own code is the command's."""
    asked = {}

    async def run_demo(**options):
        asked.update(options)
        return 3

    monkeypatch.setattr(main_, "_of_the_demo", lambda _: SimpleNamespace(run_demo=run_demo))
    typed = ("--once", "--out", "there", "--seed", "7", "--port", "0", "--locale", "zh-CN")
    code, _, _ = matinee("demo", *typed)

    assert code == 3
    assert asked == {"once": True, "out": Path("there"), "seed": 7, "port": 0, "locale": "zh-CN"}


def test_stand_ins_serve_until_a_signal(matinee, monkeypatch):
    """They listen where they are told, and SIGTERM ends them with 0."""
    asked = []

    async def serve(host, port, *, seed, say):
        say("ready")
        asked.append((host, port, seed))
        os.kill(os.getpid(), signal.SIGTERM)
        await asyncio.Event().wait()

    monkeypatch.setattr(main_, "_of_the_demo", lambda _: SimpleNamespace(serve=serve))

    assert matinee("stand-ins", "--port", "9200") == (0, "ready\n", "")
    assert asked == [("127.0.0.1", 9200, None)]


def test_stand_ins_without_their_ports_are_one_line_and_78(matinee):
    """A port that is taken is named with its remedy."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        code, out, err = matinee("stand-ins", "--port", str(min(port, 65533)))

    assert (code, out, err.count("\n")) == (78, "", 1)
    assert "--port" in err
    assert "choose another" in err


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
