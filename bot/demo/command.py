"""`matinee demo`: the whole bot against a modelled Discord and local stand-ins, to look at or by itself.

Real: the bot's cogs and command tree, its database, HTTP on loopback to the stand-ins, their callbacks to the
bot's listener, the download, the posted file. Modelled: Discord and the three providers.
"""

from __future__ import annotations

import asyncio
import random
import secrets
import signal
import socket
import sys
import tempfile
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from rich.console import Console
from simcord.backend.cdn import CDN_BASE

from bot.app import open_app, utc_now
from bot.demo.local_discord import PEOPLE, open_discord
from bot.demo.members import play
from bot.demo.page import open_page
from bot.demo.script import deal, write
from bot.demo.stand_ins import KEYS, PACE, StandIns
from bot.demo.table import table
from bot.demo.verdict import Verdict, judge
from bot.errors import SettingsError
from bot.i18n import ENGLISH, languages
from bot.settings import read_settings

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Coroutine, Iterator, Sequence
    from datetime import datetime

    from bot.demo.local_discord import LocalDiscord
    from bot.demo.members import Outcome
    from bot.demo.script import Ask
    from bot.running import App
    from bot.settings import Settings

PATIENCE: Final = timedelta(minutes=3)
"""How long a scripted member waits for one film."""
BRISK: Final = (2.0, 4.0)
"""Seconds that a film takes at a stand-in when nobody watches."""
INTERRUPTED: Final = 130
WIDE: Final = 200
"""Columns, where no terminal says how many there are."""
WORTH_A_TRY: Final = (
    "/video      prompt: a paper boat in the rain",
    "/video      with a picture as image, or with image and last_image",
    "/reference  with a picture or two, or with a picture, a clip and a sound",
    "/videos and /usage",
    "right-click a message for its Apps; + posts a file",
)


@dataclass(frozen=True, slots=True)
class Demo:
    """The bot at work between a modelled Discord and the stand-ins."""

    app: App
    server: LocalDiscord
    stand_ins: StandIns


async def run_demo(
    *,
    once: bool = False,
    out: Path = Path("films"),
    seed: int | None = None,
    port: int | None = None,
    locale: str = ENGLISH,
    console: Console | None = None,
) -> int:
    """Run the demo and return the exit code.

    `once`: scripted members use every provider in every mode, their films are written to `out`, and the code
    is 0 only if every film came and is what was asked for. Otherwise a page is served on `port` (or on any
    free one) until SIGINT or SIGTERM. `seed` makes prompts, options, files, times and films repeatable.
    `locale` is the language of the server and everybody on it, as Discord calls it.

    Raises `SettingsError` for a language without texts.
    """
    if locale not in languages():
        raise SettingsError(f"--locale: {locale} has no texts; choose one of {', '.join(languages())}")
    console = console or Console(width=None if sys.stdout.isatty() else WIDE)
    with _ended_by_signals() as stop:
        if once:
            return await _until(stop, _perform(out, seed, locale, console))
        async with (
            open_demo(pace=PACE, seed=seed, locale=locale) as demo,
            open_page(demo.server, port=port) as url,
        ):
            _invite(url, console)
            await stop.wait()
            console.print("Ending ...")
        return 0


def _invite(url: str, console: Console) -> None:
    console.print("\nMatinee is running against a modelled Discord. Open this page:\n", style="bold")
    console.print(f"    {url}\n", soft_wrap=True)
    console.print("Type in #cinema:")
    for line in WORTH_A_TRY:
        console.print(f"    {line}", highlight=False)
    console.print("\nA film takes 5 to 20 seconds. Ctrl-C ends it all.\n")


async def _until(stop: asyncio.Event, work: Coroutine[object, object, int]) -> int:
    """Return the work's own code, or that it was interrupted."""
    working, stopping = asyncio.create_task(work), asyncio.create_task(stop.wait())
    await asyncio.wait({working, stopping}, return_when=asyncio.FIRST_COMPLETED)
    stopping.cancel()
    if working.done():
        return working.result()
    working.cancel()
    await asyncio.gather(working, return_exceptions=True)
    return INTERRUPTED


async def _perform(out: Path, seed: int | None, locale: str, console: Console) -> int:
    seed = secrets.randbelow(10_000) if seed is None else seed
    async with open_demo(pace=BRISK, seed=seed, locale=locale) as demo:
        chance = random.Random(seed)  # noqa: S311 -- a script, not a secret
        asks = write(demo.app.generations.capabilities(), chance)
        members = len(demo.server.members)
        console.print(f"{len(asks)} films for {members} members. --seed {seed} asks for the same again.")
        return await perform(demo, asks, out, console)


