"""Everything that can go wrong is written down, and has a test that names it."""

from __future__ import annotations

from itertools import groupby

import pytest

from tests.faults.rows import named, proofs, rows

HOW_MANY = {"P": 25, "D": 18, "S": 21, "T": 37}


def test_the_page_has_every_row_once():
    """Each kind counts from 01 without a gap."""
    expected = [f"{kind}-{number:02}" for kind, last in HOW_MANY.items() for number in range(1, last + 1)]
    assert expected == list(rows())


def test_every_row_has_a_test():
    """No row is only written down."""
    missing = sorted(set(rows()) - set(proofs()))
    assert {} == {kind: list(ids) for kind, ids in groupby(missing, key=lambda row: row[0])}


def test_no_test_names_a_row_that_is_none():
    """Whoever looks a row up finds it."""
    assert set() == set(proofs()) - set(rows())


@pytest.mark.parametrize(
    ("docstring", "ids"),
    [
        ("Nothing is sent twice (P-03, T-19).", {"P-03", "T-19"}),
        ("About UTC-08 and XP-07.", set()),
        ("", set()),
    ],
)
def test_a_row_is_found_in_a_docstring(docstring, ids):
    """Only what is written as a row is one, and only a test can name it."""
    assert ids == set(named(f'def test_it():\n    """{docstring}"""\n'))
    assert set() == set(named(f'def it():\n    """{docstring}"""\n'))
