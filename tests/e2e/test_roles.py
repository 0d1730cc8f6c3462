"""One bot as several processes: each does its part and no other, and a film comes all the same."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import pytest

from bot.demo.stand_ins import StandIns

from .company import Company
from .conftest import register
from .house import PROVIDERS, House, key_of
from .wire import WireDiscord

if TYPE_CHECKING:
    from collections.abc import AsyncIterator


@asynccontextmanager
async def hired(folder, database_url, synced, **more) -> AsyncIterator[Company]:
    """Prepare Discord, the providers and the database; whoever works there is the test's to say."""
    async with (
        WireDiscord() as wire,
        StandIns(keys={name: key_of(name) for name in PROVIDERS}, pace=1.0) as stand_ins,
        Company(wire, stand_ins, folder, database_url, more=more) as company,
    ):
        await register(House(wire, stand_ins, company.hire("sync", None), folder), synced)
        del company.programs["sync"]
        try:
            yield company
        except BaseException:
            print(company.evidence())  # noqa: T201  pytest shows it with the failure
            raise
        assert wire.rest.gaps == []


@pytest.fixture
async def company(tmp_path, postgres_url, synced):
    """Yield one without anybody in it."""
    async with hired(tmp_path, postgres_url, synced) as one:
        yield one


async def test_each_role_does_its_part_of_a_film(company):
    """The gateway answers, the worker, which never connects, sends and posts; callbacks go to the third."""
    gateway = await company.start("gateway", "gateway")
    doorway = await company.start("callbacks", "callbacks")
    private = await company.ada.slash("video", prompt="a paper boat", seconds=4).said()
    assert (True, []) == (private.ephemeral, company.stand_ins.ledger.tasks)
    worker = await company.start("worker", "worker")
    (film,) = await company.wire.until(company.wire.films, what="a film", within=60)

    assert (company.ada.id,) == film.pings
    assert 1 == company.wire.gateway.begun
    heard = [sent.status for sent in company.stand_ins.ledger.callbacks]
    assert heard
    assert {204} == set(heard)
    assert ["moved" in program.said for program in (gateway, doorway, worker)] == [False, False, True]
    for name, program in company.programs.items():
        assert (0, f"role={name}" in program.said) == ((await program.terminate())[0], True)
