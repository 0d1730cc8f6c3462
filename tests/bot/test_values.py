"""A value that is made or copied by its dictionary is the one that its class would have made."""

from __future__ import annotations

from dataclasses import FrozenInstanceError, fields, replace

import pytest

from bot.models import Generation, Status
from bot.shots import Storyboard
from bot.values import but, of
from tests.bot.store.examples import everything, generation, second

CHANGES = {"status": Status.DELIVERED, "due_at": None, "misses": 3, "task_id": "t"}


def test_a_value_is_what_its_fields_say():
    """Made of its fields it equals the one that was made field by field, and has its hash."""
    value = everything()
    made = of(Generation, {field.name: getattr(value, field.name) for field in fields(Generation)})
    assert value == made
    assert hash(value) == hash(made)
    assert repr(value) == repr(made)


def test_a_changed_copy_is_what_replace_makes():
    """Fields that are named change and all others stay, defaults or not; the first value stays as it was."""
    for value in (everything(), generation(1)):
        before = replace(value)
        assert replace(value, **CHANGES) == but(value, **CHANGES)
        assert replace(value, **CHANGES) == but(but(value, misses=3), **CHANGES)
        assert before == value


def test_of_a_copy_nothing_can_be_set():
    """It is as frozen as any other."""
    with pytest.raises(FrozenInstanceError):
        but(generation(1), misses=1).misses = 2  # type: ignore[misc]


def test_no_field_can_be_made_up():
    """A word that is no field, nor a method's name, is refused and named."""
    with pytest.raises(TypeError, match="Generation has no colour, made_up"):
        but(generation(1), made_up=1, colour=2, due_at=second(1))


def test_every_value_that_is_copied_so_is_its_dictionary():
    """A class with slots has none: its values could not be copied."""
    for kind in (Generation, Storyboard):
        assert not any("__slots__" in vars(each) for each in kind.__mro__[:-1])
