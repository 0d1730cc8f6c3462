"""Which provider and model a request goes to."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import NothingCovers, RequestRefused
from bot.models import Mode
from bot.providers.capabilities import CAPABILITIES
from bot.providers.router import Router, fill, why_not
from tests.bot.providers.asking import asked
from tests.fakes import FakeProvider

ALL = ("maxapi", "seedance2ink", "evolink")


def router(*names, sick=()):
    """Return a router over these providers, in this order."""
    return Router([FakeProvider(name) for name in names or ALL], lambda name: name not in sick)


def chosen(request, *names, sick=(), without=()):
    """Return where a request goes."""
    found = router(*names, sick=sick).route(request, without=without)
    return found.provider, found.model


@pytest.mark.parametrize(
    ("kinds", "said", "expected"),
    [
        ("", {}, ("maxapi", "seedance-2.0")),
        ("", {"provider": "evolink"}, ("evolink", "seedance-2.0")),
        ("", {"model": "seedance-2.0-fast"}, ("maxapi", "seedance-2.0-fast")),
        ("", {"sound": True}, ("evolink", "seedance-2.0")),
        ("", {"sound": False}, ("evolink", "seedance-2.0")),
        ("", {"web_search": True}, ("evolink", "seedance-2.0")),
        ("", {"web_search": False, "fallback": False}, ("maxapi", "seedance-2.0")),
        ("", {"ratio": "21:9"}, ("evolink", "seedance-2.0")),
        ("", {"ratio": "adaptive", "provider": "evolink"}, ("evolink", "seedance-2.0")),
        ("", {"fallback": True}, ("maxapi", "seedance-2.0")),
        ("ii", {"mode": Mode.REFERENCE}, ("evolink", "seedance-2.0")),
        ("iva", {}, ("maxapi", "seedance-2.0")),
        ("", {"model": "jimeng-video-3.5-pro"}, ("maxapi", "jimeng-video-3.5-pro")),
    ],
)
def test_the_first_that_covers_is_taken(kinds, said, expected):
    """In the operator's order; an option that is set leaves out whoever can't honour it."""
    assert expected == chosen(asked(kinds, **said))


def test_the_order_is_the_operators():
    """The list decides, not the registry."""
    assert chosen(asked(), "evolink", "maxapi") == ("evolink", "seedance-2.0")


def test_the_sick_are_passed_over():
    """Health decides among those that cover."""
    assert chosen(asked(), sick=("maxapi",)) == ("seedance2ink", "seedance-2.0")


def test_a_named_provider_is_kept_though_it_is_sick():
    """It can wait there; nobody exchanges what a member named."""
    assert chosen(asked(provider="maxapi"), sick=ALL) == ("maxapi", "seedance-2.0")


def test_where_all_are_sick_the_first_that_covers_waits():
    """An outage is no reason to refuse."""
    assert chosen(asked(sound=True), sick=ALL) == ("evolink", "seedance-2.0")


def test_those_tried_are_left_out():
    """A second try goes elsewhere."""
    assert chosen(asked(), without=("maxapi",)) == ("seedance2ink", "seedance-2.0")


def test_nothing_is_left_when_all_were_tried():
    """Then no provider stands in the way, there is just none."""
    with pytest.raises(NothingCovers) as caught:
        chosen(asked(), without=ALL)
    assert caught.value.reasons == ()


def test_defaults_are_filled_in():
    """16:9, 720p, 5 s, sound on, the rest off, and None for what a provider has no word for."""
    told = {}
    for name in ALL:
        request = router().route(asked(provider=name))
        told[name] = (
            request.ratio,
            request.resolution,
            request.seconds,
            request.sound,
            request.fallback,
            request.web_search,
        )
    assert told == {
        "maxapi": ("16:9", "720p", 5, None, False, None),
        "seedance2ink": ("16:9", "720p", 5, None, None, None),
        "evolink": ("16:9", "720p", 5, True, None, False),
    }


def test_web_search_has_no_switch_beside_text():
    """With files there is nothing to switch."""
    assert router().route(asked("i", provider="evolink")).web_search is None


def test_what_was_said_is_kept():
    """Filling in changes nothing that a member chose."""
    request = asked(ratio="1:1", resolution="480p", seconds=7, sound=False, web_search=True)
    filled = fill(request, CAPABILITIES["evolink"]["seedance-2.0"])
    assert (
        filled.ratio,
        filled.resolution,
        filled.seconds,
        filled.sound,
        filled.web_search,
    ) == ("1:1", "480p", 7, False, True)


def test_an_older_model_has_no_resolution():
    """What has no field isn't promised."""
    assert router().route(asked(model="seedance-2.0-pro")).resolution is None


@pytest.mark.parametrize(
    ("kinds", "said", "code", "facts"),
    [
        ("", {"provider": "maxapi", "seconds": 3}, "seconds", {"allowed": tuple(range(4, 16))}),
        ("", {"provider": "seedance2ink", "ratio": "21:9"}, "ratio", {"allowed": ("16:9", "9:16", "1:1")}),
        ("", {"provider": "fal"}, "provider", {"allowed": ALL}),
        ("", {"provider": "evolink", "model": "seedance-1.5-pro"}, "model", {"value": "seedance-1.5-pro"}),
        ("", {"model": "sora"}, "model", {"value": "sora"}),
        ("", {"prompt": ""}, "prompt_empty", {"option": "prompt"}),
        ("i", {"prompt": "@2"}, "reference_missing", {"reference": "@2"}),
        ("ii", {"mode": Mode.REFERENCE, "provider": "maxapi"}, "pictures_few", {"least": 3}),
    ],
)
def test_one_rule_in_the_way_is_said_plainly(kinds, said, code, facts):
    """Where a member named the provider, or the same rule holds everywhere, that rule is the answer."""
    with pytest.raises(RequestRefused) as caught:
        chosen(asked(kinds, **said))
    assert (code, facts) == (caught.value.code, {name: caught.value.facts[name] for name in facts})


