"""Laws of `bot.messages.words`: every error has a sentence, and the sentence holds nobody else's words."""

import inspect
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import bot
from bot import errors
from bot.errors import (
    Conflict,
    IntakeStopped,
    LimitReached,
    MediaError,
    ModerationRejected,
    NotFound,
    NothingCovers,
    ProviderError,
    QuotaExceeded,
    Refused,
    RequestRefused,
    ShotRefused,
    StoreError,
)
from bot.messages import words_for
from bot.messages.phrases import provider_name
from bot.messages.refusals import SENTENCES
from bot.messages.text import width
from bot.models import MediaKind, Mode

HOSTILE = "@everyone https://evil.example [x](http://evil.example) `\u202e"
SOURCES = Path(bot.__file__).parent
UNKNOWN = words_for(RuntimeError("boom"))


def kinds():
    """Return every class of the error tree."""
    return [kind for _, kind in inspect.getmembers(errors, inspect.isclass) if issubclass(kind, Exception)]


def example(kind):
    """Return one error of a class, with hostile text wherever text goes."""
    if kind is NothingCovers:
        return NothingCovers([("maxapi", "m", RequestRefused("ratio", option="ratio", value=HOSTILE))])
    if kind is ShotRefused:
        return ShotRefused(2, RequestRefused("ratio", option="ratio", value=HOSTILE))
    if kind is QuotaExceeded:
        return QuotaExceeded("quota", scope="user", unit="videos", used=10, limit=10, left=0, needed=1)
    if issubclass(kind, Refused):
        return kind("ratio", value=HOSTILE, file=HOSTILE)
    if issubclass(kind, ProviderError):
        return kind("evolink", HOSTILE)
    if kind is LimitReached:
        return LimitReached("user", "now", "videos", used=2, limit=2)
    return kind(HOSTILE)


@pytest.mark.parametrize("kind", kinds())
def test_every_error_has_words(kind):
    """A person never reads an exception's text, whatever is in it."""
    said = words_for(example(kind))

    assert 10 < width(said) <= 2000
    assert re.findall(r"@everyone|https?://|\{\w*\}", said) == []


def codes_in(path, *callers):
    """Return the codes that a module refuses with, read from its source."""
    source = (SOURCES / path).read_text()
    return {code for caller in callers for code in re.findall(rf'{caller}\(\s*"(\w+)"', source)}


def yielded_codes(path):
    """Return the codes of rules, which are yielded with their facts."""
    return set(re.findall(r'yield "(\w+)",', (SOURCES / path).read_text())) | {
        "ratio",
        "resolution",
        "seconds",
    }


def test_every_rule_has_its_sentence():
    """Whatever stands in a request's way is named in words of its own."""
    assert yielded_codes("providers/rules.py") - set(SENTENCES) == set()


NEVER_SHOWN = {"cannot_fit"}
"""A film that can't be made small enough comes as a link: nobody is refused anything."""


def refusing_modules():
    """Return every module of ours that refuses with a code."""
    found = [*SOURCES.rglob("*.py"), *(SOURCES.parent / "cogs").rglob("*.py")]
    return sorted(
        path for path in found if "RequestRefused(" in path.read_text() or "MediaError(" in path.read_text()
    )


@pytest.mark.parametrize("path", refusing_modules(), ids=lambda path: path.stem)
def test_every_code_has_its_sentence(path):
    """A new code without words fails here, not before a person."""
    assert codes_in(path, "RequestRefused", "MediaError") - set(SENTENCES) - NEVER_SHOWN == set()


def test_a_refusal_names_option_rule_and_allowed_values():
    """Who typed a wrong option reads which, why, and what is possible."""
    error = RequestRefused(
        "ratio",
        provider="maxapi",
        model="seedance-2.0",
        option="ratio",
        value="21:9",
        allowed=("16:9", "1:1"),
    )

    for fact in ("`ratio`", "21:9", "seedance-2.0", "maxapi", "16:9", "1:1", "nothing counted"):
        assert fact in words_for(error)


