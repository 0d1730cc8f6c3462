"""What we send holds every field of the providers' own examples, and nothing that they don't document."""

from __future__ import annotations

import json

import pytest

from bot.providers.capabilities import CAPABILITIES
from bot.providers.rules import why_not
from tests.bot.providers.asking import PROVIDER_NAMES, PSEUDONYM, talking_to
from tests.contract.recorded import examples

REQUESTS = examples("requests")


def paths(body, under=""):
    """Return every field of a body by its dotted place, an object as itself and as its fields."""
    found = {}
    for name, value in body.items():
        found[f"{under}{name}"] = value
        if isinstance(value, dict):
            found |= paths(value, f"{under}{name}.")
    return {place: value for place, value in found.items() if not isinstance(value, dict)}


def ours(example):
    """Return our body for the same request."""
    provider = talking_to(example.provider, lambda _: None)
    prepared = provider.prepare(
        example.request(), media_urls=example.urls, user=PSEUDONYM, callback_url=example.callback_url
    )
    return json.loads(prepared.body)


@pytest.mark.parametrize("example", REQUESTS)
def test_every_field_of_the_example_is_ours(example):
    """At the same place, by the same name, with the same type and value."""
    theirs, made = paths(example.said["body"]), paths(ours(example))
    typed = {place: (type(value), value) for place, value in theirs.items()}
    found = {place: (type(value), value) for place, value in made.items() if place in theirs}
    assert typed == found


@pytest.mark.parametrize("example", REQUESTS)
def test_what_we_add_is_documented(example):
    """Every further field is listed in the example's file, with the page that knows it."""
    added = set(paths(ours(example))) - set(paths(example.said["body"]))
    listed = set(example.said["added"])
    assert added == {place for place in listed if not any(other.startswith(f"{place}.") for other in listed)}


@pytest.mark.parametrize("example", REQUESTS)
def test_fields_come_in_the_order_of_the_page(example):
    """What both have stands in the same order."""
    theirs, made = list(paths(example.said["body"])), paths(ours(example))
    assert theirs == [place for place in made if place in set(theirs)]


@pytest.mark.parametrize("example", REQUESTS)
def test_the_example_is_something_that_we_allow(example):
    """No rule of ours stands in the way of a provider's own example."""
    request = example.request()
    assert why_not(request, CAPABILITIES[example.provider][request.model]) is None


@pytest.mark.parametrize("provider", PROVIDER_NAMES)
def test_every_provider_has_examples(provider):
    """A provider without one isn't held to anything."""
    assert provider in {example.values[0].provider for example in REQUESTS}
