"""Each hosted service that makes videos: one wire contract a file, and one line here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bot.providers.evolink import Evolink
from bot.providers.maxapi import Maxapi
from bot.providers.seedance2ink import Seedance2ink

if TYPE_CHECKING:
    from collections.abc import Callable

    from bot.providers.interface import Provider

PROVIDERS: dict[str, type[Provider]] = {
    Maxapi.name: Maxapi,
    Seedance2ink.name: Seedance2ink,
    Evolink.name: Evolink,
}
"""By name, in the default order of preference."""


def create(name: str, *, api_key: str, base_url: str | None = None, **options: Any) -> Provider:
    """Return a provider that talks to `base_url`, or to its own address.

    Raises `KeyError` for a name that isn't in `PROVIDERS` and `SettingsError` for a key that can't be one.
    `options` are its constructor's: `transport`, `concurrency`, `patience`, `now`, for EvoLink `files_url`.
    """
    address = {} if base_url is None else {"base_url": base_url}
    make: Callable[..., Provider] = PROVIDERS[name]
    return make(api_key, **address, **options)
