"""Laws of `bot.files.chosen`, and of the settings that choose."""

from __future__ import annotations

import pytest

from bot.errors import SettingsError
from bot.files import Address, storage_at
from bot.settings import read_settings


def read(**variables):
    """Read settings from these variables alone."""
    return read_settings({name.upper(): value for name, value in variables.items()}, env_file=None)


def refusal(**variables):
    """Return the one line with which they are refused."""
    with pytest.raises(SettingsError) as refused:
        read(**variables)
    return str(refused.value)


def test_without_an_address_files_stay_in_the_folder(tmp_path):
    """An address that is that folder says nothing else."""
    assert storage_at(None, tmp_path) is None
    assert storage_at(Address(str(tmp_path / "x" / "..")), tmp_path) is None


@pytest.mark.parametrize("below", ["", "a/b", "../scratch"])
def test_films_are_not_kept_where_copies_are_swept(tmp_path, below):
    """They would be gone within hours."""
    with pytest.raises(SettingsError, match=r"^FILES_URL: copies lie in DATA_DIR/scratch"):
        storage_at(Address(str(tmp_path / "scratch" / below)), tmp_path)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("s3://films", "s3://films"),
        ("s3://films/a/b/", "s3://films/a/b"),
        ("/mnt/films", "/mnt/films"),
        ("file:///mnt/my%20films", "/mnt/my films"),
    ],
)
def test_films_of_machines_lie_in_a_bucket_or_a_folder(written, meant):
    """Without the slash at the end."""
    keys = {"files_access_key": "k", "files_secret_key": "s"}
    assert meant == read(files_url=written, **keys).files_at().url
    assert None is read().files_at()


@pytest.mark.parametrize(
    "wrong",
    [
        "films", "s3://", "s3://A", "s3://films/x?y", "https://films.example", "s3://a b",
        "s3://films/../x", "s3://films/a/./b", "s3://films/..",
    ],
)  # fmt: skip
def test_what_is_neither_is_refused(wrong):
    """One line says how it is written."""
    assert "FILES_URL: write s3://bucket" in refusal(files_url=wrong)


@pytest.mark.parametrize(
    ("variables", "words"),
    [
        ({"files_url": "s3://films"}, "FILES_ACCESS_KEY: is missing, but FILES_URL names a bucket"),
        ({"files_url": "s3://films", "files_access_key": "k"}, "FILES_SECRET_KEY: is missing"),
        ({"files_region": "eu west"}, "FILES_REGION: write the name of a region"),
    ],
)
def test_a_bucket_needs_its_keys(variables, words):
    """Each by its name; a folder needs none."""
    assert words in refusal(**variables)
    assert read(files_url="/mnt").files_at().url == "/mnt"
