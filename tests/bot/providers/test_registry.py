"""The registry of providers."""

from __future__ import annotations

import pytest

from bot.providers import PROVIDERS, create
from bot.providers.capabilities import CAPABILITIES
from tests.bot.providers.asking import KEY, PROVIDER_NAMES


def test_the_names_that_people_type():
    """In the default order of preference."""
    assert list(PROVIDERS) == ["maxapi", "seedance2ink", "evolink"]


@pytest.mark.parametrize("name", PROVIDER_NAMES)
def test_a_provider_knows_its_name_and_its_models(name):
    """By name, with what the table says of it, and with the places that it is given."""
    provider = create(name, api_key=KEY, concurrency=7)
    assert (name, CAPABILITIES[name], 7) == (provider.name, provider.capabilities, provider.concurrency)


@pytest.mark.parametrize("name", PROVIDER_NAMES)
def test_a_provider_is_never_asked_without_a_pause(name):
    """The first ask waits, waits grow, and end somewhere."""
    pace = create(name, api_key=KEY).pace
    assert 0 < pace.first.total_seconds() <= pace.slowest.total_seconds()
    assert pace.growth > 1


@pytest.mark.parametrize("name", PROVIDER_NAMES)
async def test_closing_what_was_never_opened_is_nothing(name):
    """Nor is closing twice."""
    provider = create(name, api_key=KEY)
    await provider.close()
    await provider.close()


def test_a_stranger_is_none():
    """A name that isn't there is a mistake of ours."""
    with pytest.raises(KeyError):
        create("sora", api_key=KEY)
