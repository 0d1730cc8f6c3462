"""Every defence is removed in turn, and a test fails then: one that nothing misses isn't proved."""

from __future__ import annotations

from collections import Counter

import pytest

from tests.faults.mutation.defence import StaleError, defence
from tests.faults.mutation.defences import DEFENCES
from tests.faults.mutation.surgery import surgery

EACH = 12
"""Neighbours, who are proved by the same tests mostly."""
FILE = "bot/signatures.py"
OLD = "return shape[1] if shape and genuine else None"
TEST = "tests/bot/test_signatures.py::test_a_callback_token_names_its_generation"
OTHER = "tests/bot/test_signatures.py::test_a_callback_token_is_for_one_provider"


@pytest.fixture(scope="session")
def surgeon():
    """One process for each worker that removes what it is told."""
    with surgery() as it:
        yield it


@pytest.mark.parametrize("first", range(0, len(DEFENCES), EACH))
def test_without_any_one_defence_a_test_fails(surgeon, reached, first):
    """Its tests pass while all defences stand, and one of them fails while it alone is gone."""
    mine = DEFENCES[first : first + EACH]
    unsound = surgeon.unsound([test for one in mine for test in one.tests])
    survivors = [found for one in mine if (found := surgeon.survived(one)) is not None]
    reached("defences; without a killing test", len(mine), len(survivors))
    assert ([], []) == (unsound, survivors)


def test_what_no_test_misses_survives(surgeon):
    """A test that passes all the same is no proof, nor is one that isn't there."""
    removed = defence("a token is checked", FILE, OLD, "return shape[1] if shape else None", TEST)
    assert surgeon.survived(removed) is not None
    assert surgeon.survived(defence("", FILE, OLD, "return None", f"{TEST}_at_all")) is not None
    assert surgeon.survived(defence("", FILE, OLD, "return shape[1] if shape else None", OTHER)) is None


def test_a_program_that_is_only_broken_proves_nothing(surgeon):
    """A test that fails of an unknown name, or of a module that can't be loaded, has missed nothing."""
    assert surgeon.survived(defence("", FILE, OLD, "return nowhere", TEST)) is not None
    assert surgeon.survived(defence("", FILE, OLD, "return return", TEST)) is not None


def test_a_test_that_fails_anyway_is_told(surgeon):
    """Tests that don't pass with every defence in place kill nothing, nor do tests that aren't there."""
    assert [] == surgeon.unsound([TEST, OTHER])
    assert f"{TEST}_at_all" in "".join(surgeon.unsound([TEST, f"{TEST}_at_all"]))


def test_a_list_that_no_longer_fits_is_told(surgeon):
    """What is removed is found exactly once."""
    with pytest.raises(StaleError):
        defence("", FILE, "def ", "", TEST).removed()
    assert "stale" in surgeon.survived(defence("", FILE, "no such words", "", TEST))


def test_each_defence_is_told_once():
    """No two have one name."""
    assert [] == [name for name, times in Counter(one.name for one in DEFENCES).items() if times > 1]
