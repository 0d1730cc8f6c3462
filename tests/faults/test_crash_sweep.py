"""The process dies at every moment that has a name, and at several: nothing is lost or doubled."""

from __future__ import annotations

import pytest

from bot.delivery import Delivery
from bot.tracker import context, submitting
from tests.e2e.wire_rest import WireRest
from tests.faults.figures import named, pieces
from tests.faults.simulation.database import OnServer
from tests.faults.simulation.scenarios import SCENARIOS
from tests.faults.simulation.sweep import DEEP, Schedule, Sweep
from tests.faults.simulation.world import Stage

ROW = "crash schedules, in memory; violations"
ON_SERVER = "crash schedules, on PostgreSQL; violations"
QUICK, QUICK_ON_SERVER = 21, 1
AGAIN = "SEEDS={seed} PROVE=full .venv/bin/python -m pytest -n0 tests/faults/test_crash_sweep.py -k moment"


@pytest.fixture
def stage(tmp_path):
    """Give a stage on which worlds are made."""
    with Stage(tmp_path).set_up() as it:
        yield it


@pytest.fixture
def stage_on_server(tmp_path, postgres_line):
    """Give one whose worlds keep their books on PostgreSQL."""
    with Stage(tmp_path, database=OnServer(postgres_line)).set_up() as it:
        yield it


def swept(stage, seeds):
    """Return how many schedules of some seeds were run to their last death, and what went wrong in them."""
    sweep, run, wrong = Sweep(stage), 0, []
    for seed in seeds:
        for number, schedule in enumerate(sweep.schedules(seed)):
            world, found = schedule.run(stage, deep=number % DEEP == 0)
            run += world.deaths == len(schedule.at)
            wrong += [f"{AGAIN.format(seed=seed)}: {schedule}: {each}" for each in found]
    return run, wrong


@pytest.mark.parametrize("seeds", pieces(QUICK, each=2), ids=named)
def test_death_at_any_moment_neither_loses_nor_doubles_anything(stage, reached, seeds):
    """Each moment alone, restarted at once or late; pairs; triples: I1 to I10 hold at rest (D-18, P-13).

    A seed stands for the same schedules every time.
    """
    run, wrong = swept(stage, seeds)
    reached(ROW, run, len(wrong))
    assert [] == wrong[:5]


@pytest.mark.parametrize("seeds", pieces(QUICK_ON_SERVER, each=1), ids=named)
def test_death_at_any_moment_costs_nothing_on_a_server(stage_on_server, reached, seeds):
    """The same where the leases of whoever died must run out first: another machine may hold them (D-18)."""
    run, wrong = swept(stage_on_server, seeds)
    reached(ON_SERVER, run, len(wrong))
    assert [] == wrong[:5]


def test_a_schedule_is_the_same_every_time(stage):
    """The same deaths in the same scenario leave the same trace."""
    schedule = Schedule(SCENARIOS[-1], (90, 200), 600.0)
    first, second = (schedule.run(stage)[0].outside.trace for _ in range(2))
    assert first == second


async def sees_nothing(*_, **__):
    """Look, and find nothing."""


async def sends_once_more(context, generation):
    """Send what may have been accepted as if it couldn't have been."""
    again = await submitting.transition(context, generation, due_at=context.clock(), keep=True)
    return await submitting._send(context, again, submitting._unmarked(context, again, again.body))


def violations(stage, name, gap, faults=None):
    """Yield what goes wrong in a scenario, whenever the process dies."""
    (scenario,) = (each for each in SCENARIOS if each.name == name)
    scenario = type(scenario)(**{**vars(scenario), "faults": {**scenario.faults, **(faults or {})}})
    world = scenario.staged(stage)
    world.rest()
    every = range(len(world.outside.points.names))
    return (each for at in every for each in Schedule(scenario, (at,), gap).run(stage, deep=False)[1])


@pytest.mark.parametrize("kind", ["find_film", "find_card"])
def test_without_a_look_before_posting_again_the_sweep_finds_a_second_message(stage, monkeypatch, kind):
    """The checks can fail: a late restart that doesn't look posts twice."""
    monkeypatch.setattr(Delivery, kind, sees_nothing)
    assert any(each.startswith("I2") for each in violations(stage, "evolink", 600.0))


def test_with_a_blind_repeat_the_sweep_finds_a_second_charge(stage, monkeypatch):
    """The checks can fail: a submit that is sent again after a death is paid twice."""
    monkeypatch.setattr(submitting, "resume", sends_once_more)
    assert any(each.startswith("I1") for each in violations(stage, "maxapi", 1.0))


def test_without_the_nonce_the_sweep_finds_a_second_message(stage, monkeypatch):
    """The checks can fail: discord.py's own repeat after a 502 posts twice where no nonce holds it."""
    monkeypatch.setattr(WireRest, "_nonce_of", lambda *_: None)
    trips = {"Discord trips after the deed": 0.5}
    assert any(each.startswith("I2") for each in violations(stage, "evolink", 1.0, trips))


def test_without_an_entry_in_the_ledger_the_sweep_finds_the_sums_wrong(stage, monkeypatch):
    """The checks can fail: what is given back and not written down is missed."""
    monkeypatch.setattr(context, "_entry", lambda *_: None)
    assert any(each.startswith("I1") for each in violations(stage, "refused", 1.0))
