"""`matinee`, or `python -m bot`: what an operator types."""

from __future__ import annotations

import asyncio
import gc
import importlib
import logging
import os
import resource
import signal
import sys
import threading
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import click
import structlog

from bot import __version__, roles
from bot import settings as settings_
from bot.errors import DiscordUnreachable, KeepsFailing, MatineeError, SettingsError, StoreUnavailable
from bot.log import Redactor, set_up, visible
from bot.secret_key import secret_key

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Iterator
    from types import ModuleType

    from bot.roles import Duty
    from bot.settings import Settings

# The numbers are those of sysexits(3), which supervisors know.
UNAVAILABLE = 69
"""Discord or the database can't be reached: try again later."""
SOFTWARE = 70
"""A fault of ours; the log says more."""
CONFIG = 78
"""A setting is missing or wrong: trying again changes nothing."""

PATIENCE = 7.0
"""Seconds from the signal on that stopping may take; Docker kills after 10, we promise 8."""
LAST = 0.5
"""Seconds that what is cut off gets to close."""
LONGEST = 7.6
"""Seconds from the signal on after which the process goes, whatever still holds it."""
MANY_FILES = 65536
SECRETS = Redactor()
"""What no last line may hold."""


class Stopped(MatineeError):
    """A command can't go on: it says this one line and ends with this code."""

    def __init__(self, code: int, line: str) -> None:
        super().__init__(line)
        self.code = code


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="matinee")
def cli() -> None:
    """Matinee makes videos in Discord. Its settings come from the environment and from .env."""


@cli.command()
@click.option(
    "--role",
    metavar="gateway|worker|callbacks",
    help="Do only this part: take commands; move films by REST calls; take callbacks and serve files.",
)
@click.option("--shards", metavar="FIRST-LAST", help="Take the commands of these shards alone, as in 0-3.")
@click.option("--of", metavar="NUMBER", help="The number of all shards of the bot; --shards needs it.")
def run(role: str | None, shards: str | None, of: str | None) -> None:
    """Run the bot until SIGTERM or SIGINT.

    Without an option one process does everything. With PostgreSQL there may be any number of processes, on
    any number of machines: at least one of each role, or some that do everything.
    """
    for one in (signal.SIGTERM, signal.SIGINT):
        signal.signal(one, lambda *_: sys.exit(0))  # until the event loop takes over
    duty = roles.read_duty(role, shards, of)
    settings = settings_.read_settings()
    roles.require(settings, duty)
    _start_log(settings, secret_key(settings).decode(errors="replace"))
    for name, meant in settings_.misspelt().items():
        structlog.get_logger("matinee").warning("no such setting", name=name, meant=meant)
    if unseen := roles.lacks_files(settings, duty):
        structlog.get_logger("matinee").warning(unseen, role=duty.name)
    _take_all_files()
    _until_stopped(lambda stop: _run(settings, duty, stop))


async def _run(settings: Settings, duty: Duty, stop: asyncio.Event) -> None:
    with _kept():
        from bot import app, running  # noqa: PLC0415  a wrong setting is told before all this is loaded

    if duty.role is roles.Role.CALLBACKS:
        async with app.open_doorway(settings, duty) as doorway:
            await doorway.run(stop)
        return
    async with app.open_app(settings, duty) as matinee:
        await running.with_discord(matinee.run(stop))


@contextmanager
def _kept() -> Iterator[None]:
    """Load what stays: the collector doesn't look at it meanwhile, which takes a sixth of it, nor ever."""
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()


def _until_stopped(work: Callable[[asyncio.Event], Coroutine[Any, Any, None]]) -> None:
    """Do the work until it ends, or until a signal; then it has `PATIENCE` to end by itself.

    A second signal ends the patience: what is cut off then goes on at the next start, as after a crash.
    """
    with ExitStack() as limits:

        def leave_within(seconds: float) -> None:
            # A thread that hangs, at a name server say, can't be cancelled, and Python would wait for it.
            timer = threading.Timer(seconds, os._exit, (0,))
            timer.daemon = True
            timer.start()
            limits.callback(timer.cancel)
            for one in (signal.SIGTERM, signal.SIGINT):  # the event loop is gone then, and its own with it
                limits.callback(signal.signal, one, lambda *_: os._exit(0))

        asyncio.run(_work(work, leave_within))


async def _work(
    work: Callable[[asyncio.Event], Coroutine[Any, Any, None]], leave_within: Callable[[float], None]
) -> None:
    stop, hurry = asyncio.Event(), asyncio.Event()

    def told() -> None:
        leave_within(2 * LAST if stop.is_set() else LONGEST)
        (hurry if stop.is_set() else stop).set()

    loop = asyncio.get_running_loop()
    for one in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(one, told)
    working = loop.create_task(work(stop))
    waits = [loop.create_task(stop.wait()), loop.create_task(hurry.wait())]
    for waiting, patience in zip(waits, (None, PATIENCE), strict=True):
        await asyncio.wait({working, waiting}, timeout=patience, return_when=asyncio.FIRST_COMPLETED)
        waiting.cancel()
    if not working.done():
        working.cancel()
        await asyncio.wait({working}, timeout=LAST)
        return
    working.result()


@cli.command()
def sync() -> None:
    """Tell Discord about the commands: once, and after an update that changes them."""
    settings = settings_.read_settings()
    settings_.require_token(settings)
    _start_log(settings, secret_key(settings).decode(errors="replace"))

    async def register() -> int:
        from bot import app, running  # noqa: PLC0415  a wrong setting is told before all this is loaded

        return await running.with_discord(app.sync(settings))

    click.echo(f"{asyncio.run(register())} commands are registered with Discord.")


