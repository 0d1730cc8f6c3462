"""Laws of `bot.secret_key`: made once, kept private, the same for everybody who starts."""

import stat
import threading

import pytest

from bot.errors import SettingsError
from bot.secret_key import secret_key
from bot.settings import read_settings


def read(**variables):
    """Read settings from these variables alone."""
    return read_settings({name.upper(): value for name, value in variables.items()}, env_file=None)


def test_a_key_is_made_once_and_readable_by_its_owner_alone(tmp_path):
    """The second time it is the same; its file and folder are private."""
    given = read(data_dir=str(tmp_path / "data"))

    first = secret_key(given)
    assert secret_key(given) == first
    assert len(first) == 64
    assert [file.name for file in (tmp_path / "data").iterdir()] == ["secret_key"]
    assert stat.S_IMODE((tmp_path / "data" / "secret_key").stat().st_mode) == 0o600
    assert stat.S_IMODE((tmp_path / "data").stat().st_mode) == 0o700


def test_a_key_that_others_can_read_is_closed(tmp_path):
    """A restored backup with wide rights is made private again."""
    (tmp_path / "secret_key").write_text("abc\n")
    (tmp_path / "secret_key").chmod(0o644)

    assert secret_key(read(data_dir=str(tmp_path))) == b"abc"
    assert stat.S_IMODE((tmp_path / "secret_key").stat().st_mode) == 0o600


def test_all_who_make_a_key_at_once_get_the_same(tmp_path):
    """Of many first starts, one key remains and everybody has it."""
    given, keys, start = read(data_dir=str(tmp_path)), [], threading.Barrier(12)

    def make():
        start.wait()
        keys.append(secret_key(given))

    threads = [threading.Thread(target=make) for _ in range(12)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()

    assert len(keys) == 12
    assert len(set(keys)) == 1
    assert [file.name for file in tmp_path.iterdir()] == ["secret_key"]


def test_a_key_that_is_set_is_taken_as_it_is(tmp_path):
    """Nothing is written then."""
    assert secret_key(read(secret_key="my key", data_dir=str(tmp_path / "none"))) == b"my key"
    assert not (tmp_path / "none").exists()


def test_a_key_that_cannot_be_kept_is_a_setting_to_correct(tmp_path):
    """A folder that is a file, and an empty key, are each one line."""
    (tmp_path / "file").write_text("")
    (tmp_path / "secret_key").write_text(" \n")

    with pytest.raises(SettingsError, match=r"DATA_DIR: can't keep a key"):
        secret_key(read(data_dir=str(tmp_path / "file")))
    with pytest.raises(SettingsError, match=r"DATA_DIR: its file secret_key is empty"):
        secret_key(read(data_dir=str(tmp_path)))
