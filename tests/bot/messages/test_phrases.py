"""Laws of `bot.messages.phrases`."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.i18n import speaker
from bot.messages import CardFacts, phrases
from bot.models import Cost, MediaFile, MediaKind, Mode, Status, VideoRequest
from tests.bot.store.examples import NOON as NOW
from tests.bot.store.examples import generation as example

SAY = speaker("en-US")
TIME = int(NOW.timestamp())
PICTURE = MediaFile("0" * 32, "`cat`.png", MediaKind.IMAGE, ".png", 1, "", "https://cdn.example/cat.png")


@pytest.mark.parametrize(
    ("usual", "worst", "words"),
    [
        (60, 300, f"usually ready <t:{TIME + 60}:R>, at worst <t:{TIME + 300}:R>"),
        (60, None, f"expected <t:{TIME + 60}:R>"),
        (60, 60, f"expected <t:{TIME + 60}:R>"),
        (-60, 300, f"taking longer than usual, at worst ready <t:{TIME + 300}:R>"),
        (-60, -5, "taking longer than usual"),
        (-60, None, "taking longer than usual"),
    ],
)
def test_it_is_said_when_it_may_be_ready(usual, worst, words):
    """As times that count by themselves; what has passed is no promise any more."""
    after = [None if one is None else NOW + timedelta(seconds=one) for one in (usual, worst)]
    told = phrases.timing(example(1), CardFacts(NOW, expected=after[0], worst=after[1]), SAY)

    assert words == told.partition(" · ")[2]


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        ({"busy": True}, "maxapi is busy. Still queued, nothing charged: it will be sent again."),
        ({"busy": True, "out_of_order": True}, "maxapi is out of order just now. Still queued, nothing"),
        ({"busy": True, "paused": True}, "Queued. The operator has paused maxapi, so it is sent when"),
        ({"place": 3}, "Queued, place 3."),
    ],
)
def test_what_waits_for_a_provider_says_why(facts, words):
    """What the operator decided before what is broken, and that before what is only busy (P-01, P-24)."""
    assert phrases.state(example(1), CardFacts(NOW, **facts), SAY).startswith(words)


def test_a_slow_download_says_how_far_it_is():
    """Bytes, since nobody knows whether the length that was named is true (P-20)."""
    row = replace(example(1), status=Status.RENDERED)
    slow, fast = (phrases.state(row, CardFacts(NOW, arrived=one), SAY) for one in (3 << 20, None))

    assert "The film is made. Its download is slow: 3 MiB have come so far." == slow
    assert "The film is made and is being downloaded." == fast


def test_the_only_file_is_the_one_that_is_meant():
    """By its name, harmless; of several nobody knows which."""
    told = []
    for mode, media in ((Mode.FIRST_FRAME, (PICTURE,)), (Mode.FIRST_LAST_FRAME, (PICTURE, PICTURE))):
        request = VideoRequest("x", mode, media, provider="evolink")
        refused = replace(example(1), status=Status.REFUSED, reason="moderation_face", request=request)
        told.append(phrases.reason(refused, SAY))

    assert told == [
        "EvoLink refused this: it takes `ˋcatˋ.png` for one of a real person.",
        "EvoLink refused this: it takes a file for one of a real person.",
    ]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({}, "Reserved: 1 video and 5 seconds."),
        ({"cost": Cost(1, 5, 1_000_000)}, "Reserved: 1 video, 5 seconds and about 1 credit."),
        ({"cost": Cost(1, 5, 67_500_000)}, "Reserved: 1 video, 5 seconds and about 67.5 credits."),
        (
            {"cost": Cost(1, 5, 67_500_000), "charged": 64_000_000, "rendered_at": NOW},
            "Counts 1 video, 5 seconds and 64 credits.",
        ),
        ({"status": Status.FAILED, "cost": Cost(1, 5, 9)}, "Counts nothing against your limits."),
    ],
)
def test_a_price_is_told_as_far_as_it_is_known(changes, words):
    """About, before its provider has charged it; never as nothing where nobody knows."""
    assert words == phrases.cost(replace(example(1, cost=Cost(1, 5)), **changes), SAY)
