"""Laws of `bot.messages.library`."""

import re
from datetime import timedelta

import discord
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.i18n import speaker
from bot.messages import library
from bot.messages.text import width
from bot.models import OPEN, Mode, Status, VideoRequest
from bot.store.searching import Shown
from tests.bot.messages.test_messages import HOSTILE, NOW, generation

SAY = speaker("en-US")


def entries(count, **fields):
    """Return a member's generations, each a minute older."""
    return [
        library.Entry(generation(created_at=NOW - timedelta(minutes=number)), **fields)
        for number in range(count)
    ]


def labels(draft):
    """Return what the buttons say."""
    return [item.label for item in draft.view.children if isinstance(item, discord.ui.Button)]


def menus(draft):
    """Return the menus by their custom_ids."""
    return {item.custom_id: item for item in draft.view.children if isinstance(item, discord.ui.Select)}


def test_a_page_keeps_to_discords_limit():
    """What doesn't fit stands on the next page, which begins right after it."""
    many = entries(8, link="https://films.example/" + "x" * 900)
    draft = library.page(many, SAY)
    shown = draft.embed.description.count("**") // 2

    assert width(draft.embed.description) <= 4096
    assert 1 < shown < 8
    assert labels(draft)[-1] == "Older"
    assert many[shown - 1].generation.id in draft.view.children[-1].custom_id


def test_the_only_page_says_so_by_having_no_button():
    """Everything is shown, and everything can be cancelled."""
    assert labels(library.page(entries(2), SAY)) == ["Cancel 1", "Cancel 2"]


def test_a_page_in_the_middle_turns_both_ways():
    """From its first and from its last, in the same search and state."""
    several = [library.Entry(generation(id=f"{number:016x}")) for number in (3, 2, 1)]
    sought = library.Sought(Shown.OPEN, "a boat: x")
    draft = library.page(several, SAY, sought, older=True, newer=True)
    turns = [item for item in draft.view.children if "matinee:videos:" in item.custom_id]
    found = [re.fullmatch(library.TURN, item.custom_id).groupdict() for item in turns]

    assert [(item.label, each["way"], each["id"]) for item, each in zip(turns, found, strict=True)] == [
        ("Newer", "newer", f"{3:016x}"),
        ("Older", "older", f"{1:016x}"),
    ]
    assert {(each["shown"], each["searched"]) for each in found} == {("open", "a boat: x")}


@given(st.text() | st.sampled_from(HOSTILE))
def test_a_search_fits_its_buttons(words):
    """Whatever is searched for: every custom_id is within a hundred, and says what is left of the search."""
    searched = library.searchable(words)
    draft = library.page(entries(1), SAY, library.Sought(Shown.WITHOUT, searched), older=True, newer=True)
    ids = [item.custom_id for item in draft.view.children]

    assert all(width(each) <= 100 for each in ids)
    assert re.fullmatch(library.TURN, ids[-1])["searched"] == searched
    assert width(draft.content or "") <= 2000
    assert library.searchable(searched) == searched


@given(st.text(max_size=6000) | st.sampled_from(HOSTILE))
def test_the_menus_are_within_discords_limits(prompt):
    """With the most hostile prompts: 25 options of a hundred characters, none without a word."""
    asked = VideoRequest(prompt, Mode.TEXT)
    rows = [library.Entry(generation(id=f"{number:016x}", asked=asked)) for number in range(library.PAGE)]
    draft = library.page(rows, SAY, older=True, newer=True)

    assert len(draft.view.to_components()) <= 5
    for menu in menus(draft).values():
        assert len(menu.options) <= 25
        assert all(1 <= width(option.label) <= 100 for option in menu.options)
    assert 1 <= width(library.choice(rows[0].generation)) <= 100


def test_the_filter_says_what_is_shown():
    """The state that is shown is the chosen one."""
    draft = library.page(entries(1), SAY, library.Sought(Shown.DONE))
    (menu,) = [menu for id_, menu in menus(draft).items() if id_.startswith("matinee:filter:")]

    assert [option.value for option in menu.options if option.default] == ["done"]


def test_a_price_of_cancelling_is_on_the_button():
    """In the list as on the card."""
    assert labels(library.page(entries(1, cancel_charged=True), SAY)) == ["Cancel 1 (counts in full)"]


@pytest.mark.parametrize(
    ("fields", "kept", "offered"),
    [({}, True, True), ({}, False, False), ({"message_id": 9}, True, False)],
)
def test_a_kept_film_is_offered_where_it_was_not_posted(fields, kept, offered):
    """Only what lies here can be handed over, and only who didn't get it needs it."""
    entry = library.Entry(generation(Status.DELIVERED, **fields), kept=kept)

    assert bool(labels(library.page([entry], SAY))) == offered


@given(st.sampled_from(Status), st.text(max_size=6000) | st.sampled_from(HOSTILE))
def test_one_of_them_is_within_discords_limits(status, prompt):
    """However it stands, and whatever its prompt."""
    one = generation(status, asked=VideoRequest(prompt, Mode.TEXT))
    draft = library.one(library.Entry(one), NOW, SAY, elsewhere="x" * 500)

    assert 1 <= width(draft.content) <= 2000
    assert "@everyone" not in draft.content


@pytest.mark.parametrize(
    ("entry", "facts", "words"),
    [
        ({"kept": True, "link": "https://x"}, {"too_large": 2**30}, "https://x"),
        ({"kept": True}, {"too_large": 2**30}, "too large to be sent here (1 GiB)"),
        ({}, {"elsewhere": "[Its file](https://y)"}, "[Its file](https://y)"),
        ({}, {}, "no longer kept"),
    ],
)
def test_one_says_where_its_film_is(entry, facts, words):
    """Unless it is attached."""
    row = library.Entry(generation(Status.DELIVERED, message_id=5), **entry)

    assert words in library.one(row, NOW, SAY, **facts).content


@pytest.mark.parametrize(
    ("status", "in_full", "words"),
    [
        (Status.QUEUED, False, "counts nothing."),
        (Status.RUNNING, False, "If the film is faster"),
        (Status.RUNNING, True, "counts in full"),
    ],
)
def test_a_cancel_promises_only_what_is_sure(status, in_full, words):
    """What is at the provider may be faster than the cancel."""
    assert words in library.cancelled(generation(status), SAY, in_full=in_full)


OPENED = [status for status in Status if status in OPEN]


@given(
    st.lists(st.tuples(st.text(max_size=300) | st.just(HOSTILE), st.sampled_from(OPENED)), max_size=30),
    st.integers(0, 10**12),
)
def test_limits_and_lists_keep_to_discords_limits_under_any_prompt(made, number):
    """However many are under way, and whatever they are called."""
    rows = [
        generation(status, request=VideoRequest(text, Mode.TEXT), used_model=text, reason=text)
        for text, status in made
    ]
    listed = library.page([library.Entry(row, place=number) for row in rows[:8]], SAY, older=True)

    assert width(listed.content or "") <= 2000
    assert not listed.embed or width(listed.embed.description) <= 4096
    assert not listed.view or max(width(label) for label in labels(listed)) <= 80


def test_a_page_is_easy_on_the_eye():
    """Two lines for each, and room between."""
    described = library.page(entries(2), SAY).embed.description

    assert [len(each.splitlines()) for each in described.split("\n\n")] == [2, 2]
