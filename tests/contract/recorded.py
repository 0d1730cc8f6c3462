"""The providers' own examples, kept as files: requests as their pages show them, and answers."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from bot.models import MediaKind, Mode, VideoRequest
from bot.providers.capabilities import CAPABILITIES
from bot.providers.router import fill
from tests.bot.providers.asking import a_file

HERE = Path(__file__).parent
_KINDS = {".mp4": MediaKind.VIDEO, ".mp3": MediaKind.AUDIO}
_URLS = ("mediaUrls", "imageUrls", "image_urls", "video_urls", "audio_urls")
_CALLBACKS = ("callBackUrl", "webhookUrl", "callback_url")


@dataclass(frozen=True, slots=True)
class Example:
    """One file: which provider's, and what is in it."""

    provider: str
    name: str
    said: dict[str, Any]

    @property
    def fields(self) -> dict[str, Any]:
        """The fields of a body, whether they lie under `input` or not."""
        body = self.said["body"]
        return {**body, **body.get("input", {})}

    @property
    def urls(self) -> tuple[str, ...]:
        """The addresses of the files, in order."""
        return tuple(url for name in _URLS for url in self.fields.get(name, ()))

    @property
    def callback_url(self) -> str | None:
        """The address to call back."""
        return next((self.fields[name] for name in _CALLBACKS if name in self.fields), None)

    def request(self) -> VideoRequest:
        """Return the request that a member makes to get this body."""
        asked = dict(self.said["asked"])
        media = tuple(
            a_file(_KINDS.get(Path(url).suffix, MediaKind.IMAGE), extension=Path(url).suffix)
            for url in self.urls
        )
        capabilities = CAPABILITIES[self.provider][asked.pop("model")]
        mode = Mode(asked.pop("mode"))
        return fill(VideoRequest(self.fields["prompt"], mode, media, **asked), capabilities)


def examples(kind: str) -> list[Any]:
    """Return every `requests` or `answers` file as a test's parameter."""
    return [
        pytest.param(
            Example(path.parent.name, path.stem, json.loads(path.read_text())),
            id=f"{path.parent.name}-{path.stem}",
        )
        for path in sorted((HERE / kind).glob("*/*.json"))
    ]
