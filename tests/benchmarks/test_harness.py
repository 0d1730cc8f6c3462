"""Laws of the harness: what a figure is, when it counts, and that nothing is left out silently."""

import math
import sys
from dataclasses import replace

import pytest

from benchmarks import harness
from benchmarks.harness import Figure, NotMeasured, Row, Way, in_process
from benchmarks.judging import Round, exit_code, judged, spread
from benchmarks.rounds import order, take


def row(*figures, ways=("ours", "raw")):
    """Return a row with these figures."""
    return Row(
        number="2", name="law", question="?", ways=[Way(name, lambda _: {}) for name in ways], figures=figures
    )


def rounds(ours, raw, others=0.0):
    """Return rounds in which two ways gave these values."""
    return [
        Round({"ours": {"per_s": a}, "raw": {"per_s": b, "other": b / 2}}, others)
        for a, b in zip(ours, raw, strict=True)
    ]


RATIO = Figure("ratio", way="ours", value="per_s", base="raw", target=8, better="more")


def test_a_ratio_is_taken_within_each_round_and_told_as_a_median():
    """Not the ratio of medians: round by round, with the least and the most."""
    (found,) = judged(row(RATIO), rounds([100, 90, 110], [10, 10, 10]), {})

    assert (10, 9, 11, "reached") == (found.median, found.least, found.most, found.verdict)


@pytest.mark.parametrize(
    ("figure", "median"),
    [
        (Figure("absolute", way="ours", value="per_s"), 90),
        (Figure("inverted", way="ours", value="per_s", base="raw", invert=True), 1 / 9),
        (Figure("another of the base", way="ours", value="per_s", base="raw", base_value="other"), 18),
    ],
    ids=lambda value: getattr(value, "name", ""),
)
def test_a_figure_says_what_is_divided_by_what(figure, median):
    """Nothing, the base by the way, or by another value of the base."""
    (found,) = judged(row(figure), rounds([90], [10]), {})

    assert median == pytest.approx(found.median)


@pytest.mark.parametrize(
    ("better", "verdicts"), [("more", ["missed", "reached"]), ("less", ["reached", "missed"])]
)
def test_a_target_is_reached_from_its_side(better, verdicts):
    """More, or less; the target itself is enough."""
    figure = Figure("ratio", way="ours", value="per_s", base="raw", target=8, better=better)
    least, most = (judged(row(figure), rounds([value], [10]), {})[0] for value in (79, 81))

    assert verdicts == [least.verdict, most.verdict]
    assert judged(row(figure), rounds([80], [10]), {})[0].verdict == "reached"


def test_a_base_that_spreads_makes_a_figure_void():
    """Up to 30 % of the median between least and most it counts, above it doesn't."""
    steady, unsteady = [9, 10, 12], [9, 10, 12.1]

    assert judged(row(RATIO), rounds([100] * 3, steady), {})[0].verdict == "reached"
    (found,) = judged(row(RATIO), rounds([100] * 3, unsteady), {})
    assert ("void", "the base spreads over 31%") == (found.verdict, found.why)
    assert spread([0, 0, 0]) == 0


def test_a_base_that_is_mostly_nothing_is_void():
    """It spreads however little it does; nothing is divided by its median."""
    calm = replace(RATIO, invert=True, target=0)
    below, at_all = ([-10, -1, -9], [1, 0, 0])

    assert math.inf == spread(at_all)
    assert 1.0 == spread(below)
    (found,) = judged(row(calm), rounds([1] * 3, at_all), {})
    assert ("void", "the base spreads around nothing") == (found.verdict, found.why)


def test_load_by_others_makes_a_figure_void():
    """Up to a tenth of a core it counts."""
    assert judged(row(RATIO), rounds([100], [10], others=0.10), {})[0].verdict == "reached"
    (found,) = judged(row(RATIO), rounds([100], [10], others=0.11), {})
    assert ("void", "others took up to 11% of a core") == (found.verdict, found.why)


def test_a_control_that_reaches_its_target_is_told_as_a_failure():
    """It must miss: else the measure can't fail."""
    control = Figure("no key", way="ours", value="per_s", target=0, control=True)

    (good,) = judged(row(control), rounds([3], [10]), {})
    (bad,) = judged(row(control), rounds([0], [10]), {})

    assert ("misses, as it must", 0) == (good.verdict, exit_code([good]))
    assert ("missed", 1) == (bad.verdict, exit_code([bad]))
    assert "proves nothing" in bad.why


def test_what_is_missing_is_told():
    """A way that wasn't measured takes no figure out of the table; a value that isn't there neither."""
    peer = Figure("peer", way="raw", value="per_s", peer=True)
    absent = Figure("absent", way="ours", value="nothing", target=1)

    found = judged(row(RATIO, peer, absent), rounds([1], [1]), {"raw": "not installed"})

    assert ["not measured"] * 3 == [each.verdict for each in found]
    assert ["not installed", "not installed", "no such value: 'nothing'"] == [each.why for each in found]
    assert [2, 0] == [exit_code(found), exit_code(found[1:2])]