async def perform(demo: Demo, asks: Sequence[Ask], out: Path, console: Console) -> int:
    """Let the members ask, keep the films in `out`, print the table; return 0 only if all is as asked for."""
    members = demo.server.members

    def told(outcome: Outcome) -> None:
        came = "a film" if outcome.film else "no film"
        console.print(
            f"{outcome.member}: {came} by {outcome.ask.provider}, {outcome.ask.use}", highlight=False
        )

    outcomes = await play(demo.server, deal(asks, list(members)), patience=PATIENCE, told=told)
    verdicts = [
        await asyncio.to_thread(judge, outcome, members[outcome.member].id, demo.stand_ins.ledger)
        for outcome in outcomes
    ]
    await asyncio.to_thread(_keep, outcomes, out)
    console.print(table(verdicts))
    return _sum_up(verdicts, out, console)


def _keep(outcomes: Sequence[Outcome], out: Path) -> None:
    out.mkdir(parents=True, exist_ok=True)
    for outcome in outcomes:
        if outcome.film:
            (out / outcome.ask.file_name).write_bytes(outcome.film[1])


def _sum_up(verdicts: Sequence[Verdict], out: Path, console: Console) -> int:
    wrong = [verdict for verdict in verdicts if verdict.faults]
    for verdict in wrong:
        ask = verdict.outcome.ask
        console.print(f"{ask.provider}, {ask.model}, {ask.use}: {'; '.join(verdict.faults)}", style="red")
    if wrong:
        console.print(f"{len(wrong)} of {len(verdicts)} are not what was asked for.", style="bold red")
        return 1
    console.print(f"All {len(verdicts)} films came as asked for. They are in {out}.")
    return 0


@asynccontextmanager
async def open_demo(
    *,
    pace: tuple[float, float],
    seed: int | None = None,
    locale: str = ENGLISH,
    clock: Callable[[], datetime] = utc_now,
) -> AsyncIterator[Demo]:
    """Start the stand-ins, the bot and Discord, in this order, with nothing kept; end them in reverse."""
    async with AsyncExitStack() as stack:
        data_dir = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="matinee-demo-")))
        stand_ins = await stack.enter_async_context(StandIns(pace=pace, seed=seed))
        app = await stack.enter_async_context(open_app(settings(stand_ins, data_dir), clock=clock))
        server = await stack.enter_async_context(open_discord(app.client, clock=app.clock, locale=locale))
        moderators = (server.members[person.name].id for person in PEOPLE if person.moderator)
        app.client.operators = frozenset(moderators)  # so that they see what operators see
        await stack.enter_async_context(app.serving())
        await app.client.tree.sync()
        yield Demo(app, server, stand_ins)


def settings(stand_ins: StandIns, data_dir: Path) -> Settings:
    """Point the bot at the stand-ins; the limits are the default ones."""
    listen, admin = (f"127.0.0.1:{port}" for port in free_ports(2))
    hosts = {listen, urlsplit(CDN_BASE).netloc}
    environ = {
        "DATA_DIR": str(data_dir),
        "PUBLIC_URL": f"http://{listen}",
        "LISTEN": listen,
        "ADMIN_LISTEN": admin,
    }
    for name, key in KEYS.items():
        address = stand_ins.base_url(name)
        hosts.add(urlsplit(address).netloc)
        environ |= {f"{name.upper()}_BASE_URL": address, f"{name.upper()}_API_KEY": key}
    environ |= {"TRUSTED_HOSTS": ",".join(sorted(hosts)), "POLL_MIN": "1", "POLL_MAX": "2"}
    return read_settings(environ, env_file=None)


def free_ports(count: int) -> list[int]:
    """Return ports on 127.0.0.1 that nobody listens on just now."""
    held = [socket.socket() for _ in range(count)]
    try:
        for each in held:
            each.bind(("127.0.0.1", 0))
        return [each.getsockname()[1] for each in held]
    finally:
        for each in held:
            each.close()


@contextmanager
def _ended_by_signals() -> Iterator[asyncio.Event]:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for each in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(each, stop.set)
    try:
        yield stop
    finally:
        for each in (signal.SIGINT, signal.SIGTERM):
            loop.remove_signal_handler(each)
