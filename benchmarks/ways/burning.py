"""`matinee run` with a fire in its own process, which its surroundings light and put out.

Its settings are the environment's; `FIRE` says in JSON what burns from SIGUSR1 on: `transactions` a second
through the bot's own store, so many `films` at once through the real download and the real post, of `size`
bytes, from and to `port`, and `inspect`, one look at the whole file. SIGUSR2 puts it out; what it was is
then in the file `report`. Without a fire the same is measured.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import time
from collections import deque
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, cast

from discord.http import Route

from benchmarks.ways.streaming import Films, lags
from bot import running
from bot.__main__ import _kept, _start_log, _take_all_files
from bot.app import open_app
from bot.client import Matinee
from bot.settings import read_settings
from bot.signatures import Signer
from bot.store.readers import reading
from bot.store.seal import Inspection

if TYPE_CHECKING:
    from collections.abc import Coroutine

    from bot.house import House
    from bot.models import Generation
    from bot.running import App

ROWS: Final = 1_000
"""Waiting generations that are moved again and again."""
TICK: Final = 0.005
LATER: Final = timedelta(hours=4)


class Fire:
    """What burns in the bot's process."""

    def __init__(self, app: App, what: dict[str, Any]) -> None:
        self._app = app
        self._what = what
        self._rows: deque[Generation] = deque()
        self._moved = self._films = 0
        self._took: list[float] = []
        self._inspected = 0.0

    async def fetch_wood(self) -> None:
        """Read the rows that will be moved."""
        for number in range(ROWS if self._what.get("transactions") else 0):
            row = await self._app.store.get(f"{number * 7:016x}")
            assert row is not None
            self._rows.append(row)

    async def burn(self, lit: asyncio.Event, out: asyncio.Event) -> None:
        """Burn between two signals, and write down what was."""
        await self.fetch_wood()
        await lit.wait()
        seen: list[float] = []
        burning = [asyncio.create_task(one) for one in self._parts(seen)]
        began, cpu, moved, films = time.perf_counter(), time.process_time(), self._moved, self._films
        await out.wait()
        took = time.perf_counter() - began
        report = {
            "tx_per_s": (self._moved - moved) / took,
            "tx_p99": percentile(self._took, 99),
            "mb_per_s": (self._films - films) * self._what.get("size", 0) / 1e6 / took,
            "lag_p99": percentile(seen, 99),
            "lag_most": max(seen) * 1000,
            "cpu": (time.process_time() - cpu) / took,
            "inspected_s": self._inspected,
        }
        for one in burning:
            one.cancel()
            if one.done() and not one.cancelled() and one.exception():
                report["broken"] = repr(one.exception())
        draft = Path(self._what["report"] + ".part")
        draft.write_text(json.dumps(report))
        draft.rename(self._what["report"])

    def _parts(self, seen: list[float]) -> list[Coroutine[Any, Any, None]]:
        parts = [lags(seen)]
        if self._what.get("transactions"):
            parts.append(self._transactions(self._what["transactions"]))
        if self._what.get("films"):
            parts.append(self._stream(self._what["films"]))
        if self._what.get("inspect"):
            parts.append(self._inspect())
        return parts

    async def _transactions(self, rate: int) -> None:
        """Move rows at this rate, however long each takes."""
        began, begun = time.perf_counter(), 0
        async with asyncio.TaskGroup() as group:
            while True:
                due = int((time.perf_counter() - began) * rate) - begun
                begun += due
                for row in [self._rows.popleft() for _ in range(min(due, len(self._rows)))]:
                    group.create_task(self._move(row))
                await asyncio.sleep(TICK)

    async def _move(self, row: Generation) -> None:
        began, now = time.perf_counter(), datetime.now(UTC)
        self._rows.append(
            await self._app.store.move(row, now, due_at=now + LATER, progress=self._moved % 100)
        )
        self._moved += 1
        self._took.append(time.perf_counter() - began)

    async def _stream(self, count: int) -> None:
        """Bring films through without a pause, through a client of their own: its Discord is elsewhere."""
        client = Matinee(house=cast("House", None), signer=Signer(b"secret"), reference=str, extensions=())
        request, there = client.http.request, f"http://127.0.0.1:{self._what['port']}/api/v10"

        async def elsewhere(route: Route, **more: Any) -> Any:
            route.url = route.url.replace(Route.BASE, there, 1)
            return await request(route, **more)

        client.http.request = elsewhere  # type: ignore[method-assign]
        folder = Path(self._what["report"]).parent
        try:
            await client.login("token")
            films = Films(self._what["port"], folder, client)
            await asyncio.gather(*(self._one_after_the_other(films, number) for number in range(count)))
        finally:
            await client.close()

    async def _one_after_the_other(self, films: Films, number: int) -> None:
        while True:
            await films.ours(number, self._what["size"])
            self._films += 1

    async def _inspect(self) -> None:
        began = time.perf_counter()
        path = self._app.settings.data_dir / "matinee.db"
        look = Inspection(reading(path, thread=False), print)
        await look._look  # noqa: SLF001 - when it is through
        self._inspected = time.perf_counter() - began


def percentile(values: list[float], which: int) -> float:
    """Return it in milliseconds; 0 of nothing."""
    return sorted(values)[min(len(values) - 1, len(values) * which // 100)] * 1000 if values else 0.0


async def main() -> None:
    """Run the bot until SIGTERM."""
    settings = read_settings()
    _start_log(settings)
    loop, stop, lit, out = asyncio.get_running_loop(), asyncio.Event(), asyncio.Event(), asyncio.Event()
    for number, event in ((signal.SIGTERM, stop), (signal.SIGUSR1, lit), (signal.SIGUSR2, out)):
        loop.add_signal_handler(number, event.set)
    async with open_app(settings) as app:
        burning = asyncio.create_task(Fire(app, json.loads(os.environ["FIRE"])).burn(lit, out))
        await running.with_discord(app.run(stop))
        burning.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await burning


if __name__ == "__main__":
    with _kept():
        pass
    _take_all_files()
    asyncio.run(main())
