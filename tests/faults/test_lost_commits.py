"""The connection to PostgreSQL is cut in the middle of a COMMIT: nobody knows whether it was carried out."""

from __future__ import annotations

import asyncio
import contextlib
from urllib.parse import parse_qs, urlsplit

import pytest

from bot.errors import Conflict, StoreUnavailable
from bot.models import Status
from bot.store import Entry, open_store
from tests.bot.store.examples import LEASE, NOON, generation, hold, sizes

COMMIT = b"COMMIT;\0"


class Line:
    """A way to the server that can be cut at the next COMMIT: before the server hears it, or its answer."""

    def __init__(self, address):
        parts = urlsplit(address)
        self._socket = f"{parse_qs(parts.query)['host'][0]}/.s.PGSQL.5432"
        self._parts = parts
        self._carrying = []
        self.cut = None

    @contextlib.asynccontextmanager
    async def open(self):
        """Give the address of this side."""
        async with await asyncio.start_server(self._carry, "127.0.0.1", 0) as server:
            port = server.sockets[0].getsockname()[1]
            user = self._parts.netloc.rpartition("@")[0]
            yield f"postgresql+asyncpg://{user}@127.0.0.1:{port}{self._parts.path}?sslmode=disable"
            await asyncio.gather(*self._carrying, return_exceptions=True)

    async def _carry(self, reader, writer):
        self._carrying.append(asyncio.current_task())
        there, back = await asyncio.open_unix_connection(self._socket)
        answers = asyncio.create_task(self._pass(there, writer))
        try:
            while (data := await reader.read(65536)) and not await self._is_cut(data, there, back, answers):
                back.write(data)
        finally:
            answers.cancel()
            for end in (back, writer):
                end.close()
            await asyncio.gather(answers, back.wait_closed(), writer.wait_closed(), return_exceptions=True)

    async def _is_cut(self, data, there, back, answers):
        """Cut it if it is time to; the server may hear the last word, and nobody its answer."""
        lost, self.cut = (self.cut, None) if COMMIT in data else (None, self.cut)
        if lost == "answer":
            answers.cancel()
            await asyncio.gather(answers, return_exceptions=True)
            back.write(data)
            await there.read(65536)
        return lost is not None

    @staticmethod
    async def _pass(there, writer):
        while data := await there.read(65536):
            writer.write(data)
        writer.close()


@pytest.mark.parametrize("lost", ["word", "answer"])
async def test_a_commit_that_nobody_knows_of_is_safe_to_repeat(postgres_url, tmp_path, lost):
    """Told as unavailable; done again it is done once, with its money, whether it had been or not (S-01)."""
    line = Line(postgres_url)
    async with line.open() as address:
        store = await open_store(address, tmp_path)
        asked = generation(1)
        line.cut = lost
        with pytest.raises(StoreUnavailable):
            await store.start(asked, [hold()])
        assert (int(lost == "answer"),) * 2 == await sizes(store)
        assert asked.id == (await store.start(asked, [hold()])).id
        assert (1, 1) == await sizes(store)

        (held,) = await store.claim(NOON, lease=LEASE, most=1)
        how = {"due_at": NOON, "give": [hold()], "entry": Entry("release", asked.cost)}
        line.cut = lost
        with pytest.raises(StoreUnavailable):
            await store.move(held, NOON, status=Status.FAILED, **how)
        again = store.move(held, NOON, status=Status.FAILED, **how)
        if lost == "answer":
            with pytest.raises(Conflict):
                await again
        else:
            await again
        assert Status.FAILED is (await store.get(asked.id)).status
        assert (0, 2) == ((await store.used([hold()]))[0].videos, (await sizes(store))[1])
        await store.close()
