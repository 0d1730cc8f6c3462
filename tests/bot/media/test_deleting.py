"""Files go in a thread, and what is gone already is no trouble."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from bot.media.deleting import delete


async def test_all_go_and_none_is_missed(tmp_path):
    """Whoever asks for a file to be gone is content if somebody else was quicker."""
    files = [tmp_path / "one", tmp_path / "two", tmp_path / "three"]
    for path in files[:2]:
        path.touch()
    await delete(*files)
    assert [] == list(tmp_path.iterdir())


@pytest.mark.parametrize("number", [0, 3])
async def test_the_loop_goes_on_meanwhile(tmp_path, monkeypatch, number):
    """Files are deleted in one thread that isn't the loop's; for no file none is taken."""
    threads = []
    monkeypatch.setattr(Path, "unlink", lambda *_, **__: threads.append(threading.current_thread()))
    await delete(*[tmp_path / str(one) for one in range(number)])
    assert (number, number > 0) == (len(threads), len(set(threads)) == 1)
    assert threading.main_thread() not in threads


async def test_what_can_t_be_deleted_is_told(tmp_path):
    """A folder isn't a file."""
    with pytest.raises(OSError, match=str(tmp_path)):
        await delete(tmp_path)
