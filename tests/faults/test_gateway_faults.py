"""Whatever becomes of the connection to Discord's gateway: films go on, and no command counts twice."""

from __future__ import annotations

import asyncio
import json
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from structlog.testing import capture_logs

from bot import running
from bot.app import open_app
from bot.demo.stand_ins import StandIns
from bot.errors import DiscordUnreachable, SettingsError
from bot.settings import read_settings
from tests.bot.media.files import draw
from tests.cogs.modelled import register
from tests.e2e.house import PROVIDERS, key_of, settings
from tests.e2e.member import Member
from tests.e2e.wire import WireDiscord
from tests.e2e.wire_gateway import INVALID_SESSION, RECONNECT
from tests.faults.lobby import redirect

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from bot.running import App

MANY = {"DAILY_VIDEOS": "99", "DAILY_SECONDS": "999", "CONCURRENT": "99", "EVOLINK_CONCURRENCY": "99"}


@dataclass
class Evening:
    """The whole bot in this process, connected to a modelled Discord and to a modelled provider."""

    wire: WireDiscord
    stand_ins: StandIns
    app: App
    ada: Member

    async def ask(self) -> None:
        """Ask for a film, and wait for the private answer."""
        assert (await self.ada.slash("video", prompt="a paper boat", seconds=5).said()).ephemeral

    async def films(self, count: int) -> None:
        """Wait until there are so many films, and none but these."""
        await self.wire.until(lambda: len(self.wire.films()) >= count, what=f"{count} films")
        assert [count] * 2 == [len(self.wire.films()), len(self.stand_ins.ledger.tasks)]

    async def ready(self, sessions: int, resumes: int = 0) -> None:
        """Wait until the bot has been let in for the so many-th time, and has resumed so often."""
        gateway = self.wire.gateway
        await self.wire.until(
            lambda: gateway.begun >= sessions and gateway.resumed >= resumes and gateway.connected,
            what="a session",
        )


@asynccontextmanager
async def an_evening(folder, patch) -> AsyncIterator[Evening]:
    """Prepare one: the bot is built and doesn't run yet."""
    small = folder / "small.mp4"
    draw(small, size=(64, 48), seconds=0.5)

    async def film(_):
        return small.read_bytes()

    async with (
        WireDiscord() as wire,
        StandIns(keys={name: key_of(name) for name in PROVIDERS}, pace=0.2, film=film) as stand_ins,
    ):
        redirect(wire, patch)
        environment = settings(wire, stand_ins, folder, ("evolink",)) | MANY
        async with open_app(read_settings(environment, env_file=None)) as app:
            yield Evening(wire, stand_ins, app, Member(wire))
        assert wire.rest.gaps == []


@pytest.fixture
async def prepared(tmp_path, monkeypatch):
    """Yield an evening before its begin."""
    async with an_evening(tmp_path, monkeypatch) as one:
        yield one


@pytest.fixture
async def evening(prepared):
    """Yield one with the bot running and its commands registered."""
    stop = asyncio.Event()
    serving = asyncio.create_task(prepared.app.run(stop))
    await prepared.ready(1)
    await register(prepared.app.client)
    yield prepared
    stop.set()
    await serving


RESUMED = (1000, 1001, 4000, 4001, 4002, 4003, 4005, 4007, 4008, 4009, "op 7", "op 9, resumable", "hung up")
"""Ends of a connection after which Discord still knows the session; numbers are close codes."""
BEGUN_ANEW = ("op 9", "forgotten")


async def end(evening, how):
    """End the connection in one way."""
    gateway = evening.wire.gateway
    match how:
        case "op 7":
            await gateway.tell(RECONNECT)
        case "op 9, resumable":
            await gateway.tell(INVALID_SESSION, True)
        case "op 9":
            await gateway.tell(INVALID_SESSION, False)
        case "hung up":
            gateway.hang_up()
        case "forgotten":
            await gateway.forget_sessions()
        case _:
            await gateway.disconnect(how)


async def test_films_go_on_and_commands_come_through_whatever_ends_the_connection(evening):
    """Each close code, op 7 and op 9 while a film is made: none is lost, none made twice (D-13)."""
    sessions, asked = 1, 0
    for number, how in enumerate((*RESUMED, *BEGUN_ANEW)):
        resumes = evening.wire.gateway.resumed + (how in RESUMED)
        sessions += how in BEGUN_ANEW
        if number % 2 == 0:  # its provider takes no more than ten at once
            await evening.ask()
            asked += 1
        await end(evening, how)
        await evening.ready(sessions, resumes)

    await evening.films(asked)
    assert sessions == evening.wire.gateway.begun


