"""Opens the storage that an address names."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from obstore.store import LocalStore, S3Store

from bot.errors import SettingsError
from bot.files.storage import Storage

if TYPE_CHECKING:
    from obstore.store import ClientConfig, RetryConfig, S3Credential

    from bot.files.kept import Address

CLIENT: Final[ClientConfig] = {
    "connect_timeout": timedelta(seconds=5),
    "timeout": timedelta(seconds=30),
    "pool_idle_timeout": timedelta(seconds=60),
}
"""For one request; a file goes in several (see `bot.files.storage.PART`)."""
RETRIES: Final[RetryConfig] = {
    "max_retries": 4,
    "retry_timeout": timedelta(seconds=20),
    "backoff": {"init_backoff": timedelta(milliseconds=100), "max_backoff": timedelta(seconds=5), "base": 2},
}


def open_storage(address: Address, scratch: Path, *, retries: RetryConfig | None = None) -> Storage:
    """Return the storage; copies lie in `scratch`. Nobody is asked yet.

    Raises `SettingsError` where a folder isn't there, or can't be made.
    """
    if not address.url.startswith("s3://"):
        return _folder(Path(address.url), scratch)
    bucket, _, prefix = address.url.removeprefix("s3://").partition("/")
    endpoint = address.endpoint or f"https://s3.{address.region}.amazonaws.com"
    if not address.path_style:
        scheme, host, path = urlsplit(endpoint)[:3]
        endpoint = f"{scheme}://{bucket}.{host}{path}"

    def ours() -> S3Credential:  # handed in so, nothing of the environment is mixed in
        key, secret = address.access_key, address.secret_key
        return {"access_key_id": key, "secret_access_key": secret, "token": None, "expires_at": None}

    store = S3Store(
        bucket,
        prefix=prefix or None,
        endpoint=endpoint,
        region=address.region,
        virtual_hosted_style_request=not address.path_style,
        disable_bulk_delete=True,  # not every service has it
        client_options={**CLIENT, "allow_http": endpoint.startswith("http:")},
        retry_config=retries or RETRIES,
        credential_provider=ours,
    )
    return Storage(store, scratch)


def _folder(folder: Path, scratch: Path) -> Storage:
    """Return the storage in a folder. It is made below `DATA_DIR` alone.

    Elsewhere it is somebody's mount: one that is missing would be made on this machine's own disk.
    """
    try:
        if scratch.parent.resolve() in folder.resolve().parents:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        there = folder.is_dir()
    except OSError:
        raise SettingsError("FILES_URL: the folder can't be made; make it, or give rights there") from None
    if not there:
        raise SettingsError("FILES_URL: there is no such folder; is it mounted? If it is, make it there once")
    return Storage(LocalStore(folder), scratch, mounted=folder)
