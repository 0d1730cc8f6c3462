"""Look every pinned package up among the known weaknesses: what `make audit` runs."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any, Final

OFFLINE: Final = "The list of known weaknesses can't be reached from here, so no package was looked up."
UNKNOWN: Final = 3
COMMAND: Final = (
    *(sys.executable, "-m", "pip_audit", "--require-hashes", "--disable-pip", "--progress-spinner", "off"),
    *("--format", "json", "--desc", "off", "--requirement"),
)


def verdict(packages: list[dict[str, Any]]) -> tuple[str, int]:
    """Return what to say of the packages that were looked up, and the exit code.

    0: each was looked up and has no known weakness; 1: some have; 3: some couldn't be looked up.
    """
    weak = [
        f"{package['name']} {package['version']}: {weakness['id']}, better in "
        + (", ".join(weakness["fix_versions"]) or "no version yet")
        for package in packages
        for weakness in package.get("vulns", [])
    ]
    skipped = [package["name"] for package in packages if "skip_reason" in package]
    if weak:
        return "\n".join(weak), 1
    if len(skipped) == len(packages):
        return OFFLINE, UNKNOWN
    if skipped:
        return f"Not known there, so not looked up: {', '.join(skipped)}.", UNKNOWN
    return f"{len(packages)} packages, none with a known weakness.", 0


def main(requirements: str) -> int:
    """Audit a file of pinned and hashed requirements; return the exit code."""
    run = subprocess.run([*COMMAND, requirements], capture_output=True, text=True, check=False)
    try:
        words, code = verdict(json.loads(run.stdout)["dependencies"])
    except (ValueError, KeyError):
        last = (run.stderr.strip().splitlines() or [""])[-1]
        cut_off = "Connection" in run.stderr or "Timeout" in run.stderr
        words, code = OFFLINE if cut_off else f"The audit broke: {last}", UNKNOWN
    print(words)  # noqa: T201  a command for the terminal
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
