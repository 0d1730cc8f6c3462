"""Laws of `bot.messages`: card, film and notice."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import discord
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.i18n import speaker
from bot.messages import CardFacts, card, card_digest, film, notice
from bot.messages.film import copy
from bot.messages.text import width
from bot.models import (
    UNTIL_PROVIDER_IS_DONE,
    WITHOUT_FILM,
    Cost,
    Generation,
    MediaFile,
    MediaKind,
    Mode,
    Place,
    Requester,
    Status,
    TaskStatus,
    VideoRequest,
)

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
FACTS = CardFacts(NOW)
SAY = speaker("en-US")
HOSTILE = "@everyone <@&1> [free](https://evil.example) discord.gg/abc \u202e ||x|| \x00`" * 9


def file(name="cat.png", kind=MediaKind.IMAGE):
    """Return a kept file."""
    return MediaFile("0" * 32, name, kind, ".png", 1, "", "https://cdn.example/cat.png")


def generation(status=Status.QUEUED, *, request=None, **fields):
    """Return a generation in the given state."""
    asked = request or VideoRequest("a paper boat", Mode.TEXT)
    routed = replace(
        asked,
        provider="evolink",
        model="seedance-2.0",
        ratio="16:9",
        resolution="720p",
        seconds=5,
        sound=True,
    )
    row = Generation(
        id="0123456789abcdef",
        status=status,
        asked=asked,
        request=routed,
        requester=Requester(42, "Ann"),
        member="m",
        place=Place(7, 8),
        cost=Cost(1, 5),
        interaction_id=1,
        created_at=NOW - timedelta(seconds=75),
        updated_at=NOW,
        due_at=None,
        version=0,
    )
    return replace(row, **fields)


def shown(draft):
    """Return everything that people would see, as one text."""
    return json.dumps(
        [
            draft.content,
            draft.embed if draft.embed is None else draft.embed.to_dict(),
            draft.view and draft.view.to_components(),
        ],
        ensure_ascii=False,
    )


def labels(draft):
    """Return what the buttons say."""
    return [item.label for item in draft.view.children] if draft.view else []


def field(draft, name):
    """Return one field of a card."""
    return next((field.value for field in draft.embed.fields if field.name == name), None)


def test_a_card_names_everything_that_was_decided():
    """Prompt, author, provider, model, mode, options and cost stand on the card."""
    draft = card(generation(), FACTS)

    for fact in (
        "a paper boat",
        "Ann",
        "EvoLink",
        "seedance-2.0",
        "16:9",
        "720p",
        "5 s",
        "with sound",
        "1 video",
    ):
        assert fact in shown(draft)


def test_a_card_says_in_words_whose_it_is():
    """Discord shows the content above the film, which answers the card: without any it would read nothing."""
    ann = generation(requester=Requester(42, "Ann"))
    rude = generation(requester=Requester(42, "<@1> @everyone **x**\n[y](https://evil.example)"))
    nobody = generation(requester=Requester(42, "\u202e"))

    assert card(ann, FACTS).content == "**Ann** asked for a film."
    assert (
        "**\\<@1\\> @\u200beveryone \\*\\*x\\*\\* \\[y\\](https:\\//evil.example)** asked for a film."
        == card(rude, FACTS).content
    )
    assert card(nobody, FACTS).content == "**?** asked for a film."


@pytest.mark.parametrize(
    ("row", "words"),
    [
        (generation(), "Queued"),
        (generation(Status.SUBMITTING), "Being sent to EvoLink"),
        (generation(Status.UNCERTAIN), "will not send it twice"),
        (generation(Status.RUNNING), "Sent to EvoLink"),
        (generation(Status.RUNNING, task_status=TaskStatus.QUEUED), "EvoLink's own queue"),
        (generation(Status.RUNNING, task_status=TaskStatus.RUNNING), "is generating."),
        (generation(Status.RUNNING, task_status=TaskStatus.RUNNING, progress=42), "generating: 42 %"),
        (generation(Status.RUNNING, cancel_wished=True), "Being cancelled"),
        (generation(cancel_wished=True), "Being cancelled"),
        (generation(attempts=1), "busy"),
        (generation(Status.RENDERED), "downloaded"),
        (generation(Status.FETCHED), "prepared for Discord"),
        (generation(Status.POSTING), "being posted"),
        (generation(Status.DELIVERED, message_id=9), "https://discord.com/channels/8/7/9"),
        (
            generation(Status.DELIVERED, message_id=9, message_channel_id=6, posting_place="dm"),
            "direct message",
        ),
        (generation(Status.DELIVERED), "`/videos`"),
        (generation(Status.REFUSED, reason="moderation"), "content rules"),
        (generation(Status.REFUSED, reason="moderation_prompt"), "refused the prompt"),
        (generation(Status.REFUSED, reason="moderation_file"), "what a file shows"),
        (generation(Status.REFUSED, reason="moderation_face"), "a real person"),
        (generation(Status.REFUSED, reason="moderation_sound"), "the sound that it had made"),
        (generation(Status.FAILED, reason="credit"), "balance at EvoLink"),
        (generation(Status.FAILED, reason="words of tomorrow"), "could not be made"),
        (generation(Status.CANCELLED), "Cancelled."),
        (generation(Status.CANCELLED, counts_in_full=True), "doesn't stop"),
        (generation(Status.EXPIRED), "never sent"),
        (generation(Status.PARKED), "operator"),
        (generation(Status.PARKED, reason="timeout"), "far longer"),
        (generation(Status.PARKED, reason="absurd_charge"), "The film is made"),
        (generation(Status.PARKED, reason="uncertain"), "It is not sent again"),
        (generation(Status.REFUSED, reason="input"), "refused"),
    ],
)
def test_a_card_says_how_it_stands(row, words):
    """Each state has its plain words, and a percentage only where the provider tells one."""
    assert words in field(card(row, FACTS), "State")


@pytest.mark.parametrize(
    ("status", "colour"),
    [
        (Status.RUNNING, discord.Colour.blurple()),
        (Status.UNCERTAIN, discord.Colour.orange()),
        (Status.FAILED, discord.Colour.red()),
        (Status.CANCELLED, discord.Colour.light_grey()),
        (Status.DELIVERED, discord.Colour.green()),
    ],
)
def test_a_card_is_red_only_where_something_went_wrong(status, colour):
    """What somebody wished is no failure."""
    assert card(generation(status), FACTS).embed.colour == colour


def test_a_card_tells_the_place_in_the_queue():
    """Who waits reads how many are before."""
    assert "place 4" in field(card(generation(), CardFacts(NOW, place=4)), "State")


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        (CardFacts(NOW), "Asked <t:1795262325:R>"),
        (CardFacts(NOW, expected=NOW + timedelta(minutes=1)), "expected <t:1795262460:R>"),
        (CardFacts(NOW, expected=NOW - timedelta(minutes=1)), "longer than usual"),
    ],
)
def test_a_card_tells_times_that_count_by_themselves(facts, words):
    """Elapsed and expected need no edit; a guess that has passed is no longer told."""
    assert words in field(card(generation(), facts), "Time")


def test_a_card_tells_what_each_file_is_used_as():
    """First and last frame are named, and so are references by their position and kind."""
    frames = VideoRequest("x", Mode.FIRST_LAST_FRAME, (file("a.png"), file("b.png")))
    references = VideoRequest("x", Mode.REFERENCE, (file("a.png"), file("b.mp3", MediaKind.AUDIO)))

    assert (
        field(card(generation(request=frames), FACTS), "Files") == "first frame: `a.png`\nlast frame: `b.png`"
    )
    assert (
        field(card(generation(request=references), FACTS), "Files")
        == "@1 picture: `a.png`\n@2 sound: `b.mp3`"
    )


def test_every_file_is_named_or_counted():
    """Twelve long names fit into one field, and none is dropped in silence."""
    request = VideoRequest("x", Mode.REFERENCE, (file("n" * 80 + ".png"),) * 12)
    lines = field(card(generation(request=request), FACTS), "Files").splitlines()

    assert len(lines) == 12


@pytest.mark.parametrize("status", list(Status))
def test_cancel_stands_where_it_makes_sense(status):
    """Until the film is made, and not after."""
    assert bool(labels(card(generation(status), FACTS))) == (status in UNTIL_PROVIDER_IS_DONE)


def test_cancel_is_offered_once():
    """Who has wished an end needs no second button."""
    assert labels(card(generation(cancel_wished=True), FACTS)) == []


def test_a_cancel_that_counts_says_so_first():
    """The price of cancelling stands on the button."""
    assert labels(card(generation(Status.RUNNING), FACTS, cancel_charged=True)) == ["Cancel (counts in full)"]


@pytest.mark.parametrize("status", list(Status))
def test_what_ended_without_a_film_counts_nothing(status):
    """Cost follows the state."""
    counts_nothing = "nothing" in field(card(generation(status), FACTS), "Cost")

    assert counts_nothing == (status in WITHOUT_FILM)


def test_the_same_card_has_the_same_digest():
    """No edit without a change; every visible change asks for one."""
    before = card(generation(), FACTS)

    assert card_digest(card(generation(), CardFacts(NOW + timedelta(minutes=1)))) == card_digest(before)
    assert card_digest(card(generation(), CardFacts(NOW, place=2))) != card_digest(before)
    assert card_digest(card(generation(cancel_wished=True), FACTS)) != card_digest(before)
    assert card_digest(card(generation(), FACTS, cancel_charged=True)) != card_digest(before)


async def test_discord_py_does_not_keep_our_views():
    """Presses are found by custom_id, so a view that is sent takes no memory for ever."""
    assert card(generation(), FACTS).view.is_finished()


def test_a_film_mentions_its_requester_alone():
    """The mention rings once, and can ring nobody else."""
    draft = film(generation(Status.POSTING), FACTS)

    assert draft.content.startswith("<@42> ")
    assert draft.allowed_mentions.to_dict() == {"parse": [], "users": [42]}


def test_a_film_says_which_it_is():
    """Its card may be far above, or in another channel: the prompt comes along, on one harmless line."""
    plain = generation(Status.POSTING)
    rude = generation(Status.POSTING, request=VideoRequest("a\nb @everyone", Mode.TEXT))

    assert film(plain, FACTS).content.splitlines()[1] == "> a paper boat"
    assert film(rude, FACTS).content.splitlines()[1] == "> a b @\u200beveryone"


def test_a_film_tells_its_facts():
    """What it was made with, and how long that took."""
    content = film(generation(Status.POSTING, used_model="seedance-2.0-x"), FACTS).content

    for fact in ("EvoLink", "seedance-2.0-x", "5 s", "16:9", "720p", "with sound", "1 min 15 s"):
        assert fact in content


def test_an_extension_leads_back_to_its_original():
    """On card and film, with a button that does it over."""
    frame = replace(file("last-frame.png"), frame_of="f" * 16)
    row = generation(request=VideoRequest("on", Mode.FIRST_FRAME, (frame,)))
    facts = CardFacts(NOW, continues="https://discord.com/channels/1/2/3")
    (over,) = film(row, facts).view.children[6:]

    assert field(card(row, facts), "Continues") == facts.continues
    assert film(row, facts).content.endswith("\n-# continues https://discord.com/channels/1/2/3")
    assert (over.label, over.custom_id) == (
        "Extend the original again",
        "matinee:extend:ffffffffffffffff:0123456789abcdef",
    )


def test_a_copy_mentions_nobody_and_is_its_readers():
    """In their own language; Delete is theirs."""
    draft = copy(generation(), FACTS, 77, SAY)

    assert draft.allowed_mentions.to_dict() == {"parse": []}
    assert "<@" not in draft.content
    assert draft.view.children[4].custom_id == "matinee:delete:0123456789abcdef:77"


def test_a_film_that_is_too_big_comes_as_a_link():
    """The signed address stands bare on its own line, so that Discord shows a preview."""
    link = "https://films.example/films/0123456789abcdef/1/2.mp4"

    assert film(generation(), FACTS, link).content.splitlines()[-1] == link


@pytest.mark.parametrize("status", sorted(WITHOUT_FILM))
def test_a_notice_says_what_happened_what_it_cost_and_what_next(status):
    """Three short lines, a mention, and the two buttons that help."""
    draft = notice(generation(status), FACTS)
    what, cost, following = draft.content.splitlines()

    assert what.startswith("<@42> ")
    assert cost == "Counts nothing against your limits."
    assert following
    assert labels(draft) == ["Again", "Edit"]


def test_a_parked_generation_promises_nothing():
    """Nobody knows how it stands, so it stays reserved and nobody is told to try again."""
    content = notice(generation(Status.PARKED), FACTS).content

    assert "Reserved: 1 video and 5 seconds." in content
    assert "Again" not in content


@settings(max_examples=60)
@given(
    st.sampled_from(list(Status)),
    st.text(max_size=200) | st.just(HOSTILE),
    st.text(max_size=200) | st.just(HOSTILE),
    st.integers(0, 12),
)
def test_no_hostile_text_gets_through(status, text, name, files):
    """Whatever prompt, names and providers say: no ping, no link of theirs, nothing over Discord's limits."""
    request = VideoRequest(text * 9, Mode.REFERENCE, (file(name),) * files)
    row = generation(
        status, request=request, requester=Requester(42, text), used_model=name, reason=text, message_id=9
    )
    for draft in (card(row, FACTS), film(row, FACTS), notice(row, FACTS)):
        assert width(draft.content or "") <= 2000
        assert "evil.example" not in (draft.content or "") or "://" not in draft.content
        assert draft.allowed_mentions.to_dict()["parse"] == []
        assert "@everyone" not in shown(draft)
        assert "://evil" not in shown(draft)
        if draft.embed:
            assert len(draft.embed) <= 6000
            assert width(draft.embed.description) <= 4096
            assert [f.name for f in draft.embed.fields if not 1 <= width(f.value) <= 1024] == []


@pytest.mark.parametrize("used", ["Call 555 for more credits!", "evil.example/x", HOSTILE, "m" * 65, ""])
def test_a_model_is_a_name_or_it_is_not_shown(used):
    """The one word of a provider that people read; anything else is left to the log."""
    assert field(card(generation(Status.RUNNING, used_model=used), FACTS), "Model") == "seedance-2.0"


@pytest.mark.parametrize(
    "row",
    [
        generation(Status.REFUSED, reason=HOSTILE, used_model=HOSTILE),
        generation(Status.FAILED, reason=HOSTILE),
    ],
)
def test_a_providers_words_are_never_shown(row):
    """An unknown reason becomes a sentence of ours."""
    assert "evil" not in notice(row, FACTS).content
