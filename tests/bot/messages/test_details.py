"""Laws of `bot.messages.details`."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.i18n import speaker
from bot.messages import phrases
from bot.messages.details import details, whole_prompt
from bot.messages.draft import CardFacts
from bot.messages.text import width
from bot.models import Cost, Film, MediaKind, Mode, Place, Requester, Status, VideoRequest
from tests.bot.messages.test_messages import FACTS, HOSTILE, NOW, file, generation, shown

SAY = speaker("en-US")


def fields(row, facts=FACTS):
    """Return what the details say, by title."""
    return {field.name: field.value for field in details(row, facts, SAY).embed.fields}


def test_details_show_every_parameter():
    """All that a command takes, with what was chosen and what was left to the bot."""
    asked = VideoRequest("a paper boat", Mode.TEXT, ratio="16:9")
    row = generation(Status.DELIVERED, request=asked)
    row = replace(row, request=replace(row.request, fallback=False, web_search=True))
    told = fields(row)

    assert (told["Asked by"], told["Provider"], told["Model"]) == ("Ann", "EvoLink", "seedance-2.0")
    assert told["Mode"] == "from words alone"
    assert told["Options"].splitlines() == [
        "`ratio` 16:9",
        "`resolution` 720p (by default)",
        "`seconds` 5 s (by default)",
        "`sound` yes (by default)",
        "`fallback` no (by default)",
        "`web_search` yes (by default)",
    ]


def test_details_tell_each_file_and_the_film():
    """What went in, and what came out."""
    media = (replace(file(), width=640, height=480, size=2048), file("b.mp3", MediaKind.AUDIO))
    film = Film("films/x.mp4", 3 * 1024 * 1024, "", 1280, 720, timedelta(seconds=5.04), sound=True)
    told = fields(generation(request=VideoRequest("x", Mode.REFERENCE, media), film=film))

    assert told["Files"].splitlines() == [
        "@1 picture: `cat.png` · 2 KiB · 640 × 480",
        "@2 sound: `b.mp3` · 1 B · 0 s",
    ]
    assert told["Film"] == "1280 × 720 · 5.04 s · 3 MiB · with sound"


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({}, "Reserved: 1 video and 5 seconds."),
        ({"cost": Cost(1, 5, 2_500_000)}, "Reserved: 1 video, 5 seconds and about 2.5 credits."),
        ({"charged": 3_000_000}, "EvoLink charged 3 credits."),
    ],
)
def test_details_tell_the_price(changes, words):
    """What the provider reports is truer than our table."""
    assert words in fields(generation(**changes))["Cost"]


def test_details_tell_what_it_goes_on_from():
    """The film before is a press away."""
    where = "https://discord.com/channels/1/2/3"

    assert fields(generation(), CardFacts(NOW, continues=where))["Continues"] == where


@pytest.mark.parametrize(
    ("changes", "where"),
    [
        ({}, None),
        ({"message_id": 9}, "https://discord.com/channels/8/7/9"),
        ({"message_id": 9, "message_channel_id": 5}, "https://discord.com/channels/8/5/9"),
        ({"message_id": 9, "place": Place(7)}, "https://discord.com/channels/@me/7/9"),
        ({"message_id": 9, "removed": True}, None),
        ({"message_id": 9, "posting_place": "dm"}, None),
    ],
)
def test_only_a_message_that_others_may_see_is_led_to(changes, where):
    """What was deleted, or came as a direct message, is nobody else's to open."""
    assert phrases.where(generation(Status.DELIVERED, **changes)) == where


def test_details_tell_when():
    """Asked, sent, and how long the provider took."""
    sent = NOW - timedelta(seconds=60)
    told = fields(generation(Status.DELIVERED, submitted_at=sent, rendered_at=NOW, finished_at=NOW))

    assert (
        told["Time"]
        == "Asked <t:1795262325:R> · sent <t:1795262340:R> · made in 1 min · ended <t:1795262400:R>"
    )


def test_a_model_that_was_exchanged_is_told_with_the_one_asked_for():
    """A provider may have fallen back to another."""
    assert fields(generation(used_model="other"))["Model"] == "other (asked for as seedance-2.0)"


@pytest.mark.parametrize(("prompt", "cut"), [("x" * 2500, False), ("x" * 2501, True), ("*" * 1300, True)])
def test_a_prompt_that_is_cut_is_there_as_a_whole(prompt, cut):
    """Nobody needs to guess how a long one ends."""
    row = generation(request=VideoRequest(prompt, Mode.TEXT))

    assert whole_prompt(row) == (prompt if cut else None)


@settings(max_examples=60)
@given(
    st.sampled_from(list(Status)),
    st.text(max_size=700) | st.just(HOSTILE),
    st.text(max_size=200) | st.just(HOSTILE),
    st.integers(0, 12),
)
def test_no_hostile_text_gets_through(status, text, name, files):
    """Whatever people and providers say: no ping, no link of theirs, nothing over Discord's limits."""
    request = VideoRequest(text * 9, Mode.REFERENCE, (file(name),) * files)
    row = generation(status, request=request, requester=Requester(42, text), used_model=name, reason=text)
    draft = details(row, FACTS, SAY)

    assert len(draft.embed) <= 6000
    assert width(draft.embed.description) <= 4096
    assert [f.name for f in draft.embed.fields if not 1 <= width(f.value) <= 1024] == []
    assert draft.allowed_mentions.to_dict()["parse"] == []
    assert "@everyone" not in shown(draft)
    assert "://evil" not in shown(draft)
