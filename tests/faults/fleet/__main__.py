"""A season of a fleet on PostgreSQL, or of one process on SQLite; prints what was found as one JSON object.

    python -m tests.faults.fleet DIRECTORY --database DATABASE_URL --generations 2000 --seed 7 [--cuts]

With `--cuts` it must be begun in a network namespace of its own: see `network.alone`.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import logging
import random
import sys
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import structlog

from tests.faults.fleet.fleet import CREW, EVERYTHING, Fleet
from tests.faults.fleet.network import Network
from tests.faults.fleet.season import Plan, Season


async def play(arguments: argparse.Namespace) -> dict[str, Any]:
    """Let one season pass."""
    plan = Plan(
        generations=arguments.generations,
        at_once=arguments.at_once,
        trouble_every=arguments.trouble_every,
        lease=arguments.lease,
        mortality=arguments.mortality,
        cuts=arguments.cuts,
        moment=arguments.moment,
        lossy=arguments.lossy,
    )
    more = {"MORTAL_LEASE": str(plan.lease), "MORTAL_WITHOUT": arguments.without}
    if arguments.providers:
        more["PROVIDERS"] = arguments.providers
    with Network() if plan.cuts else nullcontext() as network:
        crew = CREW if arguments.database else {EVERYTHING: 1}
        async with Fleet(arguments.directory, arguments.database, network, crew=crew, **more) as fleet:
            return await Season(fleet, plan, random.Random(arguments.seed)).run()


def main() -> int:
    """Play it, and say what was found; the exit code is 1 if anything is wrong."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("directory", type=Path)
    parser.add_argument("--database", help="a PostgreSQL's address, by its Unix socket; left out: SQLite")
    parser.add_argument("--generations", type=int, default=200)
    parser.add_argument("--at-once", type=int, default=100)
    parser.add_argument("--trouble-every", type=float, default=5, help="films between two")
    parser.add_argument("--mortality", type=float, default=0.6, help="the share of lives that end themselves")
    parser.add_argument("--lease", type=float, default=3.0)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--lossy", type=float, default=0.25, help="the share of callbacks that are lost")
    parser.add_argument("--cuts", action="store_true")
    parser.add_argument("--moment", default="", help="at which workers die, as in 'after submit'")
    parser.add_argument("--providers", default="", help="those that are asked, in this order")
    parser.add_argument("--without", default="", help="defences that are taken away: see killing.mortal")
    logging.getLogger("aiohttp.server").disabled = True  # requests that the dead leave unsaid are meant
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))
    found = asyncio.run(play(parser.parse_args()))
    print(json.dumps(found))  # noqa: T201
    return int(any(found[kind] for kind in ("lost", "doubled", "paid_twice", "wrong")))


if __name__ == "__main__":
    sys.exit(main())
