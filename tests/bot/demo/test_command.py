"""The demo runs the real bot: its films are what was asked for, or the exit code says that they aren't."""

from __future__ import annotations

import asyncio
import io
import os
import random
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from rich.console import Console

from bot.demo.command import WIDE, free_ports, open_demo, perform, run_demo, settings
from bot.demo.script import USES, write
from bot.demo.stand_ins import StandIns
from bot.demo.stand_ins.records import Fault, FaultKind
from bot.demo.verdict import watch
from bot.errors import SettingsError
from bot.models import Mode
from bot.providers.capabilities import CAPABILITIES
from bot.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.demo.script import Ask

ROOT = Path(__file__).parents[3]
QUICK = (0.1, 0.3)
LIMITS = ("daily_videos", "daily_seconds", "concurrent")
EVERY = [model for models in CAPABILITIES.values() for model in models.values()]


@pytest.fixture
def console() -> Console:
    """Print into a string."""
    return Console(file=io.StringIO(), width=WIDE)


def said(console: Console) -> str:
    """Return what was printed."""
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def text_asks(*providers: str) -> Sequence[Ask]:
    """Return one command without files for each provider."""
    asks = write(EVERY, random.Random(3))
    return [ask for ask in asks if ask.mode is Mode.TEXT and ask.provider in providers]


async def test_the_whole_script_comes_out_right(tmp_path: Path, console: Console) -> None:
    """Every provider, every mode, default limits: each film arrives, plays, is as asked for, and is kept."""
    assert await run_demo(once=True, out=tmp_path / "films", seed=7, console=console) == 0, said(console)
    kept = sorted((tmp_path / "films").iterdir())
    assert len(kept) == len(CAPABILITIES) * len(USES)
    rows = said(console).splitlines()
    for film in kept:
        assert watch(film.read_bytes()).frames > 0
        assert sum(film.name in row for row in rows) == 1


async def test_a_film_that_does_not_come_fails_the_demo(tmp_path: Path, console: Console) -> None:
    """The failing row is named, the others are kept, the exit code is 1."""
    async with open_demo(pace=QUICK, seed=1) as demo:
        demo.stand_ins.order(
            Fault(kind=FaultKind.FAILURE, provider="maxapi", reason="moderation", times=None)
        )
        asks = text_asks("maxapi", "evolink")
        assert await perform(demo, asks, tmp_path, console) == 1
    assert [film.name for film in tmp_path.iterdir()] == [asks[1].file_name]
    assert "maxapi, seedance-2.0, text: no film; the member was told: " in said(console)
    assert "1 of 2 are not what was asked for." in said(console)


async def test_a_film_that_is_something_else_fails_the_demo(
    tmp_path: Path, console: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    """That a film came is not enough."""
    async with open_demo(pace=QUICK, seed=1) as demo:
        (ask,) = text_asks("evolink")
        monkeypatch.setattr("bot.demo.verdict.PIXELS", {ask.resolution: {ask.ratio: (2, 2)}})
        assert await perform(demo, [ask], tmp_path, console) == 1
    assert "instead of 2 × 2" in said(console)


async def test_the_limits_are_the_default_ones(tmp_path: Path) -> None:
    """What members may do in the demo is what they may do anywhere."""
    async with StandIns() as stand_ins:
        ours = settings(stand_ins, tmp_path)
    assert {name: getattr(ours, name) for name in LIMITS} == {
        name: Settings.model_fields[name].default for name in LIMITS
    }


def test_free_ports_are_different() -> None:
    """Ports that are chosen together don't collide."""
    assert len(set(free_ports(8))) == 8


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
async def test_it_ends_cleanly_when_told_to(how: signal.Signals) -> None:
    """Ctrl-C and SIGTERM end stand-ins, bot, Discord and page within 8 s, with 0 and no word of an error."""
    program = "import asyncio, sys; from bot.demo.command import run_demo; sys.exit(asyncio.run(run_demo()))"
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", program, cwd=ROOT, env={**os.environ, "PYTHONUNBUFFERED": "1"},
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    assert process.stdout is not None
    printed = b""
    async with asyncio.timeout(60):
        while b"Ctrl-C ends it all" not in printed:
            line = await process.stdout.readline()
            assert line, printed
            printed += line
    process.send_signal(how)
    async with asyncio.timeout(8):
        rest, _ = await process.communicate()
    assert (process.returncode, rest.strip()) == (0, b"Ending ..."), rest.decode()
    assert b"http://127.0.0.1:" in printed


async def test_an_unknown_language_is_named() -> None:
    """One line says which there are."""
    with pytest.raises(SettingsError, match=r"^--locale: tlh has no texts; choose one of en-US"):
        await run_demo(locale="tlh")


async def test_a_server_and_its_members_speak_the_language_that_is_asked_for() -> None:
    """Commands and the server itself tell it to the bot."""
    async with open_demo(pace=QUICK, locale="zh-CN") as demo:
        guild = demo.server.env.bot.guilds[0]
        assert str(guild.preferred_locale) == "zh-CN"
        assert set(demo.server.amendments.languages) == {member.id for member in demo.server.members.values()}


async def test_the_moderator_runs_the_bot() -> None:
    """She is shown what its operators see; a member isn't taken for one."""
    async with open_demo(pace=QUICK) as demo:
        told = await demo.server.command("noor", "admin status")
        assert "Machine" in told
        assert demo.server.members["mira"].id not in demo.app.client.operators
