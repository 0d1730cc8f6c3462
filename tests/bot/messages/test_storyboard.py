"""A storyboard in words: within Discord's limits for hostile input, true in every state."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.i18n import speaker
from bot.messages import CardFacts, film, notice, storyboard
from bot.messages.text import width
from bot.models import Requester, Status
from bot.shots import BoardStatus, film_of
from tests.bot.store.examples import NOON
from tests.bot.store.test_storyboards import board, shot
from tests.fakes import a_film, a_request

FACTS = CardFacts(NOON)
HOSTILE = "@everyone **[x](https://evil.example)** <@1> `" + "\u202e𓀀" * 1900
SAY = speaker("en-US")


def shots(*statuses, prompt="a cat"):
    """Return shots that stand so."""
    return [
        shot(
            number,
            status=status,
            film=a_film() if status is Status.DELIVERED else None,
            asked=a_request(prompt=prompt),
        )
        for number, status in enumerate(statuses, 1)
    ]


def card(some, joined=None, **changes):
    """Return the card of a storyboard with these shots."""
    facts = None if joined is None else FACTS
    return storyboard.card(board(**changes), [storyboard.Shown(one, FACTS) for one in some], joined, facts)


def labels(draft):
    """Return what stands on a message's buttons."""
    return [] if draft.view is None else [item.label for item in draft.view.children]


@pytest.mark.parametrize("status", BoardStatus)
def test_hostile_text_stays_within_discords_limits(status):
    """Six shots of the worst words fit, and nobody is called."""
    some = shots(*[Status.REFUSED] * 3, *[Status.DELIVERED] * 3, prompt=HOSTILE)
    joined = film_of(board(), some, NOON)
    draft = card(some, joined, status=status, requester=Requester(1, HOSTILE))
    posted = [
        film(joined, FACTS, "https://bot.example/films/x"),
        notice(some[0], FACTS),
        notice(joined, FACTS),
    ]

    assert width(draft.embed.description) <= 4096
    assert len(draft.embed) <= 6000
    assert all(width(field.value) <= 1024 for field in draft.embed.fields)
    assert all(width(each.content) <= 2000 for each in (draft, *posted))
    assert not any("@everyone" in each.content for each in (draft, *posted))
    assert draft.allowed_mentions.users is False
    assert [1001] == [user.id for user in posted[0].allowed_mentions.users]


@pytest.mark.parametrize(
    ("some", "changes", "words", "buttons"),
    [
        ((Status.QUEUED, Status.QUEUED), {}, "The next shot is about to begin.", ["Cancel"]),
        ((Status.RUNNING, Status.QUEUED), {}, "Shot 1 of 2 is being made.", ["Cancel"]),
        (
            (Status.DELIVERED, Status.RUNNING),
            {},
            "Shot 2 of 2 is being made.",
            ["Stop and join what is made", "Single shots"],
        ),
        (
            (Status.DELIVERED, Status.FAILED),
            {},
            "Shot 2 could not be made.\nPress Redo, or stop and join what is made.",
            ["Redo shot 2", "Stop and join what is made", "Single shots"],
        ),
        ((Status.FAILED, Status.QUEUED), {}, "Press Redo, or cancel.", ["Redo shot 1", "Cancel"]),
        (
            (Status.FAILED, Status.DELIVERED, Status.FAILED),
            {"continuous": False},
            "Shots 1, 3 could not be made.",
            ["Redo shot 1", "Redo shot 3", "Stop and join what is made", "Single shots"],
        ),
        (
            (Status.DELIVERED, Status.PARKED),
            {},
            "The operator has to look at a shot",
            ["Stop and join what is made", "Single shots"],
        ),
        (
            (Status.DELIVERED, Status.DELIVERED),
            {},
            "About to be joined",
            ["Stop and join what is made", "Single shots"],
        ),
        ((Status.RUNNING, Status.QUEUED), {"enough": True}, "Being cancelled.", []),
        ((Status.DELIVERED, Status.RUNNING), {"enough": True}, "Being ended", ["Single shots"]),
        ((Status.DELIVERED,) * 2, {"status": BoardStatus.JOINING}, "being joined", ["Single shots"]),
        ((Status.DELIVERED,) * 2, {"status": BoardStatus.FAILED}, "could not be joined", ["Single shots"]),
        ((Status.FAILED,) * 2, {"status": BoardStatus.CANCELLED}, "before any shot", []),
    ],
)
def test_the_card_says_how_it_stands(some, changes, words, buttons):
    """And offers what makes sense just then, and nothing else."""
    made = shots(*some)
    going = [replace(one, ready_at=NOON) if one.status is not Status.QUEUED else one for one in made]
    joined = film_of(board(), going, NOON) if changes.get("status") is BoardStatus.JOINING else None
    draft = card(going, joined, **changes)

    assert words in draft.embed.fields[0].value
    assert buttons == labels(draft)


def test_what_is_delivered_leads_to_the_film():
    """The card's last word is where it is."""
    some = shots(Status.DELIVERED, Status.DELIVERED)
    joined = replace(film_of(board(), some, NOON), status=Status.DELIVERED, message_id=77)
    draft = card(some, joined, status=BoardStatus.DELIVERED)

    assert "/77)" in draft.embed.fields[0].value


def test_the_whole_price_is_said():
    """Of what counts: a shot that could not be made doesn't."""
    open_, ended = shots(Status.DELIVERED, Status.QUEUED), shots(Status.DELIVERED, Status.FAILED)

    assert ["Reserved: 2 videos", "Counts 1 video,", "Counts nothing against your limits."] == [
        storyboard.cost(some, SAY)[: len(words)]
        for some, words in (
            (open_, "Reserved: 2 videos"),
            (ended, "Counts 1 video,"),
            (shots(Status.FAILED), "Counts nothing against your limits."),
        )
    ]


def test_giving_up_says_first_what_it_costs():
    """Where a provider stops nothing."""
    button = storyboard.enough("b" * 16, SAY, made=True, charged=True)

    assert ("Stop and join what is made (counts in full)", True) == (
        button.label,
        button.custom_id.endswith(":full"),
    )


def test_a_notice_names_its_generation():
    """By that it is found again before it is posted a second time; the card's button doesn't."""
    (failed,) = shots(Status.FAILED)

    assert [True, False] == [
        failed.id in str(draft.view.to_components()) for draft in (notice(failed, FACTS), card([failed]))
    ]
