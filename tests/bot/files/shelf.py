"""Storage in memory that answers at once, or fails at once: what comes of it can be followed line by line."""

from __future__ import annotations

from datetime import UTC, datetime

from bot.files.storage import Storage


class Shelf:
    """Stands where obstore's stores do; what it is asked for raises `fault`, while there is one."""

    def __init__(self):
        self.kept = {}
        self.fault = None

    def _asked(self):
        if self.fault is not None:
            raise self.fault

    def _found(self, name):
        self._asked()
        if name not in self.kept:
            raise FileNotFoundError
        return self.kept[name]

    async def put_async(self, name, path, **_):
        """Keep a file's bytes."""
        self._asked()
        self.kept[name] = (path.read_bytes(), datetime.now(UTC))

    async def head_async(self, name):
        """Tell of one."""
        data, since = self._found(name)
        return {"path": name, "size": len(data), "last_modified": since}

    async def get_range_async(self, name, *, start, end):
        """Return some of its bytes."""
        return self._found(name)[0][start:end]

    async def delete_async(self, name):
        """Delete it."""
        self._found(name)
        del self.kept[name]

    async def list(self, folder, **_):
        """Tell of all in a folder, on two pages."""
        self._asked()
        names = [name for name in self.kept if name.startswith(f"{folder}/")]
        for page in (names[:1], names[1:]):
            yield [{"path": name, "last_modified": self.kept[name][1]} for name in page]


def on_shelf(shelf, folder):
    """Return storage on a shelf, with its copies in a folder."""
    for name in ("films", "media"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    return Storage(shelf, folder)
