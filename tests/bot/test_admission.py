"""Laws of `bot.admission`."""

from __future__ import annotations

import pytest

from bot.admission import narrowed
from bot.servers import ServerRules
from tests.fakes import CAPABILITIES

MODEL = CAPABILITIES["maxapi"]["seedance-2.0"]


def test_no_rules_leave_everything():
    """The defaults forbid nothing."""
    assert MODEL == narrowed(ServerRules())(MODEL)


@pytest.mark.parametrize(
    "rules",
    [
        ServerRules(providers=("evolink",)),
        ServerRules(models=("seedance-2.0-fast",)),
        ServerRules(resolutions=("16K",)),
        ServerRules(longest=1),
    ],
    ids=str,
)
def test_a_model_that_is_not_allowed_is_not_there(rules):
    """Also one of which nothing is left to choose."""
    assert narrowed(rules)(MODEL) is None


def test_what_is_allowed_of_a_model():
    """Shorter films, and fewer resolutions."""
    left = narrowed(ServerRules(resolutions=("720p",), longest=5))(MODEL)

    assert ("720p",) == left.resolutions
    assert {4, 5} >= set(left.seconds)
