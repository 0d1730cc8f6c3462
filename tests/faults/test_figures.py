"""The table of proofs tells what was measured, by whomever, and whether it is enough."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from tests.faults.figures import PROPERTY, ROWS, gathered, named, named_seeds, pieces, table, unmet

CALLBACKS = "bad callbacks; uncaught errors; accepted"
STALLED = "stalled clients held; honest callback p99; all cut after"


def report(*figures, when="call"):
    """Return a test's report as it comes from a worker."""
    return SimpleNamespace(when=when, user_properties=[(PROPERTY, list(figure)) for figure in figures])


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    """Run as `make test` does, whatever runs this."""
    monkeypatch.delenv("PROVE", raising=False)
    monkeypatch.delenv("SEEDS", raising=False)


def test_numbers_of_all_workers_count_together():
    """Counts add up, the worst time stands, and a test's numbers count once."""
    reports = [
        report((CALLBACKS, [30_000, 0, 0]), (STALLED, [100, 20, 6])),
        report((CALLBACKS, [20_000, 1, 0]), (STALLED, [100, 30, 5])),
        report((CALLBACKS, [20_000, 1, 0]), when="teardown"),
    ]
    assert {CALLBACKS: [50_000, 1, 0], STALLED: [200, 30, 6]} == gathered(reports)


@pytest.mark.parametrize(
    ("numbers", "full", "enough"),
    [
        ([50_000, 0, 0], False, True),
        ([49_999, 0, 0], False, False),
        ([50_000, 1, 0], False, False),
        ([50_000, 0, 0], True, False),
        ([1_000_000, 0, 0], True, True),
    ],
)
def test_too_little_or_one_fault_is_not_enough(numbers, full, enough):
    """Each number has its need, and `make prove` needs more."""
    assert ([] if enough else [CALLBACKS]) == unmet({CALLBACKS: numbers}, full=full)


def test_the_table_tells_what_is_needed_and_what_was_reached():
    """One line for each row that a proof has filled, and a word where it isn't enough."""
    told = [line.split(" | ") for line in table({CALLBACKS: [50_000, 0, 2]}, full=False)]
    assert [
        ["what", "make test", "make prove", "reached by make test"],
        [CALLBACKS, "≥ 50,000; 0; 0", "≥ 1,000,000; 0; 0", "50,000; 0; 2 (not enough)"],
    ] == [[cell.strip() for cell in line] for line in told]


def test_seeds_are_few_or_all_or_those_that_are_named(monkeypatch):
    """A proof can be split by its seeds, and a test's id says how to run it alone."""
    assert ["0-1", "2-2"] == [named(piece) for piece in pieces(3, each=2)]
    monkeypatch.setenv("PROVE", "full")
    assert 40 == len(pieces(3, each=25))
    monkeypatch.setenv("SEEDS", "17-18")
    assert [range(17, 19)] == pieces(3, each=25)
    monkeypatch.setenv("SEEDS", "17")
    assert range(17, 18) == named_seeds()


def test_every_row_needs_that_nothing_goes_wrong():
    """No row is only a count."""
    assert all(len(needs) > 1 for needs in ROWS.values())
