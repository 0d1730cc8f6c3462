"""Laws of `bot.disguises`: one word in many dresses is one word, and nothing is settled twice."""

import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.disguises import LOOK_ALIKES, is_honest, marked, normalised, plain, scripts

hostile = st.text(
    st.one_of(st.characters(), st.sampled_from("a\u0301\u0308\u200b\u1160\u0345ßİ´¨ﷺＡ각가ᄀ\ud800 "))
)


@given(hostile)
@example("\u0344\u1160\u0301")
@example("ᄀ\u0301ᅡ")
def test_both_readings_are_settled_once_for_all(text):
    """What is plain stays as it is made plain again, and so does what is normalised."""
    assert plain(text) == plain(plain(text))
    assert normalised(text) == normalised(normalised(text)) == plain(normalised(text))


@given(hostile)
def test_nothing_unseen_is_left(text):
    """No control, direction or joining character and surrogate survives, and no blank but single spaces."""
    left = plain(text)

    assert {unicodedata.category(letter) for letter in left} & {"Cc", "Cf", "Cs", "Zl", "Zp"} == set()
    assert left == " ".join(left.split())


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Ｂａｄ", "bad"),
        ("b\u200ba\u2060d\u00ad", "bad"),
        ("b\u0336\u0301a\u0308\u0308d\u20dd", "bad"),
        ("bаԁ", "bad"),
        ("ʙᴀᴅ", "bad"),
        ("𝕓𝒶𝖉", "bad"),
        ("ⓑⓐⓓ", "bad"),
        ("🅱🅐🄳", "bad"),
        ("bad\n\n\u2003thing\u3164!", "bad thing !"),
        ("10 seconds", "10 seconds"),
        ("坏人", "坏人"),
        ("がぎ", "がぎ"),
        ("한국어", "한국어"),
    ],
)
def test_dresses_come_off_and_other_things_stay(text, expected):
    """Width, style, unseen characters, accents and look-alikes go; digits and other scripts stay."""
    assert expected == normalised(text)


def test_an_accent_is_plain_but_not_normalised():
    """The plain reading still tells one word of a language from another."""
    assert ("año", "ano") == (plain("AN\u0303O"), normalised("AN\u0303O"))


@pytest.mark.parametrize("letter", sorted(LOOK_ALIKES))
def test_every_look_alike_passes_for_its_letter(letter):
    """Each entry of the table works, whatever case and accents do before it."""
    assert {letter} == {normalised(alike) for alike in LOOK_ALIKES[letter]}


@pytest.mark.parametrize(
    ("word", "expected"),
    [("жизнь", True), ("рот", False), ("pot", True), ("plопк", False), ("ᴘᴏᴛ", False), ("42", False)],
)
def test_a_word_is_honest_when_its_script_is_certain(word, expected):
    """A word made of look-alikes only, or of two scripts, says nothing of what a text is written in."""
    assert expected is is_honest(word)


def test_scripts_are_those_of_letters():
    """Digits and signs have none."""
    assert {"LATIN", "CYRILLIC"} == scripts("pот 42!")


@given(hostile.map(plain))
def test_marking_moves_signs_and_leaves_each_in_its_place(text):
    """A marked text is as long as before and has the same letters where they were."""
    moved = marked(text)

    assert len(text) == len(moved)
    assert all(a == b for a, b in zip(text, moved, strict=True) if a.isascii() or a.isalpha())
