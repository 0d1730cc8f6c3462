"""Laws of EvoLink's files, as its pages state them."""

import base64
from datetime import timedelta

import aiohttp
import pytest

from .bench import clip, picture, sound

UPLOAD = "/api/v1/files/upload"
FIELDS = [
    "file_id",
    "file_name",
    "original_name",
    "file_size",
    "mime_type",
    "upload_path",
    "file_url",
    "download_url",
    "upload_time",
    "expires_at",
]


async def streamed(bench, data, name="a.png", **fields):
    """Upload by multipart and return the answer."""
    form = aiohttp.FormData(fields)
    form.add_field("file", data, filename=name, content_type="application/octet-stream")
    url = f"{bench.stand_ins.evolink_url}{UPLOAD}/stream"
    async with bench.session.post(url, data=form, headers={"Authorization": "Bearer sk-evo-demo"}) as answer:
        return await answer.json()


async def got(bench, url):
    """Download without a key."""
    async with bench.session.get(url) as answer:
        return answer.status, answer.content_type, await answer.read()


@pytest.mark.parametrize(
    ("data", "mime"), [(picture(), "image/png"), (clip(), "video/mp4"), (sound(), "audio/x-wav")]
)
async def test_a_streamed_file_is_hosted_unchanged(bench, data, mime):
    """Its address needs no key and ends in the true extension."""
    answer = await streamed(bench, data, "whatever.bin", uploadPath="mine")

    assert (answer["success"], list(answer["data"])) == (True, FIELDS)
    assert ("whatever.bin", len(data), mime, "mine") == tuple(
        answer["data"][name] for name in ("original_name", "file_size", "mime_type", "upload_path")
    )
    assert (200, mime, data) == await got(bench, answer["data"]["file_url"])


async def test_base64_and_address_do_the_same(bench):
    """A data URL's head doesn't matter; an address is fetched."""
    text = "data:image/png;base64," + base64.b64encode(picture()).decode()
    _, one = await bench.ask(
        "evolink", "POST", f"{UPLOAD}/base64", {"base64_data": text, "file_name": "a.png"}
    )
    url = bench.listener.host("b.png", picture())
    _, two = await bench.ask("evolink", "POST", f"{UPLOAD}/url", {"file_url": url})

    assert [("a.png", picture()), ("b.png", picture())] == [
        (answer["data"]["original_name"], (await got(bench, answer["data"]["file_url"]))[2])
        for answer in (one, two)
    ]


@pytest.mark.parametrize("data", [b"words", b"", picture(kind="BMP")])
async def test_other_files_are_refused_under_200(bench, data):
    """`success: false`, with HTTP 200, as the page warns."""
    answer = await streamed(bench, data)

    assert (answer["success"], answer["data"]) == (False, None)


async def test_a_hosted_file_is_good_for_a_film(bench):
    """Its address is taken as media."""
    url = (await streamed(bench, picture()))["data"]["file_url"]
    sent = {"model": "seedance-2.0-image-to-video", "prompt": "A kite", "image_urls": [url]}

    assert (await bench.ask("evolink", "POST", "/v1/videos/generations", sent))[0] == 200


async def test_a_file_lives_for_three_days(bench):
    """Then it is gone, from the list and the quota too."""
    url = (await streamed(bench, picture()))["data"]["file_url"]
    bench.time.now += timedelta(hours=72) - timedelta(seconds=1)
    before = (await got(bench, url))[0]
    bench.time.now += timedelta(seconds=1)

    assert (before, (await got(bench, url))[0]) == (200, 404)
    assert (await bench.ask("evolink", "GET", "/api/v1/files/quota"))[1]["data"]["used"] == 0


async def test_files_are_listed_and_removed(bench):
    """Newest first; what is removed is gone."""
    ids = [(await streamed(bench, picture()))["data"]["file_id"] for _ in range(3)]
    _, listed = await bench.ask("evolink", "GET", "/api/v1/files/list?page=1&pageSize=2")
    one = f"/api/v1/files/{ids[0]}"
    statuses = [(await bench.ask("evolink", method, one))[0] for method in ("GET", "DELETE", "GET")]

    assert ids[:0:-1] == [item["file_id"] for item in listed["data"]["items"]]
    assert statuses == [200, 200, 404]


async def test_an_upload_needs_the_key(bench):
    """401, like everything else."""
    status, _ = await bench.ask("evolink", "POST", f"{UPLOAD}/url", {}, Authorization="Bearer no")

    assert status == 401
