"""Work done ahead comes out as it would have, and its thread never outlives whoever takes it."""

from __future__ import annotations

import threading

import pytest

from bot.media._ahead import ahead


@pytest.fixture(autouse=True)
def nothing_goes_on():
    """See that no thread is left over."""
    before = threading.active_count()
    yield
    assert threading.active_count() == before


@pytest.mark.parametrize("most", [1, 2, 100])
def test_items_come_as_they_are(most):
    """All of them, in their order, and then the end."""
    with ahead(iter(range(20)), most) as items:
        assert [*items] == [*range(20)]


def test_nothing_comes_of_nothing():
    """Where there are no items, taking ends at once."""
    with ahead((), 2) as items:
        assert [*items] == []


def test_items_are_worked_out_elsewhere():
    """The next item is being made while its taker still has the one before."""
    begun = threading.Event()

    def make():
        yield threading.get_ident()
        begun.set()
        yield threading.get_ident()

    with ahead(make(), 2) as items:
        first = next(items)
        assert begun.wait(10)
        assert {first, *items} - {threading.get_ident()} == {first}


@pytest.mark.parametrize("most", [1, 3])
def test_few_wait_to_be_taken(most):
    """No more are made than may wait, however slow the taker is."""
    made, full = [], threading.Event()

    def make():
        for number in range(50):
            made.append(number)
            if len(made) == most:
                full.set()
            yield number

    with ahead(make(), most) as items:
        assert full.wait(10)
        held = []
        for taken, number in enumerate(items, 1):
            held.append(len(made) - taken)
            assert number == taken - 1
    assert max(held) <= most


def test_an_error_comes_after_what_was_made_before_it():
    """What goes wrong is raised where the next item would have been, as what it is."""

    def make():
        yield from "ab"
        raise ValueError("broken")

    with ahead(make(), 2) as items:
        assert [next(items), next(items)] == ["a", "b"]
        with pytest.raises(ValueError, match=r"^broken$"):
            next(items)


@pytest.mark.parametrize("most", [1, 5])
@pytest.mark.parametrize("taken", [0, 1, 4])
def test_leaving_early_ends_the_work(most, taken):
    """Whoever breaks off waits for the thread: nothing is read any more from what is closed now."""
    made, closed = [], []

    def make():
        for number in range(100):
            assert not closed
            made.append(number)
            yield number

    with ahead(make(), most) as items:
        assert [next(items) for _ in range(taken)] == [*range(taken)]
    closed.append(True)
    assert len(made) <= taken + most


def test_leaving_waits_for_what_is_being_made():
    """What is being made when its taker leaves is made to its end: then nothing is in use any more."""
    going, done = threading.Event(), []

    def make():
        yield "a"
        going.wait(10)
        done.append(sum(range(1_000_000)))
        yield "b"

    with ahead(make(), 3) as items:
        assert next(items) == "a"
        going.set()
    assert len(done) == 1


def test_an_error_of_the_taker_ends_the_work():
    """The taker's own error comes through, and one that was waiting behind it is forgotten."""

    def make():
        yield "a"
        raise ValueError("later")

    def take():
        with ahead(make(), 3) as items:
            raise KeyError(next(items))

    with pytest.raises(KeyError, match="a"):
        take()
