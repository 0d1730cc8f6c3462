"""Commands given through a modelled Discord in this process to a bot in another: how soon each is answered.

Given `directory` (with the bot's database), `commands`, `each_s` (so many a second), `fire` (as in
`burning`, or nothing), and `known`, a file that keeps the commands as `sync` registered them.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import json
import signal
import sqlite3
import time
from itertools import cycle
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from benchmarks.beside import beside
from benchmarks.harness import answer, given
from benchmarks.ways.burning import percentile
from benchmarks.ways.streaming import lags
from tests.e2e.member import Member
from tests.e2e.process import Program, free_port
from tests.e2e.wire import WireDiscord

if TYPE_CHECKING:
    from aiohttp import web

MEMBERS: Final = 40
WARM: Final = 40
"""Commands before those that count."""
SETTLES: Final = 0.5
PATIENCE: Final = 20.0
FILM: Final = "served"
PROMPT: Final = "a cat in the rain on a tin roof at night, close up, slow dolly in, neon lights"


class Clocked(WireDiscord):
    """A modelled Discord that notes when each interaction was told, deferred and answered."""

    def __init__(self) -> None:
        super().__init__()
        self.told: dict[str, float] = {}
        self.deferred: dict[str, float] = {}
        self.answered: dict[str, float] = {}
        self.own: list[float] = []
        """Seconds that the model took for those calls itself."""
        serve = self.rest.serve

        async def clocked(request: web.Request) -> web.StreamResponse:
            now, parts = time.perf_counter(), request.path.split("/")
            token = next((part for part in parts if part in self.told), None)
            if token is None:
                return await serve(request)
            since = self.deferred if parts[-1] == "callback" else self.answered
            since[token] = now - self.told[token]
            response = await serve(request)
            self.own.append(time.perf_counter() - now)
            assert response.status < 300, (request.path, response.status)
            return response

        self.rest.serve = clocked  # type: ignore[method-assign]


def settings(wire: Clocked, port: int, directory: Path) -> dict[str, str]:
    """Return an environment in which nobody has to wait for a place."""
    return {
        "DISCORD_TOKEN": wire.token,
        "DISCORD_API_URL": wire.api_url,
        "DISCORD_GATEWAY_URL": wire.gateway_url,
        "DATA_DIR": str(directory),
        "LISTEN": f"127.0.0.1:{free_port()}",
        "ADMIN_LISTEN": f"127.0.0.1:{free_port()}",
        "TRUSTED_HOSTS": f"127.0.0.1:{port}",
        "SECRET_KEY": "secret-key-of-a-benchmark",
        "SEEDANCE2INK_API_KEY": "key-of-a-benchmark",
        "SEEDANCE2INK_BASE_URL": f"http://127.0.0.1:{port}",
        "SEEDANCE2INK_CONCURRENCY": "1000",
        "DAILY_VIDEOS": "",
        "DAILY_SECONDS": "",
        "DAILY_REFUSALS": "",
        "CONCURRENT": "1000",
        "SERVER_CONCURRENT": "",
        "QUEUE_VIDEOS": "100000",
    }


async def commands(wire: Clocked, members: Any, many: int, each_s: float) -> list[str]:
    """Give commands at a rate, whatever becomes of them, and wait for all answers."""
    tokens, began = [], time.perf_counter()
    for number in range(many):
        token = next(members).slash("video", prompt=PROMPT, seconds=5).token
        wire.told[token] = time.perf_counter()  # its frame is sent as soon as we wait
        tokens.append(token)
        await asyncio.sleep(began + (number + 1) / each_s - time.perf_counter())
    await wire.until(lambda: all(one in wire.answered for one in tokens), within=PATIENCE, what="answers")
    return tokens


async def measure(asked: dict[str, Any]) -> dict[str, float]:
    """Start everything, warm it, light the fire, and give the commands."""
    directory, film = Path(asked["directory"]), Path(asked["directory"]) / FILM
    fire: dict[str, Any] = {**asked["fire"], "report": str(directory / "report.json")}
    film.write_bytes(bytes(range(250)) * (fire.get("size", 250) // 250))
    rate = [str(fire["rate"])] if "rate" in fire else []
    async with Clocked() as wire:
        with (  # what they complain of are films that are cut at the end
            beside("benchmarks.ways.outside", "unfinished", heard=False) as port,
            beside("benchmarks.ways.film_server", str(film), *rate, heard=False) as films,
        ):
            given_ = settings(wire, port, directory)
            fire["port"] = films
            await _register(wire, given_, Path(asked["known"]), directory)
            given_ |= {"FIRE": json.dumps(fire), "TRUSTED_HOSTS": f"127.0.0.1:{port}"}
            ready = f"http://{given_['ADMIN_LISTEN']}/readyz"
            async with Program(
                directory / "bot", given_, "-m", "benchmarks.ways.burning", ready=ready
            ) as bot:
                await bot.start()
                await wire.until(lambda: wire.gateway.connected, what="the bot")
                return await _under(wire, bot, asked, Path(fire["report"]))


async def _under(wire: Clocked, bot: Program, asked: dict[str, Any], report: Path) -> dict[str, float]:
    members = cycle([Member(wire, f"Member {number}") for number in range(MEMBERS)])
    await commands(wire, members, WARM, asked["each_s"])
    gc.collect()
    gc.freeze()
    process, late = bot._process, []  # noqa: SLF001
    assert process is not None
    process.send_signal(signal.SIGUSR1)
    lit = time.time()
    await asyncio.sleep(SETTLES)
    wire.own.clear()
    watch = asyncio.create_task(lags(late))
    tokens = await commands(wire, members, asked["commands"], asked["each_s"])
    watch.cancel()
    process.send_signal(signal.SIGUSR2)
    burned_s = time.time() - lit
    await wire.until(report.exists, what="what burned")
    assert not wire.rest.gaps, wire.rest.gaps
    answered = [wire.answered[one] for one in tokens]
    values = {
        "p99": percentile(answered, 99),
        "p50": percentile(answered, 50),
        "most": max(answered) * 1000,
        "deferred_p99": percentile([wire.deferred[one] for one in tokens], 99),
        "model_p50": 2 * percentile(wire.own, 50),
        "model_p99": percentile(wire.own, 99),
        "model_lag_p99": percentile(late, 99),
        "asked_per_s": _asked(Path(asked["directory"]), lit) / burned_s,
    }
    burned = json.loads(report.read_text())
    if "broken" in burned:
        raise RuntimeError(burned["broken"])
    return values | burned


def _asked(directory: Path, since: float) -> int:
    """Return how many generations the recovery run has asked their provider about."""
    with contextlib.closing(sqlite3.connect(directory / "matinee.db")) as file:
        query = "SELECT count(*) FROM generations WHERE asked_at >= ?"
        return int(file.execute(query, (int(since * 1e6),)).fetchone()[0])


async def _register(wire: Clocked, given_: dict[str, str], known: Path, directory: Path) -> None:
    """Let `sync` register the commands once, and tell later Discords."""
    if known.exists():
        wire.backend.register_commands(None, json.loads(known.read_text()))
        return
    async with Program(directory / "sync", given_, "-m", "bot", "sync") as sync:
        if await sync.run() != 0:
            raise RuntimeError(sync.tail)
    own = ("id", "application_id")
    every = [
        {name: value for name, value in one.items() if name not in own}
        for one in wire.backend.commands[None].values()
    ]
    known.write_text(json.dumps(every, default=str))


if __name__ == "__main__":
    answer(**asyncio.run(measure(given())))
