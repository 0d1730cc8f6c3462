"""Laws of `bot.messages.orders`."""

import re
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.i18n import speaker
from bot.messages import CardFacts, notice, orders
from bot.models import Cost, Mode, Status
from bot.providers.mends import read
from tests.bot.store.examples import NOON
from tests.bot.store.examples import generation as example

SAY = speaker("en-US")
TIMES = (timedelta(minutes=2), timedelta(minutes=5))


@pytest.mark.parametrize(
    ("mend", "label"),
    [
        ((("seconds", 15),), "Retry with 15 s"),
        ((("ratio", "16:9"),), "Retry in 16:9"),
        ((("resolution", "720p"),), "Retry in 720p"),
        ((("sound", False),), "Retry without sound"),
        ((("sound", None),), "Retry with whatever sound it makes"),
        ((("web_search", None),), "Retry without web search"),
        ((("fallback", None),), "Retry without another model"),
        ((("provider", "seedance2ink"),), "Retry with seedance2.ink"),
        ((("model", "seedance-2.0-fast"),), "Retry with seedance-2.0-fast"),
        ((("mode", Mode.FIRST_FRAME),), "Retry as first frame"),
        ((("provider", "evolink"), ("sound", False)), "Retry with EvoLink, without sound"),
    ],
)
def test_a_mend_says_what_it_changes(mend, label):
    """And its custom_id, which discord.py will find, says it to us."""
    (button,) = orders.retries("0" * 16, [mend], SAY)
    found = re.fullmatch(orders.RETRY, button.custom_id)

    assert label == button.label
    assert mend == read(found["mend"])
    assert len(button.custom_id) <= 100


def test_what_does_not_fit_is_no_button():
    """A model's name may be as long as it likes."""
    assert orders.retries("0" * 16, [(("model", "x" * 90),), ()], SAY) == []


def test_a_refused_sound_is_one_press_from_silence():
    """The notice names the culprit, says what it cost, and carries the mend."""
    refused = replace(example(1), status=Status.REFUSED, reason="moderation_sound")
    draft = notice(refused, CardFacts(NOON, mends=((("sound", False),),)))

    assert "the sound that it had made" in draft.content
    assert "Counts nothing" in draft.content
    assert [item.label for item in draft.view.children] == ["Retry without sound", "Again", "Edit"]


@pytest.mark.parametrize(
    ("credits_", "words"), [(12_500_000, "and about 12.5 credits"), (0, "isn't known here")]
)
def test_a_question_says_what_it_takes(credits_, words):
    """Videos, seconds and credits, or that nobody knows; never that it is free."""
    quoted = replace(example(1), cost=Cost(1, 5, credits_))
    told = orders.question(quoted, TIMES, "Videos: 3 of 10 used, 7 left", SAY)

    assert words in told
    assert "7 left" in told
    assert "usually takes 2 min, at worst 5 min" in told
    assert len(told) < 2000


@pytest.mark.parametrize(
    ("reason", "labels"),
    [
        ("moderation", ["Edit"]),
        ("moderation_face", ["Edit"]),
        ("input", ["Edit"]),
        ("moderation_sound", ["Again", "Edit"]),
        ("provider", ["Again", "Edit"]),
    ],
)
def test_the_same_is_not_offered_where_it_would_be_refused_again(reason, labels):
    """Whoever presses it learns nothing, and some providers charge for it."""
    draft = notice(replace(example(1), status=Status.REFUSED, reason=reason), CardFacts(NOON))
    assert labels == [item.label for item in draft.view.children]