@pytest.mark.parametrize(
    ("names", "said", "named"),
    [
        (ALL, {}, {}),
        (ALL, {"model": "seedance-2.0"}, {"model": "seedance-2.0"}),
        (("maxapi",), {}, {"provider": "maxapi"}),
        (("maxapi",), {"model": "seedance-2.0"}, {"provider": "maxapi", "model": "seedance-2.0"}),
        (ALL, {"provider": "maxapi"}, {"provider": "maxapi", "model": "seedance-2.0"}),
    ],
)
def test_a_rule_that_all_share_names_none_of_them(names, said, named):
    """Whoever reads of one provider or model would try another, in vain."""
    with pytest.raises(RequestRefused) as caught:
        chosen(asked(prompt="x" * 2001, **said), *names)
    facts = {"option": "prompt", "length": 2001, "most": 2000}
    assert ("prompt_long", {**facts, **named}) == (caught.value.code, caught.value.facts)


def test_several_rules_are_told_one_per_model():
    """Where nobody was named and the reasons differ, each provider's model tells its own."""
    with pytest.raises(NothingCovers) as caught:
        chosen(asked(ratio="21:9", resolution="1080p"))
    told = {(provider, model): reason.code for provider, model, reason in caught.value.reasons}
    expected = {
        ("maxapi", "seedance-2.0"): "ratio",
        ("seedance2ink", "seedance-2.0"): "ratio",
        ("evolink", "seedance-2.0"): "resolution",
    }
    assert expected == {where: told[where] for where in expected}
    assert sum(len(models) for models in CAPABILITIES.values()) == len(told)


@pytest.mark.parametrize(
    ("public", "expected"), [(True, ("maxapi", "seedance-2.0")), (False, ("evolink", "seedance-2.0"))]
)
def test_our_own_picture_needs_a_way_to_the_provider(public, expected):
    """A picture that lies here alone goes where it can be fetched from us, or be sent to directly."""
    ours = asked("i", mode=Mode.FIRST_FRAME)
    ours = replace(ours, media=(replace(ours.media[0], source_url=""),))
    routes = Router([FakeProvider(name) for name in ALL], lambda _: True, public=public)
    found = routes.route(ours)

    assert expected == (found.provider, found.model)


def test_our_own_picture_that_cannot_get_there_is_refused():
    """Without a public address and without an upload, nothing is begun."""
    ours = asked("i", mode=Mode.FIRST_FRAME)
    ours = replace(ours, media=(replace(ours.media[0], source_url=""),))
    routes = Router([FakeProvider("maxapi")], lambda _: True, public=False)

    with pytest.raises(RequestRefused, match="needs_public_url"):
        routes.route(replace(ours, provider="maxapi"))


@given(
    kinds=st.text(alphabet="iva", max_size=6),
    mode=st.sampled_from(Mode),
    ratio=st.none() | st.sampled_from(["16:9", "21:9", "4:3", "adaptive"]),
    resolution=st.none() | st.sampled_from(["480p", "720p", "1080p"]),
    seconds=st.none() | st.integers(3, 16),
    sound=st.none() | st.booleans(),
    fallback=st.none() | st.booleans(),
    web_search=st.none() | st.booleans(),
)
def test_whatever_is_routed_can_be_made_as_asked(kinds, **said):
    """A routed request breaks no rule of its model, and keeps every option that was set to something."""
    request = asked(kinds, **said)
    try:
        found = router().route(request)
    except (RequestRefused, NothingCovers):
        return
    off = {"fallback", "web_search"}
    wished = {name: value for name, value in said.items() if value or (value is False and name not in off)}
    assert why_not(found, CAPABILITIES[found.provider][found.model]) is None
    assert wished == {name: getattr(found, name) for name in wished}


def test_the_paused_are_passed_over():
    """Where a member named one, or where all that could do it are paused, the refusal says so."""
    assert "seedance2ink" == router().route(asked(), paused={"maxapi"}).provider
    with pytest.raises(RequestRefused, match="provider_paused") as named:
        router().route(asked(provider="maxapi"), paused={"maxapi"})
    with pytest.raises(RequestRefused, match="provider_paused") as every:
        router().route(asked(), paused=ALL)

    assert ("maxapi", None) == tuple(each.value.facts.get("provider") for each in (named, every))


def test_what_could_not_be_made_anyway_is_said_first():
    """A pause that ends would not help; where it would, it is named among the other reasons."""
    with pytest.raises(RequestRefused, match="sound"):
        router().route(asked(provider="maxapi", sound=True), paused={"maxapi"})
    with pytest.raises(NothingCovers) as refused:
        router().route(asked(sound=True), paused={"evolink"})

    assert {"provider_paused", "sound"} == {reason.code for _, _, reason in refused.value.reasons}
