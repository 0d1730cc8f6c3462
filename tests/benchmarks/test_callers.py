"""Laws of the provider that calls back: when it calls."""

from itertools import islice

from benchmarks.ways.callers import pauses


def test_pauses_are_all_the_same_or_of_any_length():
    """With a seed they are spread up to twice the mean, so that calls come at any moment of what recurs."""
    assert [0.5] * 3 == list(islice(pauses(0.5, None), 3))
    any_length = sorted(islice(pauses(0.5, 1), 400))
    assert all(
        any(low <= each < low + 0.1 for each in any_length) for low in (tenth / 10 for tenth in range(10))
    )
    assert 1.0 >= any_length[-1]
    assert any_length == sorted(islice(pauses(0.5, 1), 400))
    assert any_length != sorted(islice(pauses(0.5, 2), 400))
