"""Reading what providers say."""

from __future__ import annotations

import json
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.providers._answers import estimate, links, model_name, percent, task_id, words, write

ANYTHING = st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.lists(st.text())
ADDRESSES = st.from_regex(r"(?i)(https?|ftp|file)://[^\s]{0,20}(/[^\s]*)?", fullmatch=True)


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        (["https://a.example/f.mp4"], ("https://a.example/f.mp4",)),
        (["http://127.0.0.1:9000/f.mp4"], ("http://127.0.0.1:9000/f.mp4",)),
        (["//a.example/f.mp4", "/f.mp4", "f.mp4", ""], ()),
        (["file:///etc/passwd", "javascript:alert(1)", "data:video/mp4,x"], ()),
        (["https://", "https:///x", "https://[::1", "https://a.example/\n"], ()),
        ([f"https://a.example/{'x' * 5000}"], ()),
        ([None, 1, {}, []], ()),
    ],
)
def test_only_absolute_web_addresses_are_links(told, expected):
    """Whether we may connect there is the downloader's question."""
    assert expected == links(told)


@given(st.lists(ANYTHING | ADDRESSES, max_size=40))
def test_links_are_few_and_each_is_one(told):
    """At most ten, each once, each with a host."""
    found = links(told)
    assert 10 == len(links([*told, *(f"https://films.example/{number}.mp4" for number in range(20))]))
    assert len(found) == len(set(found)) <= 10
    assert all(urlsplit(link).hostname for link in found)


@pytest.mark.parametrize("told", ["a", "req_1", "task-unified-1-x", "A1.b:c~d-e", "x" * 128])
def test_an_id_can_be_put_into_an_address(told):
    """As it is."""
    assert told == task_id(told)


@pytest.mark.parametrize(
    "told", [None, "", ".", "..", "../x", "a/b", "a b", "a?b", "a#b", "é", "a\n", "x" * 129]
)
def test_what_could_lead_elsewhere_is_no_id(told):
    """A callback's body is anybody's."""
    assert task_id(told) is None


@given(st.none() | st.floats())
def test_progress_is_a_percentage(told):
    """Whatever number is told."""
    found = percent(told)
    assert found is None or 0 <= found <= 100


@given(st.none() | st.floats())
def test_an_estimate_is_within_a_day(told):
    """Whatever number is told."""
    found = estimate(told)
    assert found is None or timedelta() <= found <= timedelta(days=1)


@given(st.text())
def test_text_travels_as_it_is(text):
    """All that UTF-8 can carry, unescaped."""
    assert {"prompt": text} == json.loads(write({"prompt": text}).encode())


def test_half_a_pair_cannot_travel():
    """It becomes the sign for an unreadable character; a whole pair is one character."""
    assert write({"p": "a\ud83c \ud83c\udf82"}) == '{"p": "a\ufffd \U0001f382"}'


@given(st.lists(st.none() | st.text()))
def test_words_for_the_log_are_bounded(told):
    """Whatever a provider writes about a task, a line of the log stays one that can be read."""
    said = words(*told)
    assert len(said) <= 2048
    assert " ".join(filter(None, told)).startswith(said)


@pytest.mark.parametrize("told", ["", "a b", "x\0y", "\ud800", "é", "x" * 65, "-x", None])
def test_a_model_that_is_no_name_is_none(told):
    """It is written into the database and onto the card: half a letter or a zero would break both."""
    assert (None, "doubao-seedance-2.0") == (model_name(told), model_name("doubao-seedance-2.0"))