@pytest.mark.parametrize(
    ("named", "where"),
    [
        ({"provider": "maxapi", "model": "m"}, "m on maxapi"),
        ({"provider": "evolink"}, "any model on EvoLink"),
        ({"model": "seedance-2.0"}, "seedance-2.0"),
        ({}, "any model here"),
    ],
)
def test_a_refusal_names_no_more_than_the_rule_is_about(named, where):
    """Where another provider or model wouldn't help, none is named as if it would."""
    long = RequestRefused("prompt_long", length=2001, most=2000, **named)
    sound = RequestRefused("sound", option="sound", **named)

    assert words_for(long).startswith(f"`prompt` has 2001 characters. With {where}: 2000 at most.")
    assert words_for(sound).startswith(f"`sound` can't be chosen with {where}: there is no switch for it.")


def test_a_refusal_names_file_and_rule():
    """Who attached a wrong file reads which, and how large it may be."""
    error = RequestRefused("file_large", file="cat.png", value=31 * 1024**2, most=30 * 1024**2)

    assert words_for(error).startswith("`cat.png` has 31 MiB; 30 MiB at most.")


@pytest.mark.parametrize("count", [1, 2])
def test_too_few_pictures_name_both_ways_out(count):
    """One picture would be the first frame, two the first and the last: neither is what was asked."""
    error = RequestRefused("pictures_few", provider="maxapi", model="m", count=count, least=3)

    for fact in (f"({count}) would be taken as frames", "3 at least", "EvoLink", "`/video`"):
        assert fact in words_for(error)


def test_facts_are_told_in_human_units():
    """Lengths, kinds and modes read as words."""
    error = RequestRefused(
        "total_long", kind=MediaKind.VIDEO, value=timedelta(seconds=16.25), most=timedelta(seconds=15)
    )

    assert "clip" in words_for(error)
    assert "16.25 s" in words_for(error)
    assert "first frame" in words_for(RequestRefused("mode", value=Mode.TEXT, allowed=(Mode.FIRST_FRAME,)))


def test_a_refusal_without_its_facts_is_still_a_sentence():
    """A forgotten fact is no error on top of an error."""
    assert words_for(RequestRefused("ratio")).startswith("`…` can't be …")


def test_nothing_covers_says_what_stands_in_the_way_where():
    """One line per provider and rule, with the models that the rule keeps out."""
    rules = [
        ("maxapi", "a", "sound"),
        ("evolink", "a", "web_search"),
        ("maxapi", "b", "sound"),
        ("maxapi", "c", "mode"),
    ]
    reasons = [
        (provider, model, RequestRefused(code, provider=provider, model=model))
        for provider, model, code in rules
    ]

    assert words_for(NothingCovers(reasons)).splitlines() == [
        "No provider can make this as asked.",
        "Nothing was sent, and nothing counted.",
        "- `sound` can't be chosen with a, b on maxapi: there is no switch for it.",
        "- The mode (…) isn't possible with c on maxapi. Possible: ….",
        "- `web_search` isn't possible with a on EvoLink in this mode.",
    ]


def refusals(*rules):
    """Return one refusal per provider, model and code."""
    return NothingCovers(
        [
            (provider, model, RequestRefused(code, provider=provider, model=model))
            for provider, model, code in rules
        ]
    )


def test_a_rule_that_all_models_share_names_none_of_them():
    """Nobody reads nine names to learn that it is the provider."""
    error = refusals(*(("maxapi", str(number), "sound") for number in range(9)), ("evolink", "a", "mode"))

    assert words_for(error).splitlines()[2] == (
        "- `sound` can't be chosen with any model on maxapi: there is no switch for it."
    )


def test_a_rule_that_many_models_share_names_three_of_them():
    """The rest are counted."""
    error = refusals(*(("maxapi", f"m{number}", "sound") for number in range(5)), ("maxapi", "x", "mode"))

    assert "with m0, m1, m2 and 2 more on maxapi" in words_for(error)


