"""Laws of `bot.administration.status`."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from bot.administration import status as module
from bot.administration.status import Status
from bot.errors import ProviderUnavailable, StoreUnavailable
from bot.messages.status import Balance
from bot.metrics import Metrics
from bot.models import Status as Standing
from bot.providers.health import Health
from bot.store.overview import Overview
from tests.bot.desk import Desk
from tests.fakes import CINEMA, FakeProvider


class Teller(FakeProvider):
    """Tells its balance as a test wants."""

    def __init__(self):
        super().__init__("evolink")
        self.answer = 12.5
        self.asked_balance = 0

    async def balance(self):
        """Tell, fail, or never answer."""
        self.asked_balance += 1
        if self.answer == "hang":
            await asyncio.Event().wait()
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


@pytest.fixture
def desk(store, tmp_path):
    """Return everything behind a command."""
    return Desk(store, tmp_path)


@pytest.fixture
def status(desk):
    """Return what tells how everything stands."""
    providers = {each.name: each for each in (FakeProvider("maxapi"), Teller())}
    return Status(
        desk.store, Overview(desk.store.engine), desk.admission, providers, Health(desk.clock), Metrics(),
        desk.hosting, desk.clock, "SQLite", "1.0",
    )  # fmt: skip


async def balance(status):
    """Return what EvoLink tells."""
    return (await status.of_bot()).providers["evolink"].balance


async def test_a_balance_is_asked_once_a_minute(status, desk):
    """Whoever doesn't tell one is asked, too, and says so."""
    teller = status.providers["evolink"]
    assert Balance(12.5) == await balance(status) == await balance(status)
    assert 1 == teller.asked_balance
    teller.answer = 3.0
    desk.clock.forward(seconds=60)
    assert Balance(3.0) == await balance(status)
    assert Balance() == (await status.of_bot()).providers["maxapi"].balance


@pytest.mark.parametrize("answer", ["hang", ProviderUnavailable("evolink")])
async def test_a_balance_that_is_not_told_is_no_guess(status, desk, monkeypatch, answer):
    """Neither is the one before; and whoever asked isn't kept waiting."""
    monkeypatch.setattr(module, "PATIENCE", module.PATIENCE / 300)
    await balance(status)
    status.providers["evolink"].answer = answer
    desk.clock.forward(minutes=2)

    assert Balance(failed=True) == await balance(status)


async def test_what_is_kept_is_measured(status, desk):
    """Members' files and films."""
    (desk.hosting.media_dir / "a").write_bytes(b"123")
    (desk.hosting.films_dir / "b").write_bytes(b"45")
    told = await status.of_bot()

    assert (5, True) == (told.kept, told.free > 0)


async def test_a_database_that_takes_nothing_is_told(status, monkeypatch):
    """While it can still be read."""
    assert (await status.of_bot()).writable

    async def ping():
        raise StoreUnavailable("disk full")

    monkeypatch.setattr(type(status.store.engine), "ping", lambda _: ping())
    assert not (await status.of_bot()).writable


async def test_a_server_s_figures_are_its_own(status, desk):
    """Also its providers' tasks."""
    await desk.start()
    here, there = await status.of_server(CINEMA.guild_id), await status.of_server(9)

    assert (1, 0) == (here.backlog.queued, there.backlog.queued)
    await desk.finish(*await desk.store.open_of(1001), status=Standing.RUNNING)
    assert [1, 0] == [each.tasks for each in (await status.of_server(CINEMA.guild_id)).providers]
    assert [0, 0] == [each.tasks for each in there.providers]


async def test_who_cannot_be_called_is_known(status):
    """Without an address of ours no callback is missed."""
    alone = replace(status, hosting=replace(status.hosting, public_url=None))

    assert ((await status.of_bot()).public, (await alone.of_bot()).public) == (True, False)
