"""Laws of `bot.hosting`."""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.errors import FilesUnavailable, SettingsError
from bot.files import Address
from bot.hosting import Hosting, sweep_here
from bot.models import MediaFile, MediaKind
from bot.signatures import Signer
from tests.bot.test_quotas import GENERATION
from tests.fakes import NOON, a_film
from tests.s3 import opened

SIGNER = Signer(b"secret")
FILE = MediaFile("a" * 32, "cat.exe", MediaKind.IMAGE, ".png", 3, "0" * 64, "https://cdn.example/cat")


@pytest.fixture
def hosting(tmp_path):
    """Return a hosting with an address."""
    made = Hosting(tmp_path / "data", "https://bot.example", SIGNER, timedelta(days=30))
    made.prepare()
    return made


def test_folders_are_nobody_elses(hosting):
    """What members attach is readable by the bot alone."""
    assert [
        folder.stat().st_mode & 0o777 for folder in (hosting.data_dir, hosting.media_dir, hosting.films_dir)
    ] == [0o700] * 3


def test_a_folder_that_cannot_be_made_is_a_wrong_setting(tmp_path):
    """One line that names the variable and no path, instead of a traceback."""
    (tmp_path / "cAnArY").write_text("a file, no folder")

    with pytest.raises(SettingsError, match=r"^DATA_DIR: can't be written to \(file exists\)") as told:
        Hosting(tmp_path / "cAnArY", None, SIGNER, timedelta(days=30)).prepare()
    assert "cAnArY" not in str(told.value)


def test_addresses_end_in_the_true_extension_and_tell_no_name(hosting):
    """A provider sees our id and what the bytes are, not what the member called it."""
    assert f"https://bot.example/media/{'a' * 32}.png" == hosting.media_url(FILE)
    assert f"{'a' * 32}.png" == hosting.media_path(FILE).name


async def test_without_a_public_address_there_are_none(hosting):
    """Nothing is promised that can't be reached."""
    private = replace(hosting, public_url=None)
    kept = replace(GENERATION, film=a_film())

    assert private.media_url(FILE) is None
    assert private.callback_url("maxapi", GENERATION.id) is None
    assert await private.film_link(kept, NOON) is None


async def test_a_film_has_a_link_as_long_as_it_lies_here(hosting):
    """No link to what is gone, and a link that our own check takes."""
    kept = replace(GENERATION, film=a_film())
    assert await hosting.film_link(kept, NOON) is None

    hosting.film_path(kept.film).write_bytes(b"film")
    *_, generation_id, moment, name = (await hosting.film_link(kept, NOON)).split("/")

    assert SIGNER.film_link_is_good(generation_id, moment, name.removesuffix(".mp4"), NOON)


def test_a_callback_address_is_for_one_provider_and_one_generation(hosting):
    """The token in it is read back as the generation."""
    *_, provider, token = hosting.callback_url("maxapi", GENERATION.id).split("/")

    assert GENERATION.id == SIGNER.read_callback_token(provider, token)


async def test_old_files_are_swept_and_used_ones_stay(hosting):
    """After the time that members' files are kept one goes, unless it was used again."""
    old, used, new = (hosting.media_dir / name for name in ("old.png", f"{FILE.id}.png", "new.png"))
    long_ago = (NOON - timedelta(days=401)).timestamp()
    for path in (old, used, new):
        path.write_bytes(b"x")
        os.utime(path, (long_ago, long_ago) if path is not new else (NOON.timestamp(),) * 2)

    assert await hosting.touch(FILE, NOON)
    assert await hosting.sweep(NOON) == 1
    assert {used, new} == set(hosting.media_dir.iterdir())


async def test_members_files_outlive_films(hosting):
    """A film lies at Discord; its pictures lie nowhere but here, and Again needs them."""
    film, file = hosting.films_dir / "old.mp4", hosting.media_dir / "old.png"
    for path in (film, file):
        path.write_bytes(b"x")
        os.utime(path, ((NOON - timedelta(days=31)).timestamp(),) * 2)

    assert await hosting.sweep(NOON) == 1
    assert (film.exists(), file.exists()) == (False, True)


async def test_what_a_crash_left_half_done_is_swept_within_hours(hosting):
    """A download or an encoding that nobody will finish takes no room for a month."""
    left, fresh = (hosting.films_dir / name for name in ("x.mp4.1a.part", ".x.mp4.fit-2b"))
    for path, age in ((left, timedelta(hours=2)), (fresh, timedelta(minutes=5))):
        path.write_bytes(b"x")
        os.utime(path, ((NOON - age).timestamp(),) * 2)

    assert 1 == await hosting.sweep(NOON)
    assert [fresh] == list(hosting.films_dir.iterdir())


