"""Laws of `bot.store.past`."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.store.past import Took, took

SECOND = 1_000_000


@pytest.mark.parametrize(
    ("asked", "planned", "since", "called"),
    [
        (40, 60, 30, False),  # asked in vain half a minute after the submit, then in time
        (None, 60, 0, False),  # the first ask found it
        (5, 60, 0, False),  # of another submit: says nothing
        (60, 60, 50, False),  # both the same: an older version wrote the last ask down
        (40, 90, 50, True),  # a callback brought it before its next ask
        (None, None, 0, False),
    ],
)
def test_how_a_row_tells_how_long_it_took(asked, planned, since, called):
    """Submitted at 10, seen to be done at 60 seconds: what is known besides."""
    row = tuple(None if value is None else value * SECOND for value in (10, 60, asked, planned))

    assert Took(timedelta(seconds=50), timedelta(seconds=since), called) == took(row)