async def test_a_gateway_that_says_nothing_any_more_keeps_no_film_waiting(prepared):
    """No heartbeat is answered: the film comes all the same, and the bot connects anew (D-13)."""
    gateway, client = prepared.wire.gateway, prepared.app.client
    gateway.heartbeat_ms, client._connection.heartbeat_timeout = 50, 0.2
    stop = asyncio.Event()
    serving = asyncio.create_task(prepared.app.run(stop))
    await prepared.ready(1)
    await register(client)
    await prepared.ask()
    gateway.fall_silent()

    await prepared.films(1)
    await prepared.ready(1, resumes=1)
    await prepared.ask()
    await prepared.films(2)
    stop.set()
    await serving


async def test_an_interaction_that_is_replayed_makes_nothing_twice(evening):
    """A connection that is resumed may bring a command again: one film, one charge (D-13)."""
    await evening.ask()
    session = next(iter(evening.wire.gateway.sessions.values()))
    frame = next(frame for frame in map(json.loads, session.sent) if frame["t"] == "INTERACTION_CREATE")
    session.dispatch("INTERACTION_CREATE", frame["d"])
    await evening.wire.gateway.disconnect(4000)
    session.dispatch("INTERACTION_CREATE", frame["d"])

    await evening.ask()
    await evening.films(2)
    assert 2 == sum((await evening.app.store.counts()).values())


@pytest.mark.parametrize(
    ("path", "status", "code", "films"),
    [
        ("/interactions/*", 404, 10062, 0),
        ("/interactions/*", 400, 40060, 0),
        ("/webhooks/*", 401, 50027, 1),
        ("/webhooks/*", 404, 10015, 1),
    ],
)
async def test_an_answer_that_nobody_can_get_any_more_ends_nothing(evening, path, status, code, films):
    """Too late, twice, or with a dead token: no fault of ours, no logout, and the film comes (D-10)."""
    fault = evening.wire.fault("*", path, "refuse", status=status, code=code)
    with capture_logs() as logged:
        evening.ada.slash("video", prompt="a paper boat", seconds=5)
        await evening.wire.until(fault.reached.is_set, what="an answer")
        await evening.ask()
        await evening.films(films + 1)

    assert [] == [each for each in logged if each["log_level"] == "error" and code != 10015]
    assert 1 == evening.wire.gateway.begun


@pytest.mark.parametrize("code", sorted(running.REFUSED_BY_THE_GATEWAY))
@pytest.mark.parametrize("signalled", [True, False])
async def test_a_bot_that_the_gateway_refuses_ends_slowly_with_one_sentence(
    prepared, monkeypatch, code, signalled
):
    """One IDENTIFY, and no end before two minutes are over, so that no supervisor uses them up (D-14)."""
    assert timedelta(days=1) / running.REST < 1000
    if not signalled:
        monkeypatch.setattr(running, "REST", timedelta(seconds=0.01))
    stop = asyncio.Event()
    with capture_logs() as logged:
        serving = asyncio.create_task(running.with_discord(prepared.app.run(stop)))
        await prepared.ready(1)
        await prepared.wire.gateway.disconnect(code)
        await prepared.wire.until(lambda: "which ends soon" in str(logged), what="the last word")
        if signalled:
            assert serving.done() is False
            stop.set()
        with pytest.raises(SettingsError, match=f"refuses the bot .code {code}."):
            await serving

    assert 1 == prepared.wire.gateway.begun


async def test_a_bot_that_is_shut_out_when_it_starts_does_not_call_again_and_again(prepared):
    """It ends when the pause is over, so that no supervisor prolongs it (D-02)."""
    prepared.wire.fault("GET", "/users/@me", "refuse", status=429, via=False)
    stop = asyncio.Event()
    with capture_logs() as logged:
        serving = asyncio.create_task(running.with_discord(prepared.app.run(stop)))
        await prepared.wire.until(lambda: "which ends soon" in str(logged), what="the last word")
        assert serving.done() is False
        stop.set()
        with pytest.raises(DiscordUnreachable, match="Discord answered 429"):
            await serving

    assert 1 == len(prepared.wire.rest.calls)
    assert {599, 600} >= {each["seconds"] for each in logged if "seconds" in each}
