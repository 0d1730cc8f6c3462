"""The key that everything is signed with: given, or made once and kept in `DATA_DIR`."""

from __future__ import annotations

import os
import secrets
from contextlib import suppress
from typing import TYPE_CHECKING

from bot.errors import SettingsError

if TYPE_CHECKING:
    from pathlib import Path

    from bot.settings import Settings


def secret_key(settings: Settings) -> bytes:
    """Return the key that everything is signed with; without a setting it is made once in `DATA_DIR`.

    Raises `SettingsError` if it can be neither read nor made.
    """
    if settings.secret_key is not None:
        return settings.secret_key.get_secret_value().encode()
    path = settings.data_dir / "secret_key"
    try:
        settings.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not path.exists():
            _make_once(path)
        path.chmod(0o600)
        key = path.read_text(encoding="ascii").strip()
    except (OSError, UnicodeError):
        raise SettingsError("DATA_DIR: can't keep a key; make it writable, or set SECRET_KEY") from None
    if not key:
        raise SettingsError("DATA_DIR: its file secret_key is empty; restore it, or delete it for a new one")
    return key.encode()


def _make_once(path: Path) -> None:
    """Write a new key whole or not at all; of two who try at once, both keep the first one's."""
    draft = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
    try:
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(secrets.token_hex(32))
            file.flush()
            os.fsync(file.fileno())
        with suppress(FileExistsError):
            os.link(draft, path)
        folder = os.open(path.parent, os.O_RDONLY)
        os.fsync(folder)
        os.close(folder)
    finally:
        draft.unlink(missing_ok=True)
