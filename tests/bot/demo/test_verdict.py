"""A film that isn't what was asked for is never called good."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.demo.film import FilmOrder, draw
from bot.demo.members import Outcome
from bot.demo.samples import Sample
from bot.demo.script import Ask
from bot.demo.stand_ins.records import Charge, Ledger, MediaFetched, TaskSeen
from bot.demo.table import COLUMNS, asked_for, row
from bot.demo.verdict import judge, watch
from bot.models import MediaKind, Mode

NOW = datetime(2026, 11, 21, tzinfo=UTC)
MIRA = 42
STILL = Sample("still.png", MediaKind.IMAGE, b"a picture")
ASK = Ask(
    take=1,
    use="pictures",
    mode=Mode.REFERENCE,
    provider="evolink",
    model="seedance-2.0",
    prompt="Take 1: a fox in the manner of @1",
    ratio="1:1",
    seconds=4,
    resolution="480p",
    sound=True,
    files=(STILL,),
)


@pytest.fixture(scope="module")
def film() -> bytes:
    """Draw the film that was asked for."""
    return draw(FilmOrder(ASK.prompt, 640, 640, 4, sound=True))


@pytest.fixture
def outcome(film: bytes) -> Outcome:
    """All went well."""
    second = timedelta(seconds=1)
    return Outcome(
        ASK,
        "mira",
        NOW,
        "Queued.",
        generation="0" * 16,
        card_after=second,
        film_after=9 * second,
        film=("x.mp4", film),
        mentions=frozenset({MIRA}),
    )


@pytest.fixture
def ledger() -> Ledger:
    """One task, one charge, one fetch, all as they should be."""
    url = "http://127.0.0.1/media/1.png"
    task = TaskSeen(
        provider="evolink", id="t1", at=NOW, model="m", mode="reference", undocumented=[],
        prompt="Take 1: a fox in the manner of image 1", body={"image_urls": [url]},
    )  # fmt: skip
    charge = Charge(
        provider="evolink", task_id="t1", idempotency_key=None, kind="charge", credits=1.0, at=NOW
    )
    digest = hashlib.sha256(STILL.data).hexdigest()
    fetched = MediaFetched(
        provider="evolink", url=url, at=NOW, status=200, size=9, sha256=digest, kind="image"
    )
    return Ledger(tasks=[task], charges=[charge], media=[fetched])


def faults(outcome: Outcome, ledger: Ledger) -> str:
    """Return everything that is wrong, as it is printed."""
    return "; ".join(judge(outcome, MIRA, ledger).faults)


def test_what_was_asked_for_is_good(outcome: Outcome, ledger: Ledger) -> None:
    """Size, length, sound, prompt, files, charge and mention are right: no fault."""
    assert faults(outcome, ledger) == ""


def test_a_film_is_watched_to_its_end(film: bytes) -> None:
    """Its facts are those of its frames."""
    facts = watch(film)
    assert (facts.width, facts.height, facts.frames, facts.sound) == (640, 640, 96, True)
    assert facts.duration == timedelta(seconds=4)
    assert facts.size == len(film)


@pytest.mark.parametrize(
    ("wrong", "fault"),
    [
        ({"ratio": "16:9"}, "640 × 640 instead of 864 × 496"),
        ({"ratio": "16:9", "resolution": None}, "640 × 640 is not 16:9"),
        ({"seconds": 5}, "4.0 s instead of 5 s"),
        ({"sound": False}, "sound"),
        ({"provider": "maxapi"}, "0 tasks with this prompt at the provider, instead of 1"),
        ({"prompt": "Take 1: something else"}, "0 tasks with this prompt at the provider, instead of 1"),
        ({"files": (replace(STILL, data=b"another picture"),)}, "the files reached the provider changed"),
        ({"files": (STILL, STILL)}, "the files reached the provider changed"),
    ],
)
def test_what_was_not_asked_for_is_a_fault(
    outcome: Outcome, ledger: Ledger, wrong: dict[str, object], fault: str
) -> None:
    """Each way to differ has its words."""
    assert faults(replace(outcome, ask=replace(ASK, **wrong)), ledger) == fault


def test_the_right_ratio_is_enough_where_no_resolution_can_be_asked_for(
    outcome: Outcome, ledger: Ledger
) -> None:
    """The older models of maxapi name none."""
    assert faults(replace(outcome, ask=replace(ASK, resolution=None)), ledger) == ""


def test_silence_is_a_fault_where_sound_was_asked_for(outcome: Outcome, ledger: Ledger) -> None:
    """A film without a sound track isn't one with sound."""
    silent = draw(FilmOrder(ASK.prompt, 640, 640, 4))
    assert faults(replace(outcome, film=("x.mp4", silent)), ledger) == "no sound"


def test_a_broken_film_is_a_fault(outcome: Outcome, ledger: Ledger, film: bytes) -> None:
    """It must play, not only arrive."""
    assert faults(replace(outcome, film=("x.mp4", b"no film")), ledger).startswith("the film doesn't play")


def test_no_film_says_what_the_member_was_told(outcome: Outcome, ledger: Ledger) -> None:
    """The card's last words, or, if there is no card, the private answer."""
    missing = replace(outcome, film=None, answer="You have\nused it all.")
    assert faults(missing, ledger) == "no film; the member was told: You have used it all."
    stuck = replace(missing, state="EvoLink refused this.")
    assert faults(stuck, ledger) == "no film; the member was told: EvoLink refused this."


def test_a_second_charge_is_a_fault(outcome: Outcome, ledger: Ledger) -> None:
    """One film, one charge."""
    twice = ledger.model_copy(update={"charges": ledger.charges * 2})
    assert faults(outcome, twice) == "charged 2 times"


def test_a_second_task_is_a_fault(outcome: Outcome, ledger: Ledger) -> None:
    """One command, one task."""
    twice = ledger.model_copy(update={"tasks": ledger.tasks * 2})
    assert faults(outcome, twice) == "2 tasks with this prompt at the provider, instead of 1"


@pytest.mark.parametrize("mentioned", [frozenset(), frozenset({MIRA, 7}), frozenset({7})])
def test_only_the_requester_may_be_mentioned(
    outcome: Outcome, ledger: Ledger, mentioned: frozenset[int]
) -> None:
    """Nobody, somebody else, and more than one are all wrong."""
    assert (
        faults(replace(outcome, mentions=mentioned), ledger) == "its message doesn't mention its member alone"
    )


def test_a_row_has_a_cell_for_every_column(outcome: Outcome, ledger: Ledger) -> None:
    """With a film, and without one."""
    good = row(judge(outcome, MIRA, ledger))
    assert good[:4] == ("evolink", "seedance-2.0", "pictures", "1:1, 480p, 4 s, sound, 1 file")
    assert good[4:6] == ("1.00 s", "9.0 s")
    assert good[8:] == ("4.0 s", "640 × 640")
    missing = row(judge(replace(outcome, film=None, film_after=None), MIRA, ledger))
    assert missing[5:] == ("-",) * 5
    assert len(good) == len(missing) == len(COLUMNS)


def test_only_what_was_asked_for_is_shown() -> None:
    """Options that were left to the bot aren't named."""
    assert asked_for(replace(ASK, sound=None, resolution=None, files=())) == "1:1, 4 s"
