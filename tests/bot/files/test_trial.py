"""Laws of `bot.files.trial`, and of what `matinee check` says of it."""

from __future__ import annotations

import pytest

from bot.check import Verdict
from bot.files import opening, trial
from tests.bot.files.shelf import Shelf, on_shelf
from tests.bot.stage import Stage
from tests.s3 import ONCE, s3

__all__ = ["s3"]


@pytest.fixture
async def stage(tmp_path):
    """Return a stage for the check, with everything right."""
    async with Stage(tmp_path).open() as it:
        yield it


async def test_files_that_machines_share(stage, tmp_path, s3):
    """They are kept, read and deleted again, in a bucket and in a folder; nothing stays there."""
    address = s3.address()
    (tmp_path / "shared").mkdir()
    shared = await stage.found(FILES_URL=str(tmp_path / "shared"))
    bucket = await stage.found(**in_bucket(address))

    assert [Verdict.GOOD] * 2 == [found["files"].verdict for found in (shared, bucket)]
    assert {} == s3.objects(address)
    assert [] == [path for path in (tmp_path / "shared").rglob("*") if path.is_file()]


@pytest.mark.parametrize(("mode", "words"), [("denied", "access is denied"), ("down", "no answer")])
async def test_files_that_cannot_be_kept(stage, s3, monkeypatch, mode, words):
    """What is wrong, and what to look at; no address and no key."""
    address = s3.address()
    monkeypatch.setattr(opening, "RETRIES", ONCE)
    s3.mode = mode
    found = (await stage.found(**in_bucket(address)))["files"]

    assert Verdict.WRONG is found.verdict
    assert words in found.text
    assert "FILES_ACCESS_KEY" in found.text
    assert "127.0.0.1" not in found.text


async def test_files_that_can_be_listed_but_not_written(stage, s3, monkeypatch):
    """A right that is missing shows only when it is used."""
    address = s3.address()
    monkeypatch.setattr(opening, "RETRIES", ONCE)

    def shut():
        s3.mode = "denied"

    s3.after["GET"] = shut
    found = (await stage.found(**in_bucket(address)))["files"]

    assert (Verdict.WRONG, True) == (found.verdict, "access is denied" in found.text)


async def test_files_that_come_back_otherwise(stage, s3):
    """A bucket that loses what it takes keeps nothing."""
    address = s3.address()
    s3.after["HEAD"] = s3.buckets[address.url.split("/")[2]].clear
    found = (await stage.found(**in_bucket(address)))["files"]

    assert (Verdict.WRONG, True) == (found.verdict, "can't be read" in found.text)


class Forgetful(Shelf):
    """Says that it is well, and fails or loses what it is given."""

    def __init__(self, fault):
        super().__init__()
        self._later = fault

    async def put_async(self, name, path, **_):
        """Keep it, and be no more what it was."""
        await super().put_async(name, path)
        self.fault = self._later


@pytest.mark.parametrize(
    ("shelf", "said"),
    [(Shelf(), ""), (Forgetful(OSError()), "no answer"), (Forgetful(FileNotFoundError()), "whole")],
)
async def test_each_step_of_the_trial_can_fail(tmp_path, shelf, said):
    """Nothing of it stays, here or there, where that can be had."""
    wrong = await trial.fault(on_shelf(shelf, tmp_path))

    assert (bool(said), True) == (bool(wrong), said in wrong)
    assert [] == [path for path in tmp_path.rglob("*") if path.is_file()]
    assert bool(said) or {} == shelf.kept


async def test_storage_in_trouble_is_not_tried(tmp_path):
    """What is wrong is known, and nothing need be sent for it."""
    shelf = Shelf()
    shelf.fault = OSError()

    assert "no answer" in await trial.fault(on_shelf(shelf, tmp_path))
    assert [] == [path for path in tmp_path.rglob("*") if path.is_file()]


def in_bucket(address):
    """Return the settings that lead to a bucket."""
    host = address.endpoint.removeprefix("http://")
    return {
        "FILES_URL": address.url,
        "FILES_ENDPOINT": address.endpoint,
        "FILES_ACCESS_KEY": address.access_key,
        "FILES_SECRET_KEY": address.secret_key,
        "TRUSTED_HOSTS": host,
    }


async def test_machines_that_share_a_database_alone_are_told(stage):
    """Files in a folder of each would be found by nobody else; one machine may have it so."""
    database = {"DATABASE_URL": "postgresql+asyncpg://127.0.0.1:9/matinee", "SECRET_KEY": "s" * 32}
    finding = (await stage.found(**database))["files"]

    assert (Verdict.NOTE, True) == (finding.verdict, "set FILES_URL" in finding.text)
    assert "files" not in await stage.found()
