"""Many processes by role on one PostgreSQL lose nothing and pay nothing twice, whatever befalls them."""

from __future__ import annotations

import asyncio

import pytest

from tests.faults.figures import in_full, named, pieces
from tests.faults.fleet import network
from tests.faults.fleet.takeover import takeover
from tests.faults.fleet.tour import BAD, season

ROW = "fleet: machines killed, frozen, cut off; films lost, doubled; charges doubled"
GENERATIONS, AT_ONCE = (500, 100) if in_full() else (36, 18)
PATIENCE = 900 if in_full() else 300


@pytest.mark.parametrize("seeds", pieces(1, each=1 if not in_full() else 250), ids=named)
@pytest.mark.parametrize("cut", [False, True], ids=["killed and frozen", "cut off, too"])
async def test_a_fleet_loses_nothing_and_pays_nothing_twice(tmp_path, postgres_url, reached, seeds, cut):
    """A gateway, three workers and two callbacks processes bring every film home, once, paid once."""
    if cut and network.why_not():
        pytest.skip(network.why_not())
    options = {"generations": GENERATIONS, "at_once": AT_ONCE, "trouble_every": 2, "seed": seeds[0]}
    found = await asyncio.to_thread(season, tmp_path, postgres_url, cut=cut, patience=PATIENCE, **options)
    befallen = sum(found["troubles"].values())
    reached(ROW, befallen, *(len(found[kind]) for kind in BAD[:3]))
    assert {kind: [] for kind in BAD} == {kind: found[kind] for kind in BAD}
    assert GENERATIONS == found["asked"] == found["delivered"] + found["unsent"]


async def test_a_dead_worker_holds_nothing_up_longer_than_its_lease(tmp_path, postgres_url):
    """What it had begun is another's by 1.2 leases after its death."""
    found = await takeover(tmp_path, postgres_url, lease=3.0)
    assert found
    assert [] == [each for each in found if each > 1.2]
