"""One bot as several processes: each does its part and no other, and a film comes all the same."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import pytest

from bot.demo.stand_ins import StandIns

from .company import Company
from .conftest import register
from .house import PROVIDERS, House, key_of, picture
from .proxy import Proxy
from .wire import WireDiscord

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

FILMS = 4
AMPLE = {"CONCURRENT": "9", "DAILY_SECONDS": "999", "EVOLINK_CONCURRENCY": "9"}


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
    company.more |= {"POLL_MIN": "300s", "POLL_MAX": "300s"}  # it is the callback that makes it go on
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


async def test_every_call_goes_through_the_proxy_which_limits_all_processes_at_once(
    tmp_path, postgres_url, synced
):
    """Two workers post by way of it; what it holds back comes later, and its own refusal is no ban."""
    async with hired(tmp_path, postgres_url, synced, **AMPLE) as company, Proxy(company.wire, 20) as proxy:
        direct = len(company.wire.rest.calls)
        company.more["DISCORD_API_URL"] = proxy.url
        await company.start("gateway", "gateway")
        await company.start("callbacks", "callbacks")
        for name in ("first", "second"):
            await company.start(name, "worker")
        proxy.busy_for.add(("POST", f"/channels/{company.wire.channel_id}/messages"))
        answers = [
            await company.ada.slash(
                "video", prompt="a paper boat", seconds=4, image=("b.png", picture())
            ).said()
            for _ in range(FILMS)
        ]
        await company.wire.until(lambda: len(company.wire.films()) == FILMS, what="films", within=60)

        calls = company.wire.rest.calls[direct:]
        assert [True] * FILMS == [answer.ephemeral for answer in answers]
        assert FILMS == sum(bool(call.films) for call in calls)
        assert [f"/api/v10{call.path}" for call in calls] == [path for _, path, _ in proxy.passed]
        moments = [moment for _, _, moment in proxy.passed]
        assert max(sum(at <= each < at + 1 for each in moments) for at in moments) <= 20
        assert 1 == proxy.refused
        assert not any("shut out" in program.said for program in company.programs.values())


async def test_a_process_hears_of_its_own_shards_servers_alone(company):
    """Servers go by `(id >> 22) % of`; a film comes from whoever has a server's shard (topics/gateway)."""
    wire = company.wire
    number = (wire.guild.id >> 22) % 4
    others = [shard for shard in range(4) if shard != number]
    await company.start("elsewhere", "gateway", "--shards", str(others[0]), "--of", "4")
    unheard = company.ada.slash("help")
    first, last = (number, number + 1) if number < 3 else (2, 3)
    here = await company.start("here", "gateway", "--shards", f"{first}-{last}", "--of", "4")

    assert (await company.ada.slash("help").said()).ephemeral
    assert not unheard._interaction.responded
    assert f"{first}-{last} of 4" in here.said
    assert {(others[0], 4), (first, 4), (last, 4)} == {each.shard for each in wire.gateway.sessions.values()}
    assert 0 == (await here.terminate())[0]
