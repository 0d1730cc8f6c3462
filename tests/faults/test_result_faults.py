"""What can go wrong with a film that is made: its link, its bytes, and what is in them."""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import replace
from datetime import timedelta

import pytest
from structlog.testing import capture_logs

from bot.errors import DownloadError, MediaError
from bot.media.download import Downloader
from bot.media.probe import Prober
from bot.models import Cost, MediaKind, Notice, ProviderTask, Status, TaskStatus
from bot.tracker import arriving, parked
from tests.bot.media.downloading import TRUSTED
from tests.bot.media.files import draw
from tests.bot.media.servers import FILM, serving
from tests.bot.tracker.conftest import a_world
from tests.fakes import FakeProvider

pytestmark = pytest.mark.usefixtures("on_both")


class Links(FakeProvider):
    """Gives a new link at every ask, which lives for as long as its server says."""

    address = ""

    async def fetch(self, task_id):
        """Tell the newest link."""
        self.asked.append(task_id)
        link = f"{self.address}/{len(self.asked)}.mp4"
        return ProviderTask(task_id, TaskStatus.SUCCEEDED, urls=(link,))


@pytest.mark.parametrize(
    ("dead", "expected", "asked"),
    [(0, Status.DELIVERED, 1), (1, Status.DELIVERED, 2), (4, Status.DELIVERED, 5), (99, Status.FAILED, 5)],
)
@pytest.mark.parametrize("status", ["403 Forbidden", "404 Not Found", "410 Gone"])
async def test_a_dead_link_is_replaced_by_a_fresh_one(tmp_path, dead, expected, asked, status):
    """Asked for once a minute, five tries in all; then it is given back, and the log has the task (P-19)."""
    provider = Links("maxapi")
    seen = []

    async def shelf(peer):
        seen.append(peer.target)
        await (peer.give(status) if len(seen) <= dead else peer.give(body=FILM))

    async with serving(shelf) as (port, _), a_world(tmp_path, provider) as world:
        provider.address = f"http://127.0.0.1:{port}"
        world.downloader = Downloader(trusted_hosts=TRUSTED)
        world.new_tracker()
        with capture_logs() as lines:
            generation = await world.ask()
            ended = await world.until(generation, expected)

    assert (expected, asked) == (ended.status, len(provider.asked))
    assert [f"/{number}.mp4" for number in range(1, asked + 1)] == list(dict.fromkeys(seen))
    lost = expected is Status.FAILED
    assert (["t1"] if lost else []) == [line["task"] for line in lines if line["event"] == "film lost"]
    assert (Notice.TOLD if lost else Notice.NONE) is ended.notice
    if dead > 1:
        assert ended.finished_at - ended.rendered_at >= timedelta(minutes=3)


