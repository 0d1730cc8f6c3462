"""Laws of `bot.generations` where files are kept for all machines: what it says while they can't be."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.errors import IntakeStopped
from bot.models import MediaKind, Mode
from bot.store import open_store
from tests.bot.desk import Desk
from tests.s3 import opened, s3

__all__ = ["s3"]


@pytest.fixture
async def sharing(s3, tmp_path):
    """Yield a desk whose files are kept where machines share them."""
    store = await open_store(None, tmp_path)
    desk = Desk(store, tmp_path)
    storage = opened(s3.address(), tmp_path / "s")
    desk.generations._hosting = desk.hosting = replace(desk.hosting, storage=storage)
    desk.prober.kind, desk.prober.extension = MediaKind.IMAGE, ".png"
    yield desk
    await store.close()


async def test_a_file_that_cannot_be_kept_is_refused_in_words(sharing, s3):
    """Before anything is reserved, and nothing stays here (S-20)."""
    s3.mode = "down"
    with pytest.raises(IntakeStopped, match="files_unavailable"):
        await sharing.generations.keep("a.png", "https://cdn.example/a", b"bytes")
    assert [] == list(sharing.hosting.media_dir.iterdir())


async def test_nobody_says_that_a_file_is_gone_who_cannot_know(sharing, s3):
    """Again waits; to forget a file is tried, and left to the sweep."""
    file = await sharing.generations.keep("a.png", "https://cdn.example/a", b"bytes")
    first = await sharing.start(mode=Mode.FIRST_FRAME, media=(file,))
    s3.mode = "down"
    with pytest.raises(IntakeStopped, match="files_unavailable"):
        await sharing.again(first)
    await sharing.generations.forget([file])
    s3.mode = "open"

    assert file.id in (await sharing.again(first)).asked.media[0].id
