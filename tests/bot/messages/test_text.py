"""Laws of `bot.messages.text`."""

import re
import unicodedata
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.i18n import speaker
from bot.messages.text import beginning, first_lines, line, moment, name, safe, size, span, visible, width

EVIL = [
    "@everyone",
    "@here",
    "<@1>",
    "<@&2>",
    "@Everyone",
    "<t:1:R>",
    "<:e:1>",
    "**",
    "`",
    "||",
    "~~",
    "\\",
    "😀",
]
LINKS = [
    "https://evil.example",
    "HTTP://EVIL.example",
    "[x](http://e.example)",
    "discord.gg/a",
    "DISCORD.gg/a",
    "](",
]
UNSEEN = [
    "\u202e",
    "\u200d",
    "\x00",
    "\ud800",
    "\n# ",
    "\n- ",
    "\n1. ",
    ">>> ",
    " ",
    "e" + "\u0301" * 9,
    "a" * 3000,
]
HOSTILE = st.text() | st.lists(st.sampled_from([*EVIL, *LINKS, *UNSEEN]), max_size=12).map("".join)


@given(HOSTILE, st.integers(2, 4000))
def test_safe_text_is_never_longer_than_asked(text, most):
    """The cap holds after escaping, however Discord counts."""
    assert width(safe(text, most)) <= most


@given(HOSTILE)
def test_safe_text_pings_links_and_hides_nothing(text):
    """No mention, no link, no invite and no unseen character comes through."""
    shown = safe(text, 1000)

    assert (
        re.findall(r"@everyone|@here|(?<!\\)<[@#]|https?://|discord\.gg/|(?<!\\)\]\(", shown, re.IGNORECASE)
        == []
    )
    assert {c for c in shown if unicodedata.category(c) in {"Cc", "Cf", "Cs"}} <= {"\n", "\u200b"}


@given(HOSTILE)
def test_a_name_pings_and_links_nothing_either(text):
    """Where no markdown is read, a backslash would be seen: the signs are parted without one."""
    shown = name(text, 100)

    assert re.findall(r"@everyone|@here|https?://|discord\.gg/", shown, re.IGNORECASE) == []
    assert width(shown) <= 100


@given(HOSTILE)
def test_a_line_is_one_line(text):
    """Names can't break out of their line."""
    assert "\n" not in line(text, 80)


@given(HOSTILE)
def test_every_markdown_sign_is_escaped(text):
    """Nothing that formats stands without its backslash."""
    shown = safe(text, 5000)

    assert re.findall(r"(?<!\\)(?:\\\\)*[*_~|`<>#\[\]]", shown) == []


@pytest.mark.parametrize(
    "text", ["a paper boat, 35 mm", "wäre @1 schön?", "一只猫 @图1", "half/half - and & so"]
)
def test_ordinary_words_stay_as_they_are(text):
    """Only what could do harm is changed."""
    assert safe(text, 200) == text


def test_a_cut_text_says_so():
    """What doesn't fit ends in an ellipsis."""
    assert visible("a" * 50, 10) == "a" * 9 + "…"


@given(st.lists(st.text(max_size=9)), st.integers(10, 60))
def test_as_many_lines_as_fit(lines, most):
    """All of them, or the first ones and a sign that there are more."""
    kept = first_lines(lines, most)

    assert lines == kept or lines[: len(kept) - 1] == kept[:-1]
    assert ("- …" == kept[-1]) if lines != kept else True
    assert width("\n".join(kept)) <= most + len("\n- …")


@pytest.mark.parametrize(
    ("written", "most", "shown"),
    [
        ("`a` and `b`", 11, "`a` and `b`"),
        ("`a` and `b`", 10, "`a` and …"),
        ("`a` and `<@1>` c", 15, "`a` and `<@1>`…"),
        ("a `b\\` c", 7, "a `b\\`…"),
        ("ab\\`cd", 5, "ab\\`…"),
        ("ab\\`cd", 4, "ab…"),
        ("😀😀😀", 4, "😀…"),
    ],
)
def test_what_we_wrote_is_cut_between_its_parts(written, most, shown):
    """Code that stays open would let whatever is in it loose."""
    assert shown == beginning(written, most)


def test_stacked_marks_are_thinned():
    """Towers of accents don't reach into other people's lines."""
    assert visible("e" + "\u0301" * 40, 100) == "e\u0301\u0301"


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "0 s"),
        (45.7, "45 s"),
        (180, "3 min"),
        (192, "3 min 12 s"),
        (7200, "2 h"),
        (7500, "2 h 5 min"),
        (-3, "0 s"),
    ],
)
def test_a_span_is_told_in_two_units_at_most(seconds, words):
    """Lengths of time are short and rounded down."""
    assert span(timedelta(seconds=seconds), speaker("en-US")) == words


def test_a_span_is_told_in_the_readers_language():
    """Units are words, too."""
    assert span(timedelta(seconds=192), speaker("zh-CN")) == "3 分 12 秒"


@pytest.mark.parametrize(
    ("count", "words"),
    [(1, "1 B"), (2048, "2 KiB"), (30 * 1024**2, "30 MiB"), (1536 * 1024, "1.5 MiB"), (5 * 2**29, "2.5 GiB")],
)
def test_sizes_are_told_as_discord_counts_them(count, words):
    """Bytes become KiB, MiB and GiB."""
    assert size(count) == words


def test_a_moment_counts_by_itself():
    """Discord shows it relative to the reader's own clock."""
    assert moment(datetime(2026, 11, 21, tzinfo=UTC)) == "<t:1795219200:R>"
