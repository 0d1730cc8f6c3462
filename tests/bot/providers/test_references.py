"""Files named in a prompt."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.providers import references
from tests.bot.providers.asking import files


@pytest.mark.parametrize(
    ("prompt", "positions"),
    [
        ("@1 and @2 are chatting, @3 is watching", (1, 2, 3)),
        ("@1 和 @2 在聊天,@3 在旁边看", (1, 2, 3)),
        ("和@1在聊天,@图2跳舞", (1, 2)),
        ("@image1 dances to @Image2.", (1, 2)),
        ("@1's hat, (@2), @3!", (1, 2, 3)),
        ("@12", (12,)),
        ("@0 and @007", (0, 7)),
        ("@1@图2", (1, 2)),
        ("@1@2x", (1,)),
        ("@" + "9" * 5000, (10_000,)),
        ("no file here", ()),
        ("me@1.example, a@2", ()),
        ("<@123456789012345678> smiles", ()),
        ("the @1st of May, @1.5 times, @image, @2_x", ()),
        ("@video1 @pic1", ()),
    ],
)
def test_mentions_are_found_by_position(prompt, positions):
    """`@1`, `@image1` and `@图1` count from one, in any script; addresses, mentions and ordinals are none."""
    assert positions == tuple(found.position for found in references.find(prompt))


@pytest.mark.parametrize(
    ("prompt", "count", "text"),
    [
        ("@1 and @2", 2, None),
        ("@1 and @图3", 2, "@图3"),
        ("@0", 2, "@0"),
        ("@1", 0, "@1"),
        ("nothing", 0, None),
    ],
)
def test_a_mention_of_no_file_is_named(prompt, count, text):
    """The first mention beyond the files is told as the member wrote it."""
    found = references.missing(prompt, count)
    assert text == (found.text if found else None)


@pytest.mark.parametrize(
    ("kinds", "prompt", "expected"),
    [
        ("i", "@1 smiles", "image 1 smiles"),
        ("iva", "@1 moves like @2 to @3", "image 1 moves like video 1 to audio 1"),
        ("vii", "@2 and @3, filmed as @1.", "image 1 and image 2, filmed as video 1."),
        ("ii", "和@1在聊天,@图2跳舞", "和 image 1 在聊天,image 2 跳舞"),
        ("i", "@image1's hat", "image 1's hat"),
        ("ii", "@1@2", "image 1 image 2"),
        ("i", "@1 and @9", "image 1 and @9"),
        ("", 'a "quoted"  text,\nas it is ', 'a "quoted"  text,\nas it is '),
    ],
)
def test_names_count_by_kind(kinds, prompt, expected):
    """Each kind has its own count, words don't stick together, and all else stays as it is."""
    assert expected == references.as_names(prompt, files(kinds))


@pytest.mark.parametrize(
    ("prompt", "expected"),
    [("@图1和@image2在", "@1和@2在"), ("@1 x @2", "@1 x @2"), ("a@1.example", "a@1.example")],
)
def test_positions_have_one_spelling(prompt, expected):
    """All three spellings become the first one."""
    assert expected == references.as_positions(prompt)


@given(st.text())
def test_a_prompt_without_at_signs_is_verbatim(prompt):
    """Only mentions are rewritten."""
    plain = prompt.replace("@", "")
    assert (plain, plain) == (references.as_positions(plain), references.as_names(plain, files("iva")))


@given(st.text(alphabet="@1290图image .和<x"))
def test_rewriting_keeps_every_file(prompt):
    """A mention is of the same file before and after."""
    before = [found.position for found in references.find(prompt)]
    assert before == [found.position for found in references.find(references.as_positions(prompt))]


@pytest.mark.parametrize(
    ("prompt", "expected"),
    [
        ("<@123456789012345678> dances", "@member dances"),
        ("<@!123456789012345678>, <@&99> and <#12>", "@member, @role and #channel"),
        ("a <:popcorn:1234> and an <a:wave:1234>", "a :popcorn: and an :wave:"),
        ("</video:123456> is a command", "/video is a command"),
        ("at <t:1700000000:R>, @1 <3 me@1.example", "at <t:1700000000:R>, @1 <3 me@1.example"),
    ],
)
def test_no_number_of_discords_leaves_the_bot(prompt, expected):
    """What Discord writes as a number reaches a provider as a word; all else is left alone."""
    assert expected == references.without_ids(prompt)
