"""Requests and files as members make them, and providers that talk to a function instead of the net."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import httpx

from bot.models import MediaFile, MediaKind, Mode, VideoRequest
from bot.providers import PROVIDERS, create
from bot.providers.capabilities import CAPABILITIES
from bot.providers.router import fill

if TYPE_CHECKING:
    from collections.abc import Callable

    from bot.providers.interface import Provider

KEY = "sk-secret-0123456789"
PSEUDONYM = "5f2b9c0d7e1a4b6c8d9e0f1a2b3c4d5e"
CALLBACK = "https://films.example/callbacks/token"
PROVIDER_NAMES = tuple(PROVIDERS)

_FILES = {
    MediaKind.IMAGE: {"extension": ".png", "width": 1280, "height": 720},
    MediaKind.VIDEO: {
        "extension": ".mp4",
        "width": 1280,
        "height": 720,
        "duration": timedelta(seconds=4),
        "frame_rate": 24.0,
    },
    MediaKind.AUDIO: {"extension": ".mp3", "duration": timedelta(seconds=4)},
}


def a_file(kind: MediaKind = MediaKind.IMAGE, **said) -> MediaFile:
    """Return a file that every provider takes, but for what is said."""
    file = MediaFile(
        id="0" * 32,
        name=f"a {kind}",
        kind=kind,
        size=100_000,
        sha256="0" * 64,
        source_url="https://cdn.example/file",
        **_FILES[kind],
    )
    return replace(file, **said)


def files(kinds: str) -> tuple[MediaFile, ...]:
    """Return files by their first letters: `iva` is a picture, a clip and a sound."""
    by_letter = {kind.value[0]: kind for kind in MediaKind}
    return tuple(a_file(by_letter[letter], name=f"{n}{letter}") for n, letter in enumerate(kinds, start=1))


def asked(kinds: str = "", **said) -> VideoRequest:
    """Return what a member asks for with such files, in the mode of `/video` unless one is said."""
    modes = {"": Mode.TEXT, "i": Mode.FIRST_FRAME, "ii": Mode.FIRST_LAST_FRAME}
    request = VideoRequest("A river in autumn", modes.get(kinds, Mode.REFERENCE), files(kinds))
    return replace(request, **said)


def routed(provider: str, kinds: str = "", *, model: str | None = None, **said) -> VideoRequest:
    """Return a request filled in for a provider's model: its first one, unless another is said."""
    models = CAPABILITIES[provider]
    return fill(asked(kinds, **said), models[model or next(iter(models))])


def urls(request: VideoRequest) -> tuple[str, ...]:
    """Return an address for every file."""
    return tuple(
        f"https://media.example/{n}{file.extension}" for n, file in enumerate(request.media, start=1)
    )


def talking_to(
    name: str, answer: Callable[[httpx.Request], httpx.Response] | httpx.Response, **options
) -> Provider:
    """Return a provider whose calls are answered by a function, or always the same."""
    handler = (lambda _: answer) if isinstance(answer, httpx.Response) else answer
    return create(name, api_key=KEY, transport=httpx.MockTransport(handler), **options)


def submission(provider: Provider, kinds: str = "", **said):
    """Return a prepared body for a request."""
    request = routed(provider.name, kinds, **said)
    return provider.prepare(request, media_urls=urls(request), user=PSEUDONYM, callback_url=CALLBACK)
