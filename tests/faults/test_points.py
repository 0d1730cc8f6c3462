"""Every edge of the process can be counted, and death comes where it is told to."""

from __future__ import annotations

import pytest

from bot.store.switches import Switches
from tests.fakes import Clock
from tests.faults.points import EDGES, Points, counting


class Died(Exception):
    """The process is gone."""


def die(name):
    """Be gone."""
    raise Died(name)


async def test_a_commit_passes_before_and_after(store):
    """Each commit is two moments with its statement's name."""
    counted, switches = Points(die), Switches(store.engine, Clock())
    with counting(lambda: counted):
        await switches.turn_off("all", by=7)
    await switches.turn_on()
    assert ["before commit turn off", "after commit turn off"] == counted.names


@pytest.mark.parametrize("at", [0, 1])
async def test_death_comes_where_it_is_told_to(store, at):
    """Before the commit nothing is written; after it everything is."""
    counted, switches = Points(die, frozenset({at})), Switches(store.engine, Clock())
    with counting(lambda: counted), pytest.raises(Died):
        await switches.turn_off("all", by=7)
    assert bool(at) is (await Switches(store.engine, Clock()).now()).everything


def test_every_edge_is_put_back():
    """Nothing counts any more once the counting is over."""
    before = [owner.__dict__[name] for owner, name, _ in EDGES]
    with counting(lambda: None):
        pass
    assert before == [owner.__dict__[name] for owner, name, _ in EDGES]
