"""What files are called, where they lie here, and under which addresses others may fetch them."""

from __future__ import annotations

import asyncio
import os
import shutil
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from bot.errors import SettingsError
from bot.files import Folder, Whole
from bot.media.deleting import delete
from bot.media.download import KEPT_FREE
from bot.models import Film

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from bot.files import Files
    from bot.models import Generation, MediaFile
    from bot.signatures import Signer

HALF_DONE = (".part", ".fit-", ".join-", ".last_frame-")
"""In the names of files and folders that a download or an encoding hasn't finished with."""
HALF_DONE_LIFE = timedelta(hours=1)
"""Longer than any of them takes: what is older was left by a crash."""
COPY_LIFE = timedelta(hours=1)
"""How long a copy rests here of what is kept elsewhere; what others delete is gone here within it."""
BACKUPS = "matinee.db.before-*"
"""The database as it was before an update changed its tables (see `bot.store.opening`)."""
BACKUP_LIFE = timedelta(days=7)
"""A backup still holds what members have deleted since."""


@dataclass(frozen=True, slots=True)
class Hosting:
    """The folder of members' files, the folder of films, and the address that the world sees."""

    data_dir: Path
    public_url: str | None
    signer: Signer
    keep: timedelta
    """How long films stay, and links to them work."""
    keep_files: timedelta = timedelta(days=400)
    """How long members' files stay after they were last used."""
    storage: Files | None = None
    """Where files are kept for all machines; None: in `data_dir`."""

    @property
    def files(self) -> Files:
        """Where films and members' files are kept."""
        return self.storage or Folder(self.data_dir)

    @property
    def media_dir(self) -> Path:
        """Members' files, each named by its unguessable id."""
        return self.files.root / "media"

    @property
    def films_dir(self) -> Path:
        """Fetched films, each named by its generation."""
        return self.files.root / "films"

    def prepare(self) -> None:
        """Make the folders, readable by nobody else. Raises `SettingsError` where that can't be done."""
        try:
            for folder in (self.data_dir, self.files.root, self.media_dir, self.films_dir):
                folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            reason = os.strerror(error.errno or 0).lower()
            raise SettingsError(f"DATA_DIR: can't be written to ({reason}); make it writable") from None

    def has_room(self, size: int) -> bool:
        """Return whether so many bytes fit on the disk, with some left for the database."""
        return shutil.disk_usage(self.data_dir).free >= size + KEPT_FREE

    # members' files

    def media_path(self, file: MediaFile) -> Path:
        """Return where a member's file lies here."""
        return self.files.path(_media(file))

    def media_url(self, file: MediaFile) -> str | None:
        """Return the address under which a provider can fetch a member's file."""
        return f"{self.public_url}/media/{file.id}{file.extension}" if self.public_url else None

    async def media(self, file: MediaFile) -> Path | None:
        """Make sure that a member's file lies here; None: it is no longer kept. Raises `FilesUnavailable`."""
        return await self.files.local(_media(file), _whole(file))

    async def keep_media(self, file: MediaFile, path: Path) -> None:
        """Keep what lies at `path`, in one of our folders, as a member's file.

        Raises `OSError` or `FilesUnavailable`; then nothing is left of it here.
        """
        target = self.media_path(file)
        path.rename(target)
        try:
            await self.files.keep(_media(file))
        except BaseException:
            target.unlink(missing_ok=True)
            raise

    async def forget_media(self, *files: MediaFile) -> None:
        """Delete members' files. Raises `FilesUnavailable`."""
        await self.files.forget([_media(file) for file in files])

    async def touch(self, file: MediaFile | Film, now: datetime) -> bool:
        """Keep a member's file, or a film, for another while; return whether it is still there.

        Raises as `media`.
        """
        name, life = (file.path, self.keep) if isinstance(file, Film) else (_media(file), self.keep_files)
        return await self.files.touch(name, _whole(file), life, now)

    # films

    def film_name(self, generation: Generation) -> str:
        """Return the name for a film that is fetched now.

        Where machines share them it is of this very lease: whoever has lost it and comes late keeps his film
        beside that of another, never in its place.
        """
        return f"films/{generation.id}{f'/v{generation.version}' if self.files.shared else ''}.mp4"

    def film_target(self, generation: Generation) -> Path:
        """Return where a generation's film is fetched to."""
        return self.files.path(self.film_name(generation))

    def film_path(self, film: Film) -> Path:
        """Return where a fetched film lies here, if it does."""
        return self.files.path(film.path)

    async def film(self, film: Film) -> Path | None:
        """Make sure that a film lies here; None: it is no longer kept. Raises `FilesUnavailable`."""
        return await self.files.local(film.path, _whole(film))

    async def has_film(self, generation: Generation) -> bool:
        """Return whether a generation's film is still kept. Raises `FilesUnavailable`."""
        return generation.film is not None and await self.files.exists(generation.film.path)

    async def forget_films(self, generation: Generation) -> None:
        """Delete a generation's film and everything that was made of it. Raises `FilesUnavailable`."""
        await delete(*self.films_dir.glob(f"{generation.id}*"))
        names = [generation.film.path] if generation.film else []
        await self.files.forget(names, f"films/{generation.id}")

    # addresses

    async def film_link(self, generation: Generation, now: datetime) -> str | None:
        """Return a signed link to a film that is still kept, or None. Raises `FilesUnavailable`."""
        if self.public_url is None or not await self.has_film(generation):
            return None
        return self.public_url + self.signer.film_path(generation.id, now + self.keep)

    def callback_url(self, provider: str, generation_id: str) -> str | None:
        """Return a generation's own callback address at this provider."""
        if self.public_url is None:
            return None
        return f"{self.public_url}/callbacks/{provider}/{self.signer.callback_token(provider, generation_id)}"

    # sweeping

    async def sweep(self, now: datetime) -> int:
        """Delete what has been kept for long enough, and what a crash left half done; return how many.

        Raises `OSError` or `FilesUnavailable`.
        """
        gone = await asyncio.to_thread(sweep_here, self, now)
        for folder, keep in (("media", self.keep_files), ("films", self.keep)):
            gone += await self.files.sweep(folder, now - keep)
        return gone


def sweep_here(hosting: Hosting, now: datetime) -> int:
    """Delete what lies here and is old: kept for long enough, a copy that rested, or left half done."""
    gone = 0
    for folder, keep in ((hosting.media_dir, hosting.keep_files), (hosting.films_dir, hosting.keep)):
        for path in folder.iterdir():
            half_done = any(mark in path.name for mark in HALF_DONE)
            life = HALF_DONE_LIFE if half_done else COPY_LIFE if hosting.files.shared else keep
            with suppress(FileNotFoundError):  # a download that was finished or given up just now
                if path.stat().st_mtime >= (now - life).timestamp():
                    continue
                if path.is_file():
                    path.unlink()
                elif half_done:
                    shutil.rmtree(path, ignore_errors=True)
                else:  # not ours
                    continue
                gone += 1
    return gone + _sweep_backups(hosting.data_dir, now)


def _sweep_backups(folder: Path, now: datetime) -> int:
    old = [path for path in folder.glob(BACKUPS) if path.stat().st_mtime < (now - BACKUP_LIFE).timestamp()]
    for path in old:
        path.unlink(missing_ok=True)
    return len(old)


def _media(file: MediaFile) -> str:
    return f"media/{file.id}{file.extension}"


def _whole(file: Film | MediaFile) -> Whole:
    return Whole(file.size, file.sha256)