@cli.command()
@click.option("--role", metavar="gateway|worker|callbacks", help="Look only at what this role needs.")
def check(role: str | None) -> None:
    """Say in one line each whether everything is set up right, and how to mend what isn't."""
    from bot import check as check_  # noqa: PLC0415  a wrong setting is told before all this is loaded

    duty = roles.read_duty(role, None, None)
    settings = settings_.read_settings()
    _start_log(settings, level="CRITICAL")
    findings = asyncio.run(check_.check(settings, misspelt=settings_.misspelt(), duty=duty))
    for finding in findings:
        click.echo(str(finding))
    sys.exit(check_.exit_code(findings))


@cli.command()
def migrate() -> None:
    """Bring the database's tables up to date. `run` does it by itself."""
    from bot import store  # noqa: PLC0415  a wrong setting is told before all this is loaded

    settings = settings_.read_settings()
    _start_log(settings)
    address = settings.database_url.get_secret_value() if settings.database_url else None
    revision = asyncio.run(store.migrate(address, settings.data_dir))
    click.echo(f"The database's tables are up to date ({revision}).")


@cli.command()
@click.option("--once", is_flag=True, help="Let scripted members make films, judge them, and end.")
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("films"),
    show_default=True,
    help="Where --once puts the films.",
)
@click.option("--seed", type=click.IntRange(0), help="A number that makes --once repeatable.")
@click.option("--port", type=click.IntRange(0, 65535), help="The page's port; left out: any free one.")
@click.option(
    "--locale",
    default="en-US",
    show_default=True,
    help="The language of the server and its members, as Discord calls it.",
)
def demo(*, once: bool, out: Path, seed: int | None, port: int | None, locale: str) -> None:
    """Show the whole bot with a modelled Discord and modelled providers: no token, no key, no cost."""
    set_up(level="WARNING", form="console", redactor=Redactor(), stream=sys.stderr)
    command = _of_the_demo("bot.demo.command")
    sys.exit(asyncio.run(command.run_demo(once=once, out=out, seed=seed, port=port, locale=locale)))


@cli.command("stand-ins")
@click.option("--host", default="127.0.0.1", show_default=True, help="Where they listen.")
@click.option(
    "--port", type=click.IntRange(0, 65533), default=9100, show_default=True, help="The first port of three."
)
@click.option("--seed", type=click.IntRange(0), help="A number that makes ids and times repeatable.")
def stand_ins(*, host: str, port: int, seed: int | None) -> None:
    """Serve the three providers' stand-ins, and print the settings that point a bot at them."""
    set_up(level="WARNING", form="console", redactor=Redactor(), stream=sys.stderr)
    served = _of_the_demo("bot.demo.stand_ins")

    async def serve(stop: asyncio.Event) -> None:
        serving = asyncio.create_task(served.serve(host, port, seed=seed, say=click.echo))
        stopping = asyncio.create_task(stop.wait())
        await asyncio.wait({serving, stopping}, return_when=asyncio.FIRST_COMPLETED)
        stopping.cancel()
        serving.cancel()
        with suppress(asyncio.CancelledError):
            await serving

    try:
        _until_stopped(serve)
    except OSError as error:
        reason = os.strerror(error.errno or 0).lower()
        line = f"--port: {port} and the next two can't all be listened on ({reason}); choose another"
        raise Stopped(CONFIG, line) from None


def _of_the_demo(name: str) -> ModuleType:
    """Import what only the demo needs."""
    logging.disable(logging.WARNING)  # SimCord tries discord.py with a client of its own, which warns
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as missing:
        if (missing.name or "").partition(".")[0] in {"bot", "cogs"}:
            raise
        line = f"The demo needs {missing.name}, which isn't installed. From a checkout, use: make demo"
        raise Stopped(UNAVAILABLE, line) from None
    finally:
        logging.disable(logging.NOTSET)


def _start_log(settings: Settings, *more_secrets: str, level: str | None = None) -> None:
    SECRETS.add(*settings.secret_values(), *more_secrets)
    redactor = Redactor([*settings.secret_values(), *more_secrets])
    set_up(level=level or settings.log_level, form=settings.log_format, redactor=redactor, stream=sys.stderr)


def _take_all_files() -> None:
    """Open as many files as we may: every connection is one."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = MANY_FILES if most == resource.RLIM_INFINITY else min(most, MANY_FILES)
    resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, most))


def main() -> NoReturn:
    """Run a command. What stops it is one line on stderr and an exit code, never a traceback."""
    try:
        cli(prog_name="matinee")
    except SettingsError as error:
        code, line = CONFIG, str(error)
    except Stopped as error:
        code, line = error.code, str(error)
    except DiscordUnreachable as error:
        code, line = UNAVAILABLE, str(error)
    except KeepsFailing as error:
        code, line = SOFTWARE, str(error)
    except StoreUnavailable as error:
        why = visible(SECRETS.clean(str(error)))
        line = f"The database can't be opened ({why}); is it reachable, is there room, may its user write?"
        code = UNAVAILABLE
    except Exception:  # noqa: BLE001  a traceback on stderr wouldn't be cleaned of secrets: the log is
        if not structlog.is_configured():
            set_up(level="WARNING", form="console", redactor=Redactor(), stream=sys.stderr)
        structlog.get_logger("matinee").exception("stopped by a fault of its own")
        raise SystemExit(SOFTWARE) from None
    click.echo(f"matinee: {line}", err=True)
    raise SystemExit(code)


if __name__ == "__main__":
    main()
