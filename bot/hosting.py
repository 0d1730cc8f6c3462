"""Where files lie on our disk, and under which addresses others may fetch them."""

from __future__ import annotations

import os
import shutil
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from bot.errors import SettingsError
from bot.media.download import KEPT_FREE

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from bot.models import Film, Generation, MediaFile
    from bot.signatures import Signer

HALF_DONE = (".part", ".fit-", ".join-", ".last_frame-")
"""In the names of files and folders that a download or an encoding hasn't finished with."""
HALF_DONE_LIFE = timedelta(hours=1)
"""Longer than any of them takes: what is older was left by a crash."""
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

    @property
    def media_dir(self) -> Path:
        """Members' files, each named by its unguessable id."""
        return self.data_dir / "media"

    @property
    def films_dir(self) -> Path:
        """Fetched films, each named by its generation."""
        return self.data_dir / "films"

    def prepare(self) -> None:
        """Make the folders, readable by nobody else. Raises `SettingsError` where that can't be done."""
        try:
            for folder in (self.data_dir, self.media_dir, self.films_dir):
                folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            reason = os.strerror(error.errno or 0).lower()
            raise SettingsError(f"DATA_DIR: can't be written to ({reason}); make it writable") from None

    def media_path(self, file: MediaFile) -> Path:
        """Return where a member's file lies."""
        return self.media_dir / f"{file.id}{file.extension}"

    def media_url(self, file: MediaFile) -> str | None:
        """Return the address under which a provider can fetch a member's file."""
        return f"{self.public_url}/media/{file.id}{file.extension}" if self.public_url else None

    def has_room(self, size: int) -> bool:
        """Return whether so many bytes fit on the disk, with some left for the database."""
        return shutil.disk_usage(self.data_dir).free >= size + KEPT_FREE

    def film_path(self, film: Film) -> Path:
        """Return where a fetched film lies."""
        return self.data_dir / film.path

    def film_target(self, generation: Generation) -> Path:
        """Return where a generation's film is fetched to."""
        return self.films_dir / f"{generation.id}.mp4"

    def has_film(self, generation: Generation) -> bool:
        """Return whether a generation's film still lies here."""
        return generation.film is not None and self.film_path(generation.film).exists()

    def film_link(self, generation: Generation, now: datetime) -> str | None:
        """Return a signed link to a film that still lies here, or None."""
        if self.public_url is None or not self.has_film(generation):
            return None
        return self.public_url + self.signer.film_path(generation.id, now + self.keep)

    def callback_url(self, provider: str, generation_id: str) -> str | None:
        """Return a generation's own callback address at this provider."""
        if self.public_url is None:
            return None
        return f"{self.public_url}/callbacks/{provider}/{self.signer.callback_token(provider, generation_id)}"

    def sweep(self, now: datetime) -> int:
        """Delete what has been kept for long enough, and what a crash left half done; return how many."""
        gone = 0
        for folder, keep in ((self.media_dir, self.keep_files), (self.films_dir, self.keep)):
            for path in folder.iterdir():
                half_done = any(mark in path.name for mark in HALF_DONE)
                life = HALF_DONE_LIFE if half_done else keep
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
        return gone + self._sweep_backups(now)

    def _sweep_backups(self, now: datetime) -> int:
        old = [
            path
            for path in self.data_dir.glob(BACKUPS)
            if path.stat().st_mtime < (now - BACKUP_LIFE).timestamp()
        ]
        for path in old:
            path.unlink(missing_ok=True)
        return len(old)

    def touch(self, file: MediaFile) -> bool:
        """Keep a member's file for another while; return whether it is still there."""
        path = self.media_path(file)
        try:
            os.utime(path)
        except FileNotFoundError:
            return False
        return True

    def touch_film(self, film: Film) -> None:
        """Keep a film for another while, if it is still there."""
        with suppress(FileNotFoundError):
            os.utime(self.film_path(film))
