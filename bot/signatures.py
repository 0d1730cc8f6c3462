"""Everything that is an HMAC with `SECRET_KEY`: callback tokens, links to films, pseudonyms."""

from __future__ import annotations

import hmac
import re
from datetime import UTC, datetime

_TOKEN = re.compile(r"([0-9a-f]{16})([0-9a-f]{32})")
_LINK = re.compile(r"[0-9a-f]{16}/[0-9]{1,11}/[0-9a-f]{32}", re.ASCII)


class Signer:
    """Signs and checks. Nothing that it makes needs to be stored, and nothing tells the key."""

    def __init__(self, secret: bytes) -> None:
        self._keyed = hmac.new(secret, digestmod="sha256")

    def _mac(self, purpose: str, length: int = 32) -> str:
        mac = self._keyed.copy()  # half the price of beginning with the key each time
        mac.update(purpose.encode())
        return mac.hexdigest()[:length]

    def callback_token(self, provider: str, generation_id: str) -> str:
        """Return the last part of a generation's own callback address: 48 hexadecimal digits."""
        return generation_id + self._mac(f"callback/{provider}/{generation_id}")

    def read_callback_token(self, provider: str, token: str) -> str | None:
        """Return the generation that a token is for, or None if we never made it for this provider."""
        shape = _TOKEN.fullmatch(token)
        expected = self._mac(f"callback/{provider}/{shape[1] if shape else ''}")
        genuine = hmac.compare_digest(expected, shape[2] if shape else "")
        return shape[1] if shape and genuine else None

    def film_path(self, generation_id: str, expires: datetime) -> str:
        """Return the path of a link to a film that works until `expires`."""
        moment = int(expires.timestamp())
        return f"/films/{generation_id}/{moment}/{self._mac(f'film/{generation_id}/{moment}')}.mp4"

    def film_link_is_good(self, generation_id: str, moment: str, signature: str, now: datetime) -> bool:
        """Return whether a link is ours and still works."""
        shape = _LINK.fullmatch(f"{generation_id}/{moment}/{signature}")
        expected = self._mac(f"film/{generation_id}/{moment}") if shape else ""
        genuine = hmac.compare_digest(expected, signature if shape else "-")
        return genuine and now < datetime.fromtimestamp(int(moment), UTC)

    def pseudonym(self, user_id: int) -> str:
        """Return the name under which a Discord user appears in the ledger and towards providers."""
        return self._mac(f"user/{user_id}")
