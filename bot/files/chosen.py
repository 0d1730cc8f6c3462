"""Where files are kept, as the settings say."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bot.files.kept import Address, Files


def storage_at(address: Address | None, data_dir: Path) -> Files | None:
    """Return the storage that machines share; None: files are kept in `data_dir`.

    Raises `SettingsError` where a folder can't be made.
    """
    if address is None or Path(address.url).resolve() == data_dir.resolve():
        return None
    from bot.files.opening import open_storage  # noqa: PLC0415 - loaded only where there is one

    return open_storage(address, data_dir / "scratch")
