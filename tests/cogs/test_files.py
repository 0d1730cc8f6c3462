"""Laws of `cogs.files`."""

import asyncio
from types import SimpleNamespace

import pytest

from bot.client import LOADED_AT_ONCE
from bot.errors import RequestRefused
from bot.media.portions import Portions
from bot.orders import Offered
from cogs.files import Linked, kept

PICTURE = b"picture"


def a_client(generations, trusted=()):
    """Return what loading needs of a client."""
    loading = Portions(LOADED_AT_ONCE)
    return SimpleNamespace(generations=generations, trusted_hosts=trusted, loading=loading)


@pytest.mark.parametrize(
    ("url", "trusted", "allowed"),
    [
        ("https://cdn.discordapp.com/ephemeral-attachments/1/2/cat.png?ex=1&is=2&hm=3", (), True),
        ("http://cdn.discordapp.com/cat.png", (), False),
        ("http://127.0.0.1:9/cat.png", (), False),
        ("https://127.0.0.1/cat.png", (), False),
        ("https://[::1]/cat.png", (), False),
        ("https://localhost/cat.png", (), False),
        ("http://127.0.0.1:9/cat.png", ("127.0.0.1",), True),
        ("http://127.0.0.1:9/cat.png", ("127.0.0.1:9",), True),
        ("http://127.0.0.1:9/cat.png", ("127.0.0.1:8",), False),
        ("file:///etc/passwd", (), False),
    ],
)
async def test_files_come_from_public_or_trusted_hosts(generations, url, trusted, allowed):
    """Only `TRUSTED_HOSTS` lets the bot load over http, or from this machine."""
    client = a_client(generations, trusted)

    async def read():
        return PICTURE

    file = SimpleNamespace(filename="cat.png", size=1, url=url, read=read)
    if allowed:
        assert len(await kept(client, [file])) == 1
    else:
        with pytest.raises(RequestRefused, match="file_address"):
            await kept(client, [file])


@pytest.mark.parametrize(("size", "at_once"), [(50_000_000, 2), (0, 2), (1_000_000, 6)])
async def test_files_are_loaded_one_after_the_other(generations, size, at_once):
    """Twelve files of a command take the memory of one; of all commands, that of two of 50 MB (S-08)."""
    held, most = [], []

    class Held(bytes):
        def __del__(self):
            held.pop()

    async def read():
        await asyncio.sleep(0)
        held.append(1)
        most.append(len(held))
        return Held(PICTURE)

    async def keep(name, url, data):
        await asyncio.sleep(0)
        return name, url, len(data)

    generations.keep = keep
    client = a_client(generations)
    generations.largest_file = lambda: 50_000_000
    file = SimpleNamespace(filename="cat.png", size=size, url="https://cdn.example/cat.png", read=read)
    loaded = await asyncio.gather(*(kept(client, [file] * 12) for _ in range(6)))

    assert [len(files) for files in loaded] == [12] * 6
    assert max(most) == at_once


async def test_what_was_pointed_at_is_loaded_like_an_attachment(generations):
    """By its address alone, and with the same checks."""

    async def get_from_cdn(url):
        return url.encode()

    client = a_client(generations)
    client.http = SimpleNamespace(get_from_cdn=get_from_cdn)
    good, bad, big = (
        Linked(client, Offered("cat.png", url, size))
        for url, size in [
            ("https://cdn.example/1", 9),
            ("http://10.0.0.1/1", 9),
            ("https://cdn.example/2", 2000),
        ]
    )

    assert [file.name for file in await kept(client, [good])] == ["cat.png"]
    assert generations.kept == [("cat.png", "https://cdn.example/1", b"https://cdn.example/1")]
    for file, code in ((bad, "file_address"), (big, "file_large")):
        with pytest.raises(RequestRefused, match=code):
            await kept(client, [good, file])
    assert len(generations.kept) == 1


async def test_a_file_that_does_not_come_is_named(generations):
    """Discord's link is dead after a day."""

    async def get_from_cdn(url):
        raise OSError(url)

    client = a_client(generations)
    client.http = SimpleNamespace(get_from_cdn=get_from_cdn)
    with pytest.raises(RequestRefused, match="file_not_loaded") as refused:
        await kept(client, [Linked(client, Offered("cat.png", "https://cdn.example/1", 9))])
    assert refused.value.facts["file"] == "cat.png"
