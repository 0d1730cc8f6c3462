"""What members set for themselves: values without behaviour."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Preferences:
    """A member's own defaults. None: not set, so whatever the bot or the provider has."""

    provider: str | None = None
    model: str | None = None
    ratio: str | None = None
    resolution: str | None = None
    seconds: int | None = None
    sound: bool | None = None
    deliver: str | None = None
    """Where films go: `here`, `dm` or `both`."""
    language: str | None = None
    """One of Discord's locales; None: what the member's Discord speaks."""


@dataclass(frozen=True, slots=True)
class Preset:
    """A named set of options, and words that are put before every prompt."""

    name: str
    prompt: str = ""
    """Put before what the member writes: a style, a camera, a mood."""
    provider: str | None = None
    model: str | None = None
    ratio: str | None = None
    resolution: str | None = None
    seconds: int | None = None
    sound: bool | None = None
