"""Laws of `bot.files.opening`."""

from __future__ import annotations

import subprocess
import sys

import pytest

from bot.errors import SettingsError
from bot.files import Address, opening, storage_at
from tests.s3 import opened, s3

__all__ = ["s3"]


def test_what_speaks_to_buckets_is_loaded_only_where_there_is_one():
    """It costs memory and time at the start, which most bots needn't pay."""
    command = "import sys, bot.hosting, bot.settings; print('obstore' in sys.modules)"
    said = subprocess.run([sys.executable, "-c", command], capture_output=True, text=True, check=True)

    assert "False" == said.stdout.strip()


def test_a_folder_that_cannot_be_made_is_a_wrong_setting(tmp_path):
    """One line that names the variable and no path."""
    (tmp_path / "cAnArY").write_text("a file")

    with pytest.raises(SettingsError, match=r"^FILES_URL: the folder can't be made") as told:
        storage_at(Address(str(tmp_path / "cAnArY" / "films")), tmp_path)
    assert "cAnArY" not in str(told.value)


@pytest.mark.parametrize("below", ["films", "films/matinee", "a file"])
def test_a_mount_that_is_missing_is_not_made_up(tmp_path, below):
    """Films would lie on this machine's disk alone: it is said, and nothing is made."""
    (tmp_path / "a file").touch()
    with pytest.raises(SettingsError, match=r"^FILES_URL: there is no such folder; is it mounted\?"):
        storage_at(Address(str(tmp_path / below)), tmp_path / "data")

    assert ["a file"] == [path.name for path in tmp_path.iterdir()]


def test_a_folder_that_is_mounted_is_taken_as_it_is(tmp_path):
    """Who made it decides who may look into it."""
    (tmp_path / "mount").mkdir(mode=0o750)

    assert storage_at(Address(str(tmp_path / "mount")), tmp_path / "data").shared
    assert 0o750 == (tmp_path / "mount").stat().st_mode & 0o777


def test_a_folder_of_our_own_is_nobody_elses(tmp_path):
    """Below DATA_DIR it is made, readable by the bot alone."""
    storage_at(Address(str(tmp_path / "data" / "films" / "shared")), tmp_path / "data")

    assert 0o700 == (tmp_path / "data" / "films" / "shared").stat().st_mode & 0o777


@pytest.mark.parametrize("path_style", [True, False])
async def test_the_bucket_stands_in_the_path_or_in_the_host(s3, tmp_path, monkeypatch, path_style):
    """As the service wants it; a proxy sees where the request would go."""
    monkeypatch.setenv("http_proxy", s3.url)
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.delenv("NO_PROXY", raising=False)
    s3.buckets["films"] = {}
    address = s3.address("films", endpoint="http://s3.test", path_style=path_style)
    trouble = await opened(address, tmp_path).trouble()

    ((_, path),) = s3.asked
    assert (path, trouble) == ("/films", "") if path_style else path in {"/", ""}


def test_only_what_the_settings_say_lets_us_in(tmp_path, monkeypatch):
    """No token of a session, and no end of it."""
    told = {}
    monkeypatch.setattr(opening, "S3Store", lambda _bucket, **options: told.update(options))
    storage_at(Address("s3://films", access_key="a key", secret_key="a secret"), tmp_path)

    assert told["credential_provider"]() == {
        "access_key_id": "a key",
        "secret_access_key": "a secret",
        "token": None,
        "expires_at": None,
    }


@pytest.mark.parametrize("wrong", ["access_key", "secret_key"])
async def test_a_wrong_key_is_turned_away(s3, tmp_path, wrong):
    """The server checks who signs."""
    assert "denied" in await opened(s3.address(**{wrong: "wrong"}), tmp_path).trouble()


async def test_the_environments_credentials_are_not_mixed_in(s3, tmp_path, monkeypatch):
    """A session token of somebody else's would turn our own key away."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_ENDPOINT"):
        monkeypatch.setenv(name, "http://127.0.0.1:9/strange")

    assert "" == await opened(s3.address(), tmp_path).trouble()
