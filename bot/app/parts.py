"""What several of the bot's parts stand on, made from the settings."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from bot.admission import Gate
from bot.models import Limit
from bot.providers import create
from bot.quotas import Limits
from bot.roles import EVERYTHING, Duty
from bot.tracker.money import MICRO

if TYPE_CHECKING:
    import asyncio
    import random
    from collections.abc import Callable
    from decimal import Decimal

    from pydantic import SecretStr

    from bot.hosting import Hosting
    from bot.media.probe import Prober
    from bot.metrics import Metrics
    from bot.models import VideoRequest
    from bot.providers.health import Health
    from bot.providers.interface import Provider
    from bot.providers.router import Router
    from bot.settings import Settings
    from bot.store import Store


def utc_now() -> datetime:
    """Return the moment."""
    return datetime.now(UTC)


@dataclass(frozen=True)
class Ground:
    """What every process stands on, whatever its duty."""

    settings: Settings
    hosting: Hosting
    store: Store
    clock: Callable[[], datetime]
    metrics: Metrics


@dataclass(frozen=True)
class Parts(Ground):
    """What several of the parts stand on where commands are taken, or generations moved."""

    prober: Prober
    providers: dict[str, Provider]
    chance: random.Random
    nudged: asyncio.Event
    health: Health
    router: Router
    price: Callable[[VideoRequest], int | None]
    limits: Limits
    duty: Duty = EVERYTHING


def secret(value: SecretStr | None) -> str | None:
    """Return what a secret setting holds."""
    return value.get_secret_value() if value is not None else None


def providers_on(settings: Settings) -> dict[str, Provider]:
    """Return the providers that are on, by name."""
    built = {}
    for name in settings.providers_on():
        key = settings.api_key(name)
        assert key is not None
        extra = {"files_url": settings.evolink_files_url} if name == "evolink" else {}
        built[name] = create(
            name,
            api_key=key.get_secret_value(),
            base_url=getattr(settings, f"{name}_base_url"),
            concurrency=getattr(settings, f"{name}_concurrency"),
            **extra,
        )
        built[name].capabilities = {
            model: replace(each, longest_prompt=settings.max_prompt)
            for model, each in built[name].capabilities.items()
        }
    return built


def limits(settings: Settings) -> Limits:
    """Return the limits that the settings name."""
    return Limits(
        user_day=_limit(settings.daily_videos, settings.daily_seconds, settings.daily_credits),
        user_month=_limit(settings.monthly_videos, settings.monthly_seconds, settings.monthly_credits),
        server_day=_limit(settings.server_daily_videos, settings.server_daily_seconds),
        bot_day=_limit(settings.bot_daily_videos, settings.bot_daily_seconds, settings.bot_daily_credits),
        at_once=settings.concurrent,
        server_at_once=settings.server_concurrent,
    )


def gate(settings: Settings) -> Gate:
    """Return what the operator lets through, whoever asks."""
    return Gate(settings.daily_refusals, settings.queue_videos)


def _limit(videos: int | None, seconds: int | None, credit: Decimal | None = None) -> Limit:
    return Limit(videos, seconds, micros(credit))


def micros(credit: Decimal | None) -> int | None:
    """Return credits in millionths."""
    return None if credit is None else int(credit * MICRO)
