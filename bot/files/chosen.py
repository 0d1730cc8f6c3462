"""Where files are kept, as the settings say."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from bot.errors import SettingsError

if TYPE_CHECKING:
    from bot.files.kept import Address, Files


def storage_at(address: Address | None, data_dir: Path) -> Files | None:
    """Return the storage that machines share; None: files are kept in `data_dir`.

    Raises `SettingsError` where a folder isn't there, or is the one for copies, which are swept.
    """
    if address is None or Path(address.url).resolve() == data_dir.resolve():
        return None
    scratch = data_dir / "scratch"
    if address.url.startswith("/") and Path(address.url).resolve().is_relative_to(scratch.resolve()):
        raise SettingsError("FILES_URL: copies lie in DATA_DIR/scratch and don't stay; name another folder")
    from bot.files.opening import open_storage  # noqa: PLC0415 - loaded only where there is one

    return open_storage(address, scratch)
