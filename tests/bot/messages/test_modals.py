"""Laws of `bot.messages.modals`."""

from dataclasses import replace

import pytest

from bot.i18n import speaker
from bot.messages import modals
from bot.messages.text import width
from bot.providers.capabilities import CAPABILITIES
from tests.bot.messages.test_messages import generation

SAY = speaker("en-US")


@pytest.mark.parametrize("length", [0, 1, 4000, 4001, 6000])
@pytest.mark.parametrize("letter", ["x", "\N{CLAPPER BOARD}"])
def test_a_modal_holds_the_whole_prompt(length, letter):
    """In one field, or in two, however wide its characters are."""
    prompt = letter * (length // width(letter))
    row = generation()
    row = replace(row, asked=replace(row.asked, prompt=prompt))
    modal = modals.edit_modal(row, SAY)
    fields = [label.component for label in modal.children]

    assert "".join(field.default for field in fields) == prompt
    assert max(width(field.default) for field in fields) <= 4000
    assert [field.required for field in fields] == [True, False][: len(fields)]


def test_a_modal_never_has_more_parts_than_discord_takes():
    """A prompt in two fields and every option are five."""
    row = generation()
    row = replace(row, asked=replace(row.asked, prompt="x" * 5000))
    offered = CAPABILITIES["evolink"]["seedance-2.0"]

    assert len(modals.edit_modal(row, SAY, offered).children) == 5


def test_a_modal_says_what_sending_it_costs():
    """Others may press Edit too, and it is theirs to pay."""
    told = [label.description for label in modals.edit_modal(generation(), SAY).children]

    assert told == ["This makes a new film, which counts against your own limits."]


def test_a_broken_submission_is_an_empty_prompt():
    """Which is then refused in words."""
    assert modals.edited_prompt({"components": [{"type": 18}]}) == ""


@pytest.mark.parametrize(
    ("prompt", "title"), [("a paper boat", "Extend this film"), ("", "Begin with its last frame")]
)
def test_a_film_goes_on_with_words_and_a_length(prompt, title):
    """Filled in as it was, where that can be."""
    modal = modals.extend_modal("0" * 16, prompt, (4, 5, 6), 5, SAY)
    words, length = (label.component for label in modal.children)

    assert (modal.title, modal.custom_id) == (title, "matinee:extended:" + "0" * 16)
    assert words.default == prompt
    assert [(option.label, option.default) for option in length.options] == [
        ("4 s", False),
        ("5 s", True),
        ("6 s", False),
    ]


def test_a_length_that_nobody_offers_is_not_asked_for():
    """Its model may be gone; the router then picks another."""
    assert len(modals.extend_modal("0" * 16, "x", (), None, SAY).children) == 1


def test_what_was_sent_is_read_field_by_field():
    """A prompt from its fields, a length from its menu, a reason from all there is."""
    parts = [
        {"custom_id": "prompt", "value": "a"},
        {"custom_id": "prompt1", "value": "b"},
        {"custom_id": "seconds", "values": ["7"]},
    ]
    data = {"components": [{"component": part} for part in parts]}

    assert (modals.edited_prompt(data), modals.chosen_seconds(data)) == ("ab", 7)
    assert modals.edited(data, generation()) == {"prompt": "ab", "seconds": 7}
    assert (
        modals.chosen_seconds({"components": [{"component": {"custom_id": "seconds", "values": ["x"]}}]})
        is None
    )
    assert modals.told_reason({"components": [{"component": {"value": "r" * 600}}]}) == "r" * 500


def test_a_report_may_leave_the_reason_out():
    """One press more is enough."""
    (label,) = modals.report_modal("0" * 16, SAY).children

    assert label.component.required is False
