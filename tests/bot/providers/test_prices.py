"""What a film costs, as far as it is known."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from bot.models import MediaKind, Mode
from bot.providers.capabilities import CAPABILITIES
from bot.providers.prices import PRICES, Prices, price
from tests.bot.providers.asking import a_file, routed


@pytest.mark.parametrize(
    ("provider", "said", "expected"),
    [
        ("evolink", {}, 67_500_000),
        ("evolink", {"resolution": "480p", "seconds": 4}, 25_004_000),
        ("evolink", {"model": "seedance-2.0-fast", "seconds": 15}, 164_025_000),
        ("evolink", {"web_search": True}, 67_540_000),
        ("seedance2ink", {}, 40_000_000),
        ("seedance2ink", {"kinds": "i"}, None),
        ("seedance2ink", {"resolution": "1080p"}, None),
        ("maxapi", {}, None),
        ("maxapi", {"model": "seedance-2.0-pro"}, None),
    ],
)
def test_a_price_is_known_or_none(provider, said, expected):
    """Seconds times the rate, in millionths of a credit; what no page tells is None, never nothing."""
    assert expected == price(routed(provider, **said))


@pytest.mark.parametrize(("clip", "expected"), [(2, 82_220_000), (5, 82_220_000), (7.2, 106_886_000)])
def test_clips_are_billed_as_well(clip, expected):
    """EvoLink bills the film and the longer of film and clips, at its rate for clips."""
    media = (a_file(MediaKind.VIDEO, duration=timedelta(seconds=clip)),)
    assert expected == price(routed("evolink", mode=Mode.REFERENCE, media=media))


@pytest.mark.parametrize(
    ("key", "said", "expected"),
    [
        (("maxapi", "seedance-2.0", "720p"), {}, 15_000_000),
        (("maxapi", "seedance-2.0-pro", "-"), {"model": "seedance-2.0-pro"}, 15_000_000),
        (("seedance2ink", "seedance-2.0", "720p"), {"kinds": "i"}, 15_000_000),
    ],
)
def test_the_operator_knows_better(key, said, expected):
    """A price from the settings stands in place of the table's."""
    prices = Prices({key: Decimal(3)})
    assert expected == prices.price(routed(key[0], **said))


def test_an_own_price_keeps_the_proportion_of_clips():
    """Twice the price is twice the price with clips too."""
    request = routed("evolink", "v")
    overrides = {("evolink", "seedance-2.0", "720p"): Decimal(27)}
    assert 2 * price(request) == price(request, overrides)


def test_fractions_are_rounded_up():
    """A reservation is never a millionth too small."""
    assert price(routed("maxapi", seconds=4), {("maxapi", "seedance-2.0", "720p"): Decimal("0.0000001")}) == 1


def test_every_price_is_of_something_that_exists():
    """Each row of the table names a provider's model and one of its resolutions."""
    strangers = [
        key
        for key in PRICES
        if key[1] not in CAPABILITIES[key[0]] or key[2] not in CAPABILITIES[key[0]][key[1]].resolutions
    ]
    assert strangers == []
