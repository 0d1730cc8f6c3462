"""Laws of what `bot.callbacks` serves: members' files to providers, films to whoever has a signed link."""

import asyncio
import re
from datetime import timedelta
from types import SimpleNamespace

import pytest

from bot.callbacks import Patience, _KeptFile
from bot.errors import FilesUnavailable, StoreUnavailable
from tests.bot.ground import BYTES, FILE, ID, NOW, SIGNER, Ground


async def test_a_members_file_is_served_as_what_it_is(ground):
    """Bytes, type and length are right, nothing may be guessed from it, and HEAD says the same."""
    (ground.media / f"{FILE}.png").write_bytes(BYTES)

    status, headers, body = await ground.answer("GET", f"/media/{FILE}.png")
    head = await ground.answer("HEAD", f"/media/{FILE}.png")

    assert (status, body) == (200, BYTES)
    assert tuple(headers[name] for name in ("Content-Type", "X-Content-Type-Options", "Content-Length")) == (
        "image/png",
        "nosniff",
        "1024",
    )
    assert (200, headers, b"") == head


async def test_a_part_of_a_file_can_be_had(ground):
    """Ranges work: players ask for them."""
    (ground.media / f"{FILE}.mp4").write_bytes(BYTES)

    status, headers, body = await ground.answer("GET", f"/media/{FILE}.mp4", headers={"Range": "bytes=10-19"})

    assert (206, "bytes 10-19/1024", BYTES[10:20]) == (status, headers["Content-Range"], body)


@pytest.mark.parametrize(
    "name",
    [
        f"{FILE}.jpg",
        f"{FILE}",
        f"{FILE.upper()}.png",
        f"{FILE}.png/",
        f"{FILE[:-1]}.png",
        "..%2f..%2fsecret_key",
        f"{FILE}.png%00",
        "",
        f"{FILE}..png",
    ],
)
async def test_no_other_name_opens_a_file(ground, name):
    """Only the exact name of a file that lies there is served; there are no lists."""
    (ground.media / f"{FILE}.png").write_bytes(BYTES)
    (ground.media.parent / "secret_key").write_bytes(b"secret")

    assert (await ground.answer("GET", f"/media/{name}"))[::2] == (404, b"")


async def test_a_film_is_served_to_a_link_that_we_signed(ground):
    """The link works until its moment; another film's signature opens nothing."""
    (ground.films / f"{ID}.mp4").write_bytes(BYTES)
    good = SIGNER.film_path(ID, NOW + timedelta(days=1))

    status, headers, body = await ground.answer("GET", good)
    dead = await ground.answer("GET", SIGNER.film_path(ID, NOW))
    forged = await ground.answer("GET", re.sub("0123456789abcdef", "fedcba9876543210", good))

    assert (status, headers["Content-Type"], body) == (200, "video/mp4", BYTES)
    assert [dead[::2], forged[::2]] == [(404, b""), (404, b"")]


async def test_a_film_that_is_gone_is_not_found(ground):
    """A good link to a film that was cleared away is an empty 404."""
    assert (await ground.answer("GET", SIGNER.film_path(ID, NOW + timedelta(days=1))))[::2] == (404, b"")


@pytest.mark.parametrize("error", [FilesUnavailable("no answer"), StoreUnavailable("away")])
async def test_files_that_cannot_be_had_just_now_are_not_called_gone(ground, error):
    """Whoever asks may ask again; nothing is told of why (S-20)."""
    ground.files_fault = error

    assert (await ground.answer("GET", f"/media/{FILE}.png"))[::2] == (503, b"")


async def test_whoever_takes_a_file_too_slowly_is_cut(tmp_path):
    """A client that doesn't read is disconnected when the slowest allowed pace is over."""
    ground = Ground(tmp_path)
    with (ground.films / f"{ID}.mp4").open("wb") as film:
        film.truncate(50_000_000)
    async with ground.serving(Patience(pause=timedelta(seconds=0.1), slowest=500_000_000)):
        host, port = ground.listener.address.split(":")
        reader, writer = await asyncio.open_connection(host, int(port), limit=1024)
        writer.write(
            f"GET {SIGNER.film_path(ID, NOW + timedelta(days=1))} HTTP/1.1\r\nHost: x\r\n\r\n".encode()
        )
        await asyncio.sleep(0.6)  # reads nothing
        taken = 0
        try:
            while chunk := await asyncio.wait_for(reader.read(1_000_000), 5):
                taken += len(chunk)
        except ConnectionError:
            pass
        writer.close()

    assert taken < 50_000_000


async def test_who_left_while_being_waited_for_is_not_cut_once_more(tmp_path, monkeypatch):
    """The end of our patience may find nobody there any more."""

    async def waits(*_):
        await asyncio.Event().wait()

    monkeypatch.setattr("aiohttp.web.FileResponse.prepare", waits)
    with pytest.raises(ConnectionResetError):
        await _KeptFile(tmp_path, "video/mp4", limit=0.01).prepare(SimpleNamespace(transport=None))