async def test_a_film_cut_at_every_place_is_never_taken_for_whole(tmp_path):
    """Without a length the boxes tell: cut at every 5 %, it is no film (P-21)."""
    film = draw(tmp_path / "film.mp4", movflags="faststart").read_bytes()
    prober = Prober()
    told = Counter()
    for part in range(20):
        (tmp_path / "cut.mp4").write_bytes(film[: len(film) * part // 20])
        with pytest.raises(MediaError) as caught:
            await prober.probe(tmp_path / "cut.mp4")
        told[caught.value.code] += 1
    await prober.close()

    assert 20 == sum(told.values())
    assert {"empty", "truncated", "unreadable"} >= set(told)


@pytest.mark.parametrize("fault", [DownloadError("cut"), MediaError("truncated")])
async def test_a_cut_film_is_fetched_again_and_delivered_once(tmp_path, fault):
    """Three cuts lose nothing and post nothing by halves (P-21)."""
    async with a_world(tmp_path) as world:
        world.downloader.faults.extend([fault] * 3)
        generation = await world.ask()
        ended = await world.until(generation, Status.DELIVERED)

        assert (4, 1) == (len(world.downloader.fetched), len(world.delivery.films(ended.id)))


@pytest.mark.parametrize(
    ("kind", "extension"),
    [
        (MediaKind.IMAGE, ".png"),
        (MediaKind.IMAGE, ".gif"),
        (MediaKind.AUDIO, ".mp3"),
        (MediaKind.VIDEO, ".webm"),
    ],
)
async def test_what_is_no_film_is_never_posted(tmp_path, kind, extension):
    """Fetched again some times, then given back; the operator reads of which task (P-23)."""
    async with a_world(tmp_path) as world:
        world.prober.kind, world.prober.extension = kind, extension
        generation = await world.ask()
        with capture_logs() as lines:
            ended = await world.until(generation, Status.FAILED)

        assert ("result_lost", Notice.TOLD, Cost()) == (ended.reason, ended.notice, await world.used())
        assert [] == world.delivery.films(ended.id)
        assert 2 <= len(world.downloader.fetched) <= 5
        assert ["t1"] == [line["task"] for line in lines if line["event"] == "film lost"]


class Lengths:
    """Says of one film after the other how long it is."""

    def __init__(self, prober, *seconds):
        self.prober, self.seconds = prober, [*seconds]

    async def probe(self, path):
        """Describe the next one."""
        described = await self.prober.probe(path)
        described.duration = timedelta(seconds=self.seconds.pop(0))
        return described


@pytest.mark.parametrize(
    ("asked", "lengths", "fetched", "status"),
    [
        (5, [10], 1, Status.DELIVERED),
        (5, [10.1, 5], 2, Status.DELIVERED),
        (5, [10.1, 10.1], 2, Status.PARKED),
        (5, [86_400, 86_400], 2, Status.PARKED),
        (None, [20], 1, Status.DELIVERED),
        (None, [20.1, 20.1], 2, Status.PARKED),
    ],
)
async def test_a_film_that_is_longer_than_it_can_be_waits_for_a_person(
    tmp_path, asked, lengths, fetched, status
):
    """More than 5 s over: fetched once more, then kept, not posted; a person may deliver it (P-23, T-16)."""
    async with a_world(tmp_path) as world:
        world.prober = Lengths(world.prober, *lengths)
        world.new_tracker()
        generation = await world.ask(seconds=asked)
        if asked is None:
            await world.store.note(generation.id, request=replace(generation.request, seconds=None))
        ended = await world.until(generation, status)
        posted = len(world.delivery.films(ended.id))

        assert (status, fetched) == (ended.status, len(world.downloader.fetched))
        assert world.hosting.film_path(ended.film).exists()
        assert (1 if status is Status.DELIVERED else 0) == posted
        assert 1 == (await world.used()).videos
        if status is Status.PARKED:
            assert "wrong_film" == ended.reason
            assert "longer than what was asked for" in world.delivery.drafts[-1].embed.fields[0].value
            await parked.decide(world.store, ended, parked.Act.GO_ON, world.clock())
            assert Status.DELIVERED is (await world.until(generation, Status.DELIVERED)).status
            assert 1 == len(world.delivery.films(ended.id))
            assert fetched == len(world.downloader.fetched)


async def test_a_slow_download_is_told_on_the_card(tmp_path, monkeypatch):
    """After a minute: how much has come, at once and at any age, and no more when it is here (P-20)."""
    monkeypatch.setattr(arriving, "SLOW", timedelta(0))
    async with a_world(tmp_path) as world:
        told = asyncio.Event()
        put_card, download = world.delivery.put_card, world.downloader.download

        async def slowly(url, target, *, most):
            (target.parent / f"{target.name}.x.part").write_bytes(bytes(3 << 20))
            await told.wait()
            return await download(url, target, most=most)

        async def put(generation, draft):
            if "slow" in draft.embed.fields[0].value:
                told.set()
            return await put_card(generation, draft)

        monkeypatch.setattr(world.downloader, "download", slowly)
        monkeypatch.setattr(world.delivery, "put_card", put)
        generation = await world.ask()
        world.clock.forward(hours=1)
        async with asyncio.timeout(10):
            ended = await world.until(generation, Status.DELIVERED)
        cards = [draft.embed.fields[0].value for draft in world.delivery.drafts]

        assert Status.DELIVERED is ended.status
        assert 1 == cards.count("The film is made. Its download is slow: 3 MiB have come so far.")
        assert "slow" not in cards[-1]


async def test_a_card_that_cannot_be_written_down_holds_up_no_download(tmp_path, monkeypatch):
    """The database falters while a slow download goes on: the film comes all the same (P-20)."""
    monkeypatch.setattr(arriving, "SLOW", timedelta(0))
    async with a_world(tmp_path) as world:
        download, asked = world.downloader.download, []

        def gone(_):
            asked.append(True)
            raise FileNotFoundError

        async def slowly(url, target, *, most):
            async with asyncio.timeout(5):
                while not asked:  # noqa: ASYNC110 - it is asked by a task beside this
                    await asyncio.sleep(0)
            return await download(url, target, most=most)

        monkeypatch.setattr(arriving, "arrived", gone)
        monkeypatch.setattr(world.downloader, "download", slowly)
        generation = await world.ask()

        assert Status.DELIVERED is (await world.until(generation, Status.DELIVERED)).status
        assert [True] == asked
