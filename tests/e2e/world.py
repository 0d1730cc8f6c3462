"""SimCord's modelled Discord with what it leaves out: real time, attachments over HTTP, signed links."""

from __future__ import annotations

import hashlib
import hmac
import mimetypes
from datetime import UTC, datetime, timedelta
from typing import Any

from simcord._clock import Clock
from simcord.backend import Backend
from simcord.backend.cdn import CdnStore

LINK_LIFE = timedelta(days=1)
"""Attachment links die within a day (announcement quoted in DisboxApp/web#106)."""


class WireClock(Clock):
    """Real time, moved on by whatever `advance` said."""

    def now(self) -> datetime:
        """Return the modelled Discord's present."""
        return datetime.now(UTC) + timedelta(seconds=self.elapsed)


class WireCdn(CdnStore):
    """Attachments at an address that can be fetched, with `ex` and `hm` as Discord's links have them."""

    def __init__(self, clock: WireClock) -> None:
        super().__init__()
        self.base = ""
        self._clock = clock
        self._files: dict[str, bytes] = {}

    def _signature(self, path: str, expiry: str) -> str:
        return hmac.new(b"cdn", f"{path} {expiry}".encode(), hashlib.sha256).hexdigest()

    def store_attachment(
        self, attachment_id: int, channel_id: int, filename: str, data: bytes, description: str | None
    ) -> dict[str, Any]:
        """Keep a file and return its attachment object (docs: message resource, attachment object)."""
        path = f"/attachments/{channel_id}/{attachment_id}/{filename}"
        expiry = f"{int((self._clock.now() + LINK_LIFE).timestamp()):x}"
        url = f"{self.base}{path}?ex={expiry}&is={expiry}&hm={self._signature(path, expiry)}&"
        self._files[path] = data
        return {
            "id": str(attachment_id),
            "filename": filename,
            "description": description,
            "size": len(data),
            "url": url,
            "proxy_url": url,
            "content_type": mimetypes.guess_type(filename)[0] or "application/octet-stream",
        }

    def get(self, url: str) -> bytes | None:
        """Return a kept file by its whole link, whatever its age."""
        return self._files.get(url.removeprefix(self.base).partition("?")[0])

    def fetch(self, path: str, expiry: str, signature: str) -> bytes | None:
        """Return a file as the address would serve it: nothing for a forged or dead link."""
        if not hmac.compare_digest(self._signature(path, expiry), signature):
            return None
        if self._clock.now() >= datetime.fromtimestamp(int(expiry, 16), UTC):
            return None
        return self._files.get(path)


def new_backend() -> tuple[Backend, WireClock, WireCdn]:
    """Build an empty modelled Discord on the real clock."""
    clock = WireClock()
    backend = Backend(clock=clock)
    cdn = WireCdn(clock)
    backend.cdn = cdn
    return backend, clock, cdn
