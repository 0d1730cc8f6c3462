"""Laws of `bot.messages.modals`."""

from dataclasses import replace

import pytest

from bot.i18n import speaker
from bot.messages import modals
from bot.messages.text import width
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


def test_a_modal_says_what_sending_it_costs():
    """Others may press Edit too, and it is theirs to pay."""
    told = [label.description for label in modals.edit_modal(generation(), SAY).children]

    assert told == ["This makes a new film, which counts against your own limits."]


def test_a_broken_submission_is_an_empty_prompt():
    """Which is then refused in words."""
    assert modals.edited_prompt({"components": [{"type": 18}]}) == ""