@pytest.mark.parametrize("step", ["fit", "join", "last_frame"])
async def test_what_a_kill_left_of_an_encoding_is_swept_with_its_folder(hosting, step):
    """A folder of one that may still run stays, and so does one that isn't ours."""
    folder = hosting.films_dir
    left, fresh, strange = folder / f".x.mp4.{step}-1a", folder / f".y.mp4.{step}-2b", folder / "x"
    for path, age in (
        (left, timedelta(hours=2)),
        (fresh, timedelta(minutes=5)),
        (strange, timedelta(days=90)),
    ):
        path.mkdir()
        (path / "x.mp4").write_bytes(b"x")
        os.utime(path, ((NOON - age).timestamp(),) * 2)

    assert 1 == await hosting.sweep(NOON)
    assert {fresh, strange} == set(hosting.films_dir.iterdir())


async def test_a_file_that_is_gone_cannot_be_kept_longer(hosting):
    """Then the member must attach it again."""
    assert not await hosting.touch(FILE, NOON)


async def test_a_file_that_goes_during_the_sweep_stops_it_not(hosting, monkeypatch):
    """A download is renamed while we look at it: the others are still swept."""
    old = hosting.films_dir / "old.mp4"
    gone = hosting.films_dir / "gone.part"
    for path in (old, gone):
        path.write_bytes(b"x")
        os.utime(path, ((NOON - timedelta(days=31)).timestamp(),) * 2)

    def renamed_meanwhile(path):
        if path == gone:
            path.unlink()
        return True

    monkeypatch.setattr(Path, "is_file", renamed_meanwhile)

    assert 1 == await hosting.sweep(NOON)


async def test_a_backup_of_before_an_update_goes_after_a_week(hosting):
    """It still holds what members have deleted since; the database itself stays (S-10)."""
    backup, database = (hosting.data_dir / name for name in ("matinee.db.before-0004", "matinee.db"))
    for file in (backup, database):
        file.write_bytes(b"all")
        os.utime(file, (NOON.timestamp(), NOON.timestamp()))

    assert 0 == await hosting.sweep(NOON + timedelta(days=6))
    assert 1 == await hosting.sweep(NOON + timedelta(days=8))
    assert (False, True) == (backup.exists(), database.exists())


@pytest.fixture
def shared(hosting, tmp_path):
    """Return a hosting whose files are kept in a folder that machines share."""
    (tmp_path / "shared").mkdir(exist_ok=True)
    made = replace(hosting, storage=opened(Address(str(tmp_path / "shared")), hosting.data_dir / "scratch"))
    made.prepare()
    return made


async def test_copies_lie_apart_and_go_when_they_have_rested(shared):
    """An hour later; what lies in the storage, and in the folder from before it, stays."""
    before = shared.data_dir / "films" / "old.mp4"
    path = shared.media_path(FILE)
    for each in (before, path):
        each.write_bytes(b"png")
    await shared.files.keep(f"media/{FILE.id}.png")

    assert shared.data_dir / "scratch" / "media" == path.parent
    assert 0 == sweep_here(shared, datetime.now(UTC) + timedelta(minutes=50))
    assert 1 == sweep_here(shared, datetime.now(UTC) + timedelta(minutes=70))
    assert await shared.touch(FILE, NOON)
    assert before.exists()


async def test_what_is_kept_elsewhere_is_swept_there(shared):
    """Members' files and films, each in its time."""
    film = a_film()
    for name in (f"media/{FILE.id}.png", film.path):
        shared.files.path(name).write_bytes(b"x")
        await shared.files.keep(name)
    now = datetime.now(UTC)

    assert 2 + 1 == await shared.sweep(now + timedelta(days=31))  # both copies, and the film
    assert not await shared.has_film(replace(GENERATION, film=film))
    assert 1 == await shared.sweep(now + timedelta(days=401))


async def test_a_film_of_machines_is_named_by_its_lease(shared, hosting):
    """Where one machine keeps it, by its generation alone."""
    later = replace(GENERATION, version=12)

    assert f"films/{GENERATION.id}/v12.mp4" == shared.film_name(later)
    assert f"{GENERATION.id}.v12.mp4" == shared.film_target(later).name
    assert f"films/{GENERATION.id}.mp4" == hosting.film_name(later)


async def test_everything_of_a_generation_is_deleted(shared):
    """What its row names, what came late, and what was made of it here."""
    kept = replace(GENERATION, film=replace(a_film(), path=f"films/{GENERATION.id}.mp4"))  # from a folder
    for name in (kept.film.path, f"films/{GENERATION.id}/v2.mp4"):
        shared.files.path(name).write_bytes(b"film")
        await shared.files.keep(name)
    smaller = shared.films_dir / f"{GENERATION.id}.1000.mp4"
    smaller.write_bytes(b"film")
    await shared.forget_films(kept)

    assert [] == [path for path in (shared.data_dir.parent / "shared").rglob("*") if path.is_file()]
    assert [] == list(shared.films_dir.iterdir())


async def test_a_file_that_cannot_be_kept_leaves_nothing(shared, monkeypatch):
    """Nobody else has it, so it isn't here either."""
    path = shared.media_dir / "a.part"
    path.write_bytes(b"png")

    async def away(*_):
        raise FilesUnavailable("down")

    monkeypatch.setattr(type(shared.files), "keep", away)
    with pytest.raises(FilesUnavailable):
        await shared.keep_media(FILE, path)
    assert [] == list(shared.media_dir.iterdir())