@given(
    st.lists(
        st.tuples(st.sampled_from(["maxapi", "seedance2ink", "evolink"]), st.integers(0, 20), st.text()),
        min_size=1,
        max_size=40,
    )
)
def test_every_provider_has_a_line_however_many_reasons_there_are(rules):
    """Fourteen reasons stay one readable message, and no provider is left out."""
    reasons = [
        (
            provider,
            f"m{number}",
            RequestRefused("file_type", provider=provider, model=f"m{number}", file=text * 9, value=text),
        )
        for provider, number, text in rules
    ]
    said = words_for(NothingCovers(reasons))

    assert width(said) <= 2000
    for provider, _, _ in rules:
        assert f" on {provider_name(provider)}: " in said


def test_an_option_that_has_no_value_at_all_is_left_out():
    """Who chose a resolution for a model without any reads what to do."""
    error = RequestRefused(
        "resolution", option="resolution", value="720p", allowed=(), provider="maxapi", model="m"
    )

    assert "Possible: nothing, so leave it out." in words_for(error)


def test_many_reasons_fit_into_one_message():
    """What doesn't fit is left out, and the cost is still said."""
    reasons = [
        ("maxapi", "m", RequestRefused("file_empty", file=f"{number}{'x' * 90}")) for number in range(99)
    ]
    said = words_for(NothingCovers(reasons))

    assert width(said) <= 2000
    assert said.splitlines()[1] == "Nothing was sent, and nothing counted."
    assert said.endswith("- …")


def test_a_used_up_quota_says_what_is_left_and_when_there_is_more():
    """Plain numbers, and a time that counts by itself."""
    resets = datetime(2026, 11, 22, tzinfo=UTC)
    error = QuotaExceeded(
        "quota", resets=resets, scope="user", unit="seconds", used=98, limit=100, left=2, needed=5
    )

    assert words_for(error).splitlines()[0] == (
        "Your limit is reached: 98 of 100 seconds used, 2 left; this needs 5. More <t:1795305600:R>."
    )


def test_credits_are_told_whole():
    """The ledger's millionths are nobody's business."""
    error = QuotaExceeded(
        "quota", scope="bot", unit="credits", used=1_500_000, limit=2_000_000, left=500_000, needed=1_000_000
    )

    assert "1.5 of 2 credits used, 0.5 left; this needs 1" in words_for(error)


def test_two_at_once_says_so():
    """Who has two under way reads where they are."""
    assert "You have 2 under way" in words_for(QuotaExceeded("at_once", used=2, limit=2))


@pytest.mark.parametrize("code", ["at_once", "at_once_here"])
def test_none_at_once_promises_nothing(code):
    """No place will be free."""
    told = words_for(QuotaExceeded(code, used=0, limit=0)).splitlines()[0]

    assert "0 at once is the limit here: no film can be made." == told


@pytest.mark.parametrize("code", ["stopping", "cannot_store", "unheard of"])
def test_a_stopped_intake_costs_nothing_and_says_so(code):
    """A full disk is no reason to be charged."""
    assert words_for(IntakeStopped(code)).endswith("Nothing was sent, and nothing counted.")


def test_none_and_somebody_elses_read_the_same():
    """Nobody learns from a refusal that a generation exists."""
    assert words_for(NotFound("not_found", id="0" * 16)) == words_for(NotFound("not_found", id="f" * 16))


def test_moderation_says_so():
    """A refusal under content rules isn't called a failure."""
    assert "content rules" in words_for(ModerationRejected("maxapi", HOSTILE))


def test_an_unexpected_error_shows_its_reference():
    """The operator finds it in the log by what the person tells."""
    assert words_for(KeyError("secret"), reference="7F3K") == f"{UNKNOWN} Ref 7F3K."


@pytest.mark.parametrize("error", [StoreError("x"), Conflict("x"), MediaError("no such code")])
def test_no_code_is_ever_shown(error):
    """An inner word is no answer."""
    assert "no such code" not in words_for(error)


@given(st.sampled_from(sorted(SENTENCES)), st.text(max_size=300) | st.just(HOSTILE * 9))
def test_no_sentence_lets_hostile_facts_through(code, text):
    """File names and values are shown as code, parted where they would ping or link."""
    said = words_for(RequestRefused(code, file=text, value=text, reference=text, allowed=(text,), model="m"))

    assert re.findall(r"@everyone|https?://|\u202e", said) == []
    assert width(said) <= 2000
