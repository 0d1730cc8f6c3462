"""The whole application in virtual time, where everything goes wrong that can, as a seed says."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from tests.faults.figures import named, pieces
from tests.faults.simulation.database import OnServer
from tests.faults.simulation.seeds import Storm, seeds_of
from tests.faults.simulation.world import Stage
from tests.faults.simulation.years import SETTLED, Measured, Years

ROW = "simulation seeds, in memory; violations"
ON_SERVER = "simulation seeds, on PostgreSQL; violations"
QUICK, QUICK_ON_SERVER = 20, 1
AGAIN = "SEEDS={piece} PROVE=full .venv/bin/python -m pytest -n0 tests/faults/test_simulation.py -k whatever"
CHECKOUT = Path(__file__).parents[2]
TRACES = """
import tempfile
from pathlib import Path
from tests.faults.simulation.seeds import Storm
from tests.faults.simulation.world import Stage
with tempfile.TemporaryDirectory() as folder, Stage(Path(folder)).set_up() as stage:
    for seed in (3, 57):
        storm = Storm(stage, seed)
        storm.findings()
        print(storm.world.outside.trace)
"""


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


def weathered(stage, piece):
    """Return how many storms there were, and what went wrong in them."""
    wrong, run = [], 0
    for whole in piece:
        for seed in seeds_of(whole):
            found = Storm(stage, seed).findings()
            wrong += [f"{AGAIN.format(piece=whole)}: run {seed}: {each}" for each in found]
            run += 1
    return run, wrong


@pytest.mark.parametrize("piece", pieces(QUICK, each=2), ids=named)
def test_whatever_goes_wrong_nothing_is_lost_or_doubled(stage, reached, piece):
    """Members, providers, Discord, disk and clock by dice: I1 to I10 hold at rest (P-02, P-15, S-01, S-06).

    A seed of the whole proof stands for the same fifty runs every time.
    """
    run, wrong = weathered(stage, piece)
    reached(ROW, run, len(wrong))
    assert [] == wrong[:5]


@pytest.mark.parametrize("piece", pieces(QUICK_ON_SERVER, each=1), ids=named)
def test_whatever_goes_wrong_costs_nothing_on_a_server(stage_on_server, reached, piece):
    """The same on PostgreSQL, where two processes may be at it at once (P-02, P-15)."""
    run, wrong = weathered(stage_on_server, piece)
    reached(ON_SERVER, run, len(wrong))
    assert [] == wrong[:5]


def test_a_seed_is_the_same_run_every_time(stage):
    """One seed leaves the same trace twice, and in another process whose hashes differ."""
    here = []
    for seed in (3, 57):
        again = []
        for _ in range(2):
            storm = Storm(stage, seed)
            storm.findings()
            again.append(storm.world.outside.trace)
        assert again[0] == again[1]
        here.append(again[0])
    there = subprocess.run(
        [sys.executable, "-c", TRACES],
        cwd=CHECKOUT,
        env={**os.environ, "PYTHONHASHSEED": "77"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert here == there.stdout.split()


def test_a_fortnight_of_faults_leaves_nothing_behind(stage):
    """Two weeks with every fault at 5 %: all is well each week, and nothing grows (S-08)."""
    said = []
    years = Years(stage, seed=1, films=4, month=7, say=said.append)
    assert years.run(14), said


@pytest.mark.parametrize(
    ("what", "more"), [("memory", 100 << 20), ("files", 5), ("rows", 500), ("half_done", 1), ("history", 126)]
)
def test_what_grows_is_told(stage, what, more):
    """Between the middle and the end nothing may come on top."""
    years = Years(stage, seed=1, films=4)
    month = Measured(9, 1 << 20, files=6, database=4096, rows=3, half_done=0, history=500, day=SETTLED)
    years.months = [month, month, replace(month, **{what: getattr(month, what) + more})]
    assert [f"{what}: {getattr(month, what)} in the middle, {getattr(month, what) + more} at the end"] == (
        years.grown()
    )


def test_history_may_grow_until_it_is_old_enough(stage):
    """Before anything of it is deleted it is no fault that there is more and more."""
    years = Years(stage, seed=1, films=4)
    month = Measured(9, 1 << 20, files=6, database=4096, rows=3, half_done=0, history=500, day=SETTLED - 1)
    years.months = [month, month, replace(month, history=5000)]
    assert [] == years.grown()
