"""Laws of `bot.files.folder`."""

from __future__ import annotations

import os
from datetime import timedelta

from bot.files import Folder, Whole
from tests.fakes import NOON

NAME = "films/a.mp4"
WHOLE = Whole(4, "0" * 64)


def a_folder(path):
    """Return a folder with a film in it."""
    (path / "films").mkdir()
    (path / NAME).write_bytes(b"film")
    return Folder(path)


async def test_what_lies_there_is_kept(tmp_path):
    """Nothing is copied, hashed or asked for."""
    folder = a_folder(tmp_path)
    await folder.keep(NAME)

    assert not folder.shared
    assert tmp_path / NAME == folder.path(NAME) == await folder.local(NAME, WHOLE)
    assert await folder.exists(NAME)
    assert (None, False) == (await folder.local("films/b.mp4"), await folder.exists("films/b.mp4"))


async def test_it_is_deleted_by_name(tmp_path):
    """What isn't there is no error."""
    folder = a_folder(tmp_path)
    await folder.forget([NAME, NAME], "films/a")

    assert not await folder.exists(NAME)


async def test_it_is_kept_for_longer_as_long_as_it_is_there(tmp_path):
    """Its time begins anew, whatever it is."""
    folder = a_folder(tmp_path)
    os.utime(tmp_path / NAME, (0, 0))

    assert await folder.touch(NAME, WHOLE, timedelta(days=1), NOON)
    assert (tmp_path / NAME).stat().st_mtime > 0
    assert not await folder.touch("films/b.mp4", WHOLE, timedelta(days=1), NOON)


async def test_it_has_no_trouble_of_its_own(tmp_path):
    """What ails a disk is told elsewhere, and who sweeps the disk has swept it."""
    folder = a_folder(tmp_path)

    assert ("", 0) == (await folder.trouble(), await folder.sweep("films", NOON))
