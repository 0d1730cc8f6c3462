"""Each promise of docs/promises.md has its proof."""

from __future__ import annotations

import re

import pytest

from tests.faults.figures import ROWS
from tests.faults.rows import CHECKOUT

PAGE = (CHECKOUT / "docs" / "promises.md").read_text(encoding="utf-8")
PROMISED = re.findall(r"^\| (.+\.) \| (.+) \|$", PAGE, re.MULTILINE)


@pytest.mark.parametrize(("promise", "proofs"), PROMISED)
def test_every_promise_is_proved_by_tests_that_exist(promise, proofs):
    """What stands beside a promise is a file of tests, or one of the Makefile's commands."""
    named = re.findall(r"`([^`]+)`", proofs)
    assert named
    assert [] == [name for name in named if name != "make check" and not (CHECKOUT / name).is_file()]


def test_every_figure_is_on_the_page():
    """The page says of each row of the table what is needed and what was reached."""
    assert [] == [what for what in ROWS if f"| {what} |" not in PAGE]


def test_the_readme_leads_to_the_promises():
    """Whoever reads the README finds them, and what isn't promised."""
    assert "](docs/promises.md)" in (CHECKOUT / "README.md").read_text(encoding="utf-8")
    assert "\n## Not promised\n" in PAGE