def test_a_miss_weighs_more_than_a_void():
    """The command ends with 1 for a miss, whatever else there is."""
    (missed,) = judged(row(RATIO), rounds([1], [1]), {})
    (void,) = judged(row(RATIO), rounds([1], [1], others=1), {})

    assert [1, 2, 0] == [exit_code([void, missed]), exit_code([void]), exit_code([])]


def test_every_second_round_goes_backwards():
    """So what drifts with time hurts none more than another."""
    ways = row().ways

    assert [ways, ways[::-1], ways] == [order(ways, number) for number in (1, 2, 3)]


def test_every_way_is_run_once_a_round_in_a_fresh_directory(tmp_path):
    """In order, and nothing of it stays."""
    seen = []

    def run(scale):
        seen.append((scale.round, scale.quick, list(scale.directory.iterdir())))
        (scale.directory / "left").touch()
        return {"per_s": 1.0}

    taken = take(row_of(Way("a", run), Way("b", run)), 1, tmp_path, quick=True)

    assert [(1, True, []), (1, True, [])] == seen
    assert [] == list(tmp_path.iterdir())
    assert [{"a": {"per_s": 1.0}, "b": {"per_s": 1.0}}] == [each.values for each in taken.rounds]


def row_of(*ways):
    """Return a row of ways, without figures."""
    return Row(number="1", name="law", question="?", ways=ways, figures=())


def test_rounds_that_others_disturbed_are_taken_anew_twice(tmp_path, monkeypatch):
    """The quiet ones count; where there are too few, the least disturbed are kept, and the result is void."""
    loads = iter([0.5, 0.0, 0.2, 0.05])
    monkeypatch.setattr("benchmarks.rounds.Load", type("Load", (), {"cores": lambda _: next(loads)}))

    taken = take(row_of(Way("a", lambda _: {})), 2, tmp_path, quick=False)

    assert [0.0, 0.05] == [each.others for each in taken.rounds]
    assert 2 == taken.disturbed

    loads = iter([0.5, 0.3, 0.9, 0.4])
    taken = take(row_of(Way("a", lambda _: {})), 2, tmp_path, quick=False)
    assert [0.3, 0.4] == [each.others for each in taken.rounds]


def test_a_way_that_breaks_stops_no_other(tmp_path, capsys):
    """It is told with its reason, and not run again; so is one that can't be taken here."""

    def breaks(_):
        raise ZeroDivisionError

    def missing(_):
        raise NotMeasured("no such program")

    taken = take(
        row_of(Way("a", breaks), Way("b", missing), Way("c", lambda _: {})), 2, tmp_path, quick=False
    )

    assert {"a": "it broke: ZeroDivisionError", "b": "no such program"} == taken.missing
    assert taken.failed
    assert all(each.values == {"c": {}} for each in taken.rounds)
    assert "ZeroDivisionError" in capsys.readouterr().err


def test_a_peer_whose_environment_is_missing_is_told(tmp_path, monkeypatch):
    """It isn't even tried."""
    monkeypatch.setattr(harness, "PEERS", tmp_path / "nowhere")
    taken = take(row_of(Way("peer", lambda _: {"per_s": 1}, python="bench")), 1, tmp_path, quick=True)

    assert "isn't installed" in taken.missing["peer"]


def test_a_figure_of_a_way_that_isnt_there_is_refused():
    """A slip of the pen shows at once, not after half an hour."""
    with pytest.raises(ValueError, match="nobody"):
        row(Figure("x", way="nobody", value="per_s"))


def test_a_process_of_its_own_answers_in_json(tmp_path, monkeypatch):
    """With what it was given; one that fails tells its last words, one that can't tells why."""
    monkeypatch.setattr(harness, "CHECKOUT", tmp_path)
    monkeypatch.setattr(harness, "interpreter", lambda _: sys.executable)
    echo = "import sys, json; print('noise'); print(json.dumps({'got': json.loads(sys.argv[1])}))"
    (tmp_path / "echo.py").write_text(echo)
    (tmp_path / "fails.py").write_text("raise SystemExit('last words')")
    (tmp_path / "cannot.py").write_text('print(\'{"not_measured": "no tool"}\')')

    assert {"got": {"rows": 3}} == in_process("echo", {"rows": 3})
    with pytest.raises(RuntimeError, match="last words"):
        in_process("fails", {})
    with pytest.raises(NotMeasured, match="no tool"):
        in_process("cannot", {})


NEVER = Figure("never", way="ours", value="per_s", target=0, worst=True)


def test_what_must_never_be_is_judged_by_the_worst_round():
    """One film lost in five rounds is missed, though the median is none."""
    (found,) = judged(row(NEVER), rounds([0, 0, 1, 0, 0], [1] * 5), {})

    assert (0, "missed") == (found.median, found.verdict)


def test_the_load_of_others_spoils_only_what_is_timed():
    """A count is as true on a busy machine."""
    counted = replace(row(NEVER), timed=False)

    assert ["void", "reached"] == [
        judged(each, rounds([0], [1], others=2.0), {})[0].verdict for each in (row(NEVER), counted)
    ]
