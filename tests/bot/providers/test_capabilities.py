"""The table of what every model takes."""

from __future__ import annotations

import pytest

from bot.models import RATIOS, RESOLUTIONS, MediaKind, Mode
from bot.providers import PROVIDERS
from bot.providers.capabilities import CAPABILITIES, DEFAULT_MODEL

EVERY = [model for models in CAPABILITIES.values() for model in models.values()]


def test_every_provider_has_its_models():
    """The names that people type."""
    newer = ["seedance-2.0", "seedance-2.0-fast", "seedance-1.5-pro"]
    older = [
        "seedance-2.0-pro",
        "jimeng-video-3.5-pro",
        "jimeng-video-3.0-pro",
        "jimeng-video-3.0",
        "jimeng-video-2.0-pro",
        "jimeng-video-2.0",
    ]
    expected = {"maxapi": newer + older, "seedance2ink": newer, "evolink": newer[:2]}
    assert expected == {name: list(models) for name, models in CAPABILITIES.items()}


def test_every_registered_provider_is_described():
    """The registry and the table name the same, in the same order."""
    assert list(PROVIDERS) == list(CAPABILITIES)


@pytest.mark.parametrize("provider", PROVIDERS)
def test_the_default_model_comes_first(provider):
    """Where nothing is said, every provider that has it offers the same model."""
    models = list(CAPABILITIES[provider])
    assert DEFAULT_MODEL not in models[1:]


@pytest.mark.parametrize("model", EVERY, ids=lambda each: f"{each.provider}-{each.model}")
def test_a_row_makes_sense(model):
    """Known ratios and resolutions, lengths in order, pictures wherever a mode needs them."""
    laws = {
        "ratios": set(model.ratios) <= {*RATIOS, "adaptive"},
        "resolutions": set(model.resolutions) <= set(RESOLUTIONS),
        "seconds": list(model.seconds) == sorted(set(model.seconds)) and 5 in model.seconds,
        "text": Mode.TEXT in model.modes,
        "pictures": MediaKind.IMAGE in model.media,
        "fewest": Mode.REFERENCE not in model.modes or model.fewest_pictures_alone <= model.most_files,
        "expected": model.expected[0] < model.expected[1] <= model.longest,
    }
    assert [law for law, holds in laws.items() if not holds] == []


def test_only_evolink_has_switches_and_progress():
    """Sound, web search, progress and a safe repeat are EvoLink's; a cancel is seedance2.ink's alone."""
    told = {
        name: (model.sound, model.progress, model.idempotent, bool(model.web_search), model.cancel)
        for name, models in CAPABILITIES.items()
        for model in models.values()
    }
    assert told == {
        "maxapi": (False, False, False, False, False),
        "seedance2ink": (False, False, False, False, True),
        "evolink": (True, True, True, True, False),
    }
