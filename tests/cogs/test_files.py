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


DISCORDS = [
    "https://cdn.discordapp.com/attachments/1/2/cat.png?ex=1&is=2&hm=3",
    "https://cdn.discordapp.com/ephemeral-attachments/1/2/cat.png?ex=1&is=2&hm=3",
    "https://media.discordapp.net/attachments/1/2/cat.png?ex=1",
    "https://media.discordapp.net/stickers/3.png",
    "https://images-ext-1.discordapp.net/external/x/https/cats.example/cat.png",
    "https://cdn.discord.com/a.png",
    "https://CDN.DISCORDAPP.COM/attachments/1/2/cat.png",
    "https://cdn.discordapp.com:443/attachments/1/2/cat.png",
]
ELSEWHERE = [
    *("https://cdn.discordapp.com@127.0.0.1/a.png", "https://127.0.0.1@cdn.discordapp.com/a.png"),
    *("https://cdn.discordapp.com:443@10.0.0.1/a.png", "https://cdn.discordapp.com%40127.0.0.1/a.png"),
    *("https://cdn.discordapp.com.evil.example/a.png", "https://cdn.discordapp.com.127.0.0.1.nip.io/a.png"),
    *("https://evil.example/cdn.discordapp.com/a.png", "https://evil.example#.discordapp.com/a.png"),
    *("https://evil.example?.discordapp.com/a.png", "https://evil.example/?https://cdn.discordapp.com/"),
    *("https://evildiscordapp.com/a.png", "https://discordapp.com/a.png", "https://cdn-discordapp.com/a.png"),
    *(
        "https://cdn.discordapp.co/a.png",
        "https://cdn.discordapp.comm/a.png",
        "https://cdn.discord.app/a.png",
    ),
    *(
        "https://cdn.discordapp.com./a.png",
        "https://cdn.discordapp.com../a.png",
        "https://cdn..discordapp.com/a",
    ),
    *(
        "https://.discordapp.com/a.png",
        "https://discordapp.com.:443/a.png",
        "https://cdn.discordapp.com:80/a",
    ),
    *(
        "https://cdn.discordapp.com:8443/a.png",
        "https://cdn.discordapp.com:0/a",
        "https://cdn.discordapp.com:/a",
    ),
    *("https://cdn.discordapp.com:99999/a.png", "https://cdn.discordapp.com:443:443/a.png"),
    *(
        "http://cdn.discordapp.com/a.png",
        "http://cdn.discordapp.com:443/a.png",
        "ftp://cdn.discordapp.com/a.png",
    ),
    *("file:///etc/passwd", "file://cdn.discordapp.com/etc/passwd", "//cdn.discordapp.com/a.png"),
    *("cdn.discordapp.com/a.png", "https:cdn.discordapp.com/a.png", "https:///cdn.discordapp.com/a.png"),
    *("https:/cdn.discordapp.com/a.png", "https:\\\\cdn.discordapp.com\\a.png", "wss://cdn.discordapp.com/a"),
    *("https://evil.example\\.discordapp.com/a.png", "https://evil.example\\@cdn.discordapp.com/a.png"),
    *("https://evil.example\t.discordapp.com/a.png", "https://evil.example\n.discordapp.com/", " https://x/"),
    *("https://evil.example\0.discordapp.com/a.png", "https://evil.example%00.discordapp.com/a.png"),
    *("https://evil.example%2f.discordapp.com/a.png", "https://evil.example;.discordapp.com/a.png"),
    *("https://evil.example .discordapp.com/a.png", "https://[::1].discordapp.com/a.png"),
    *("https://cdn\u3002discordapp\u3002com.evil.example/a.png", "https://cdn.disc\u043erdapp.com/a.png"),
    *("https://cdn.d\u0131scordapp.com/a.png", "https://cdn.discordapp.com\u2044.evil.example/a.png"),
    *("https://127.0.0.1/a.png", "https://127.1/a.png", "https://2130706433/a.png", "https://0x7f.1/a.png"),
    *("https://[::1]/a.png", "https://[::ffff:127.0.0.1]/a.png", "https://[fe80::1%25lo]/a.png"),
    *("https://169.254.169.254/latest/meta-data/", "https://10.0.0.7/a.png", "https://localhost/a.png"),
    *("https://metadata.google.internal/", "https://93.184.216.34/a.png", "https://cats.example/cat.png"),
    *(
        "http://127.0.0.1:9/a.png",
        "https://127.0.0.1:443/a.png",
        "gopher://cdn.discordapp.com/",
        "",
        "https://",
    ),
    *("javascript:alert(1)", "data:image/png;base64,AAAA", "https://" + "a." * 200 + "discordapp.com/a.png"),
]


@pytest.mark.parametrize(
    ("url", "trusted", "allowed"),
    [
        *((url, (), True) for url in DISCORDS),
        *((url, (), False) for url in ELSEWHERE),
        ("http://127.0.0.1:9/cat.png", ("127.0.0.1",), True),
        ("http://127.0.0.1:9/cat.png", ("127.0.0.1:9",), True),
        ("http://127.0.0.1:9/cat.png", ("127.0.0.1:8",), False),
        ("https://cdn.discordapp.com@127.0.0.1/cat.png", ("cdn.discordapp.com",), False),
    ],
)
async def test_files_come_from_discord_or_trusted_hosts(generations, url, trusted, allowed):
    """Nothing is loaded from elsewhere, however much its address looks like Discord's (T-09)."""
    client = a_client(generations, trusted)
    loaded = []

    async def read():
        loaded.append(url)
        return PICTURE

    file = SimpleNamespace(filename="cat.png", size=1, url=url, read=read)
    if allowed:
        assert len(await kept(client, [file])) == 1
    else:
        with pytest.raises(RequestRefused, match="file_address"):
            await kept(client, [file])
    assert loaded == [url] * allowed


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
    file = SimpleNamespace(filename="cat.png", size=size, url="https://cdn.discordapp.com/cat.png", read=read)
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
            ("https://cdn.discordapp.com/1", 9),
            ("http://10.0.0.1/1", 9),
            ("https://cdn.discordapp.com/2", 2000),
        ]
    )

    assert [file.name for file in await kept(client, [good])] == ["cat.png"]
    assert generations.kept == [("cat.png", "https://cdn.discordapp.com/1", b"https://cdn.discordapp.com/1")]
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
        await kept(client, [Linked(client, Offered("cat.png", "https://cdn.discordapp.com/1", 9))])
    assert refused.value.facts["file"] == "cat.png"
