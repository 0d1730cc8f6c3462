"""Addresses under which a provider can fetch a member's files."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

from bot.errors import MatineeError

if TYPE_CHECKING:
    from bot.models import Generation, MediaFile
    from bot.tracker.context import Context


class AttachmentExpired(MatineeError):
    """A member's file can no longer be had: swept here, or Discord's own link is dead."""


async def media_urls(context: Context, generation: Generation) -> tuple[str, ...]:
    """Return one address per file, in order.

    Ours where `PUBLIC_URL` is set, else an upload to the provider where it takes one, else the
    attachment's own link. Raises `AttachmentExpired`, `FilesUnavailable` or a
    `ProviderError`.
    """
    return tuple([await _url(context, generation, file) for file in generation.request.media])


async def _url(context: Context, generation: Generation, file: MediaFile) -> str:
    ours = context.hosting.media_url(file)
    if ours is not None:
        return ours
    path = await context.hosting.media(file)
    if path is None:
        raise AttachmentExpired(file.id)
    data = await asyncio.to_thread(path.read_bytes)
    uploaded = await context.provider_of(generation).upload(f"{file.id}{file.extension}", data)
    if uploaded is not None:
        return uploaded
    if expires(file.source_url) <= context.clock():
        raise AttachmentExpired(file.id)
    return file.source_url


def expires(url: str) -> datetime:
    """Return when a Discord attachment link dies.

    That is its `ex`, a hexadecimal Unix time (reference, "Signed Attachment CDN URLs").
    """
    try:
        return datetime.fromtimestamp(int(parse_qs(urlsplit(url).query)["ex"][0], 16), UTC)
    except (KeyError, ValueError, OverflowError, OSError):
        return datetime.max.replace(tzinfo=UTC)
