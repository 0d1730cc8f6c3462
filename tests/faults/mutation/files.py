"""What keeps films that machines share whole, and each its row's own."""

from __future__ import annotations

from tests.faults.mutation.defence import defence

KEEPING = "tests/bot/tracker/test_keeping.py"
STORAGE = "tests/bot/files/test_storage.py"

FILES = (
    defence(
        "a film is kept for everybody before its row says that it is fetched (S-18)",
        "bot/tracker/keeping.py",
        "    await files.keep(film.path)\n    try:\n        yield\n",
        "    try:\n        yield\n        await files.keep(film.path)\n",
        f"{KEEPING}::test_films_wait_while_they_cannot_be_kept[sqlite-down]",
    ),
    defence(
        "whoever comes late keeps his film beside that of another (S-19)",
        "bot/hosting.py",
        "f'/v{generation.version}' if self.files.shared else ''",
        "'/v1' if self.files.shared else ''",
        f"{KEEPING}::test_a_machine_that_comes_late_spoils_nothing[sqlite-open]",
    ),
    defence(
        "a film that its row will never name is deleted again (S-19, T-32)",
        "bot/tracker/keeping.py",
        "                await files.forget([film.path])",
        "                pass",
        f"{KEEPING}::test_a_machine_that_comes_late_spoils_nothing[sqlite-open]",
    ),
    defence(
        "what is brought is compared with its row (S-18)",
        "bot/files/storage.py",
        "if whole is None or (whole.size, whole.sha256) == (about[0], digest):",
        "if digest:",
        f"{KEEPING}::test_a_film_that_differs_from_its_row_is_fetched_anew[sqlite]",
    ),
    defence(
        "what didn't arrive whole isn't kept (S-18)",
        "bot/files/storage.py",
        "if about is None or about[0] != size:",
        "if about is None:",
        f"{STORAGE}::test_what_did_not_arrive_whole_is_not_kept[folder]",
    ),
    defence(
        "storage that gives no answer isn't taken for empty: the film waits (S-20)",
        "bot/files/storage.py",
        "            raise self._unavailable(_reason(error)) from None",
        "            raise FileNotFoundError from None",
        f"{KEEPING}::test_films_wait_while_they_cannot_be_had[sqlite]",
    ),
    defence(
        "a film that waits for its storage has missed nothing (S-20)",
        "bot/tracker/loop.py",
        "        except FilesUnavailable as error:",
        "        except ZeroDivisionError as error:",
        f"{KEEPING}::test_films_wait_while_they_cannot_be_kept[sqlite-down]",
    ),
    defence(
        "what was fetched isn't fetched again because it couldn't be kept (S-20)",
        "bot/tracker/keeping.py",
        "    if not left:",
        "    if left:",
        f"{KEEPING}::test_films_wait_while_they_cannot_be_kept[sqlite-down]",
    ),
    defence(
        "a full disk brings no copies here: the database's room stays (S-01)",
        "bot/files/storage.py",
        "        if self._space(self.root) < size + KEPT_FREE:",
        "        if size < 0:",
        f"{STORAGE}::test_a_full_disk_brings_nothing_here[folder]",
    ),
    defence(
        "the storage's own words, which hold addresses, are told to nobody (T-35)",
        "bot/files/storage.py",
        'return next(known, f"no answer, {type(error).__name__}")',
        "return said",
        f"{STORAGE}::test_storage_that_fails_is_told_apart_from_files_that_are_gone[down-no answer]",
    ),
)
