"""What a generation costs, as far as it is known: a table, to be overridden by whoever pays.

Prices drift. An unknown price is None and never nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from decimal import ROUND_CEILING, Decimal
from types import MappingProxyType
from typing import TYPE_CHECKING

from bot.models import MediaKind, Mode

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bot.models import VideoRequest

MILLIONTHS = 1_000_000
_SEARCH = Decimal("0.04")
"""One web search at EvoLink; how many there will be, nobody knows before."""


@dataclass(frozen=True, slots=True)
class Rate:
    """A provider's credits per second of film."""

    per_second: Decimal
    with_clips: Decimal | None = None
    """Where clips are given: for each second of the film, and of the clips or the film, whichever is longer.

    None: the provider makes no difference.
    """
    modes: frozenset[Mode] = frozenset(Mode)
    """The modes that the price is known for."""


PRICES: Mapping[tuple[str, str, str], Rate] = MappingProxyType(
    {
        # docs/pricing.md of github Evolink-AI/Seedance-2.0-Gateway-Service, July 2026
        ("evolink", "seedance-2.0", "480p"): Rate(Decimal("6.251"), Decimal("3.807")),
        ("evolink", "seedance-2.0", "720p"): Rate(Decimal("13.50"), Decimal("8.222")),
        ("evolink", "seedance-2.0-fast", "480p"): Rate(Decimal("5.063"), Decimal("3.012")),
        ("evolink", "seedance-2.0-fast", "720p"): Rate(Decimal("10.935"), Decimal("6.506")),
        # www.seedance2.ink/docs/api-reference/text-to-video: 40 credits for 5 seconds; with files, no example
        # tells which request its credits belong to
        ("seedance2ink", "seedance-2.0", "720p"): Rate(Decimal(8), modes=frozenset({Mode.TEXT})),
        # maxapi: no price found
    }
)
"""By provider, model and resolution."""


def price(
    request: VideoRequest, overrides: Mapping[tuple[str, str, str], Decimal] = MappingProxyType({})
) -> int | None:
    """Return what a routed request costs in millionths of its provider's credit, rounded up.

    None where it isn't known. `overrides` are credits per second by provider, model and resolution (`-` for a
    model that has none); what clips add stays in proportion.
    """
    key = (request.provider or "", request.model or "", request.resolution or "-")
    rate = _rate(PRICES.get(key), overrides.get(key))
    if rate is None or request.seconds is None or request.mode not in rate.modes:
        return None
    credits_ = _for_seconds(request, rate) + (_SEARCH if request.web_search else 0)
    return int((credits_ * MILLIONTHS).to_integral_value(ROUND_CEILING))


def _rate(known: Rate | None, override: Decimal | None) -> Rate | None:
    if override is None:
        return known
    if known is None or known.with_clips is None:
        return Rate(override)
    return Rate(override, known.with_clips * override / known.per_second)


def _for_seconds(request: VideoRequest, rate: Rate) -> Decimal:
    film = Decimal(request.seconds or 0)
    clips = sum((file.duration for file in request.of_kind(MediaKind.VIDEO)), timedelta())
    if not clips or rate.with_clips is None:
        return film * rate.per_second
    given = Decimal(clips // timedelta(microseconds=1)) / MILLIONTHS
    return (max(given.to_integral_value(ROUND_CEILING), film) + film) * rate.with_clips


class Prices:
    """The table with the operator's own prices on top, read from the settings."""

    def __init__(self, overrides: Mapping[tuple[str, str, str], Decimal] = MappingProxyType({})) -> None:
        self._overrides = overrides

    def price(self, request: VideoRequest) -> int | None:
        """Return what a routed request costs in millionths of its provider's credit, or None."""
        return price(request, self._overrides)
