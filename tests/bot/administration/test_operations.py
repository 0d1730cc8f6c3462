"""Laws of `bot.administration.operations`."""

from __future__ import annotations

import pytest

from bot.administration.operations import Operations, pausing, resuming
from bot.errors import IntakeStopped, RequestRefused
from bot.metrics import Metrics
from bot.providers.health import Health
from bot.servers import Deed, ServerRules
from bot.store.switches import ALL, DRAIN
from tests.bot.desk import Desk
from tests.fakes import NOON, FakeProvider

DEED = Deed("1", None, NOON, 7, "boss", "pause", "everywhere: True")


@pytest.fixture
def desk(store, tmp_path):
    """Return everything behind a command."""
    return Desk(store, tmp_path)


@pytest.fixture
def operations(desk):
    """Return what operators have."""
    return Operations.over(
        desk.store,
        admission=desk.admission,
        generations=desk.generations,
        providers={name: FakeProvider(name) for name in ("maxapi", "evolink")},
        health=Health(desk.clock),
        metrics=Metrics(),
        hosting=desk.hosting,
        clock=desk.clock,
        nudge=desk.nudge,
        database="SQLite",
    )


async def test_what_is_paused_is_written_down_with_who_did(operations, desk):
    """Both or neither; and the tracker looks at once."""
    assert {"maxapi"} == (await operations.pause("maxapi", by=7, deed=DEED)).names
    assert (DEED,) == await desk.deeds.latest(None, before=None, most=9)
    assert {"maxapi", ALL} == (await operations.pause(None, by=7)).names
    assert {ALL} == (await operations.resume("maxapi")).names
    assert frozenset() == (await operations.resume(None)).names
    assert 4 == desk.nudges


async def test_resuming_everything_ends_a_drain(operations, desk):
    """Until then nothing new is taken, and what is left is counted."""
    await desk.start()
    assert 1 == await operations.drain(by=7, deed=DEED)
    assert {DRAIN} == (await operations.switches.now()).names
    with pytest.raises(IntakeStopped, match="draining"):
        await desk.start()
    await operations.resume(None)
    await desk.start()

    assert 2 == await operations.overview.left()


async def test_a_provider_that_is_gone_can_still_be_resumed(operations):
    """It may have been paused before it was turned off in the settings; another name is refused."""
    for act in (operations.pause("acme", by=7), operations.resume("acme")):
        with pytest.raises(RequestRefused, match="not_here"):
            await act
    await operations.switches.turn_off("acme", by=7)

    assert frozenset() == (await operations.resume("acme")).names


@pytest.mark.parametrize(
    ("provider", "paused"),
    [(None, ServerRules(paused=True)), ("maxapi", ServerRules(paused_providers=("maxapi",)))],
)
def test_a_server_s_pause_is_lifted_as_it_was_made(provider, paused):
    """Twice is once; and without a name everything is lifted."""
    assert paused == pausing(pausing(ServerRules(), provider), provider)
    assert ServerRules() == resuming(paused, provider) == resuming(paused, None)
