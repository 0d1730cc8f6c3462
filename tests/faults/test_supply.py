"""What is installed is what was pinned, and can be listed and looked up."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.faults.audit import OFFLINE, verdict

CHECKOUT = Path(__file__).parents[2]
PINNED = re.compile(r"^([a-z0-9][a-z0-9._-]*)==([^ ;\\]+)", re.MULTILINE)


def pinned(name: str) -> dict[str, str]:
    """Return each package with its version."""
    return dict(PINNED.findall((CHECKOUT / name).read_text(encoding="utf-8")))


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-dev.txt"])
def test_every_package_is_pinned_with_hashes(name):
    """Nothing is installed but files whose hash is written down, whoever serves them (T-33)."""
    text = (CHECKOUT / name).read_text(encoding="utf-8").replace("\\\n", "")
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    assert lines
    assert [] == [line for line in lines if not PINNED.match(line) or "--hash=sha256:" not in line]


def test_the_bill_of_materials_names_every_package():
    """`make sbom` lists in CycloneDX each package that runs, with version and hashes (T-33)."""
    command = (sys.executable, "-m", "cyclonedx_py", "requirements", "requirements.txt")
    options = ("--pyproject", "pyproject.toml", "--output-reproducible")
    run = subprocess.run([*command, *options], cwd=CHECKOUT, capture_output=True, text=True, check=True)
    bill = json.loads(run.stdout)
    assert ("CycloneDX", "matinee") == (bill["bomFormat"], bill["metadata"]["component"]["name"])
    assert pinned("requirements.txt") == {part["name"]: part["version"] for part in bill["components"]}
    assert all(part["externalReferences"][0]["hashes"] for part in bill["components"])


GOOD = {"name": "good", "version": "1", "vulns": []}
WEAK = {"name": "weak", "version": "1", "vulns": [{"id": "CVE-1", "fix_versions": ["2"]}]}
ABSENT = {"name": "absent", "skip_reason": "not found"}


@pytest.mark.parametrize(
    ("packages", "words", "code"),
    [
        ([GOOD, GOOD], "2 packages, none with a known weakness.", 0),
        ([GOOD, WEAK, ABSENT], "weak 1: CVE-1, better in 2", 1),
        ([GOOD, ABSENT], "Not known there, so not looked up: absent.", 3),
        ([ABSENT, ABSENT], OFFLINE, 3),
    ],
)
def test_an_audit_that_looked_nothing_up_is_no_good_news(packages, words, code):
    """`make audit` succeeds only where every package was looked up (T-33)."""
    assert (words, code) == verdict(packages)
