"""What tests of the store may ask for."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bot.store import open_store

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from bot.store import Store


@pytest.fixture
async def two(postgres_url: str, tmp_path: Path) -> AsyncIterator[tuple[Store, Store]]:
    """Give two stores on one database, as two processes have them."""
    stores = (await open_store(postgres_url, tmp_path), await open_store(postgres_url, tmp_path))
    yield stores
    for store in stores:
        await store.close()
