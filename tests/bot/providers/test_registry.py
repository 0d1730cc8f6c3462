"""The registry of providers."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import get_args

import pytest

from bot import setting_kinds
from bot.demo.stand_ins.server import KEYS
from bot.messages import phrases
from bot.providers import PROVIDERS, create
from bot.providers.capabilities import CAPABILITIES
from cogs import video
from tests.bot.providers.asking import KEY, PROVIDER_NAMES
from tests.fakes import FakeProvider

CONFIG = Path(__file__).parents[3] / "pyproject.toml"


def test_the_names_that_people_type():
    """In the default order of preference."""
    assert list(PROVIDERS) == ["maxapi", "seedance2ink", "evolink"]


@pytest.mark.parametrize(
    "known",
    [
        pytest.param(setting_kinds.PROVIDERS, id="settings"),
        pytest.param(CAPABILITIES, id="capabilities"),
        pytest.param(phrases.PROVIDERS, id="words"),
        pytest.param(get_args(video.Provider), id="commands"),
        pytest.param(KEYS, id="stand-ins"),
    ],
)
def test_every_part_knows_the_same_providers(known):
    """A new provider that is forgotten somewhere is noticed here."""
    assert set(PROVIDERS) == set(known)


def test_no_provider_imports_another():
    """The import contract names each one's module."""
    config = tomllib.loads(CONFIG.read_text(encoding="utf-8"))
    (contract,) = [each for each in config["tool"]["importlinter"]["contracts"] if "modules" in each]
    assert {provider.__module__ for provider in PROVIDERS.values()} == set(contract["modules"])


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


async def test_what_a_provider_does_not_offer_is_nothing_or_never_called():
    """Of maxapi: it keeps no files and tells no balance; its capabilities say that it can't cancel."""
    provider = create("maxapi", api_key=KEY)
    assert (None, None) == (await provider.upload("cat.png", b"cat"), await provider.balance())
    assert [False] == list({model.cancel for model in provider.capabilities.values()})
    with pytest.raises(NotImplementedError):
        await provider.cancel("t1")


def test_a_provider_that_tells_no_time_has_no_clock_to_compare_with():
    """Only what speaks HTTP can."""
    assert FakeProvider("maxapi").clock_off is None
