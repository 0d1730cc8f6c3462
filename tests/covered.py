"""Measures which branches of what must not fail its own tests go through; less than all of them is an error.

Only the tests that are about these modules count: what a test far away happens to pass by is no proof. The
laws of the whole tracker are left out, since they pass by everything, and so is what takes long.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

CHECKOUT = Path(__file__).parents[1]
MEASURED = {
    "tracker": "bot/tracker",
    "store": "bot/store",
    "delivery": "bot/delivery",
    "callbacks": "bot/callbacks.py",
    "hearing": "bot/hearing.py",
    "door": "bot/door",
    "providers": "bot/providers",
    "download": "bot/media/download.py",
    "arriving": "bot/media/arriving.py",
    "inflow": "bot/media/inflow.py",
    "outflow": "bot/media/outflow.py",
    "pace": "bot/media/pace.py",
    "quotas": "bot/quotas.py",
    "files": "bot/files",
}
LONG = "not after_every_crash and not takes_the_process_down and not down_for_hours and not in_any_order"
MIRRORS = (
    ("tests/bot/tracker", "--ignore=tests/bot/tracker/test_laws.py", "-k", LONG),
    ("tests/bot/store",),
    (
        *("tests/bot/delivery", "tests/bot/providers", "tests/contract", "tests/bot/test_callbacks.py"),
        *("tests/bot/test_served_files.py", "tests/bot/test_quotas.py", "tests/bot/media/test_download.py"),
        *("tests/bot/media/test_downloading_places.py", "tests/bot/media/test_lying_servers.py"),
        *("tests/bot/media/test_resuming.py", "tests/bot/media/test_arriving.py"),
        *("tests/bot/media/test_inflow.py", "tests/bot/media/test_outflow.py"),
        "tests/bot/media/test_pace.py",
        "tests/bot/files",
        *("tests/bot/door", "tests/bot/test_hearing.py", "tests/bot/test_listener.py"),
    ),
    (
        *("tests/faults/test_submit_faults.py", "tests/faults/test_poll_faults.py"),
        *("tests/faults/test_result_faults.py", "tests/faults/test_place_faults.py"),
        *("tests/faults/test_system_faults.py", "-k", LONG),
    ),
)
"""What is run in one process each: what mirrors these modules, and what goes through their rows of faults."""
ON_BOTH = MIRRORS[1]
"""Whose modules have branches of either database; the others' are the same on both."""


def _coverage(folder: str, *arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "coverage", *arguments],
        cwd=CHECKOUT,
        env={**os.environ, "COVERAGE_FILE": f"{folder}/coverage", **more},
        check=False,
        capture_output=True,
        text=True,
    )


def _tests(folder: str, chosen: tuple[str, ...]) -> subprocess.CompletedProcess[str]:
    options = ("-n0", "-q", "-p", "no:cacheprovider")
    databases = "sqlite postgres" if chosen == ON_BOTH else "sqlite"
    run = ("run", "--parallel-mode", "-m", "pytest", *options, *chosen)
    return _coverage(folder, *run, DATABASES=databases)


def main() -> None:
    """Run the tests and tell the figure, or the lines that are missing; end with 1 then."""
    names = ", ".join(MEASURED)
    files = ",".join(path if path.endswith(".py") else f"{path}/*" for path in MEASURED.values())
    with tempfile.TemporaryDirectory(prefix="matinee-coverage-") as folder:
        with ThreadPoolExecutor((os.cpu_count() or 1) + 1) as at_once:  # they wait now and then
            for ran in at_once.map(lambda chosen: _tests(folder, chosen), MIRRORS):
                if ran.returncode:
                    sys.exit(f"{ran.stdout[-20_000:]}{ran.stderr}\nThe tests that are measured don't pass.")
        _coverage(folder, "combine", "-q")
        found = _coverage(folder, "report", f"--include={files}", "-m", "--skip-covered", "--fail-under=100")
    if found.returncode:
        sys.exit(f"{found.stdout}{found.stderr}\nbranch coverage of {names}: less than 100 %")
    print(f"branch coverage of {names}: 100 %")  # noqa: T201


if __name__ == "__main__":
    main()
