"""Laws of `bot.app`: the whole bot built, listening on loopback, with no Discord behind it."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from hashlib import sha256
from types import SimpleNamespace

import aiohttp
import pytest
from structlog.testing import capture_logs

from bot import running
from bot.app import open_app, open_doorway
from bot.app.doors import public
from bot.app.parts import limits
from bot.errors import IntakeStopped, SettingsError, StoreUnavailable
from bot.metrics import Metrics
from bot.models import Limit, Status
from bot.roles import Duty, Role
from bot.settings import Settings
from bot.store.purging import Purging
from tests.fakes import ANNA, CINEMA, NOON, a_film, a_request
from tests.faults.doorstep import Wire
from tests.s3 import s3

__all__ = ["s3"]

TOLD_OF_HISTORY = ("old history deleted", "old history not deleted")


def settings(data_dir, **said):
    """Return settings for loopback."""
    return Settings(
        data_dir=data_dir,
        maxapi_api_key="maxapi-key",
        listen="127.0.0.1:0",
        admin_listen="127.0.0.1:0",
        public_url="http://127.0.0.1:9",
        trusted_hosts=frozenset({"127.0.0.1"}),
        **said,
    )


@asynccontextmanager
async def listening(data_dir, **said):
    """Open an app that listens, with a client to ask it."""
    async with (
        open_app(settings(data_dir, **said)) as app,
        app.listening(),
        aiohttp.ClientSession() as client,
    ):
        yield app, client


async def start(app):
    """Start a generation."""
    return await app.generations.start(a_request(), ANNA, CINEMA, interaction_id=1)


async def test_ready_means_that_the_tracker_runs(tmp_path):
    """`/readyz` is 503 with the reasons until rounds are run and Discord lets commands in."""
    async with listening(tmp_path) as (app, client):
        address = f"http://{app.admin.address}/readyz"
        async with client.get(address) as before:
            said = await before.text()
            assert (503, True) == (before.status, "the tracker doesn't run\n" in said)
        async with app.tracking():
            await asyncio.sleep(0)
            async with client.get(address) as after:
                said = await after.text()
                assert (503, ["Discord's gateway has not let us in yet"]) == (after.status, said.splitlines())


async def test_metrics_know_a_generation_that_has_just_begun(tmp_path):
    """`/metrics` counts by itself, whether or not anybody asks `/readyz`."""
    async with listening(tmp_path) as (app, client):
        await start(app)
        async with client.get(f"http://{app.admin.address}/metrics") as page:
            assert 'matinee_generations{status="queued"} 1.0' in await page.text()


async def test_a_callback_makes_its_generation_due_and_names_its_task(tmp_path):
    """With the right token: due, woken, and the task named; the answer is an empty 204."""
    async with listening(tmp_path) as (app, client):
        generation = await start(app)
        await app.store.note(generation.id, due_at=None)
        path = app.hosting.callback_url("maxapi", generation.id).removeprefix("http://127.0.0.1:9")
        body = {"code": 0, "data": {"taskId": "a1b2c3d4-e5f6-7890-abcd-ef1234567890"}}

        async with client.post(f"http://{app.callback_address}{path}", json=body) as answer:
            assert (204, b"") == (answer.status, await answer.read())

        heard = await app.store.get(generation.id)
        assert 1 == heard.woken
        assert heard.due_at is not None
        assert "a1b2c3d4-e5f6-7890-abcd-ef1234567890" == heard.named_task_id


async def test_a_callback_that_is_given_up_in_time_is_told_to_the_tracker(tmp_path):
    """The database takes it all the same, and says so when it has: a round before that finds nothing."""
    async with open_app(settings(tmp_path)) as app:
        generation, nudges, hints = await start(app), [], []
        app.store.engine.listen(lambda: hints.append(1))
        ground = SimpleNamespace(store=app.store, hosting=app.hosting, clock=app.clock, metrics=Metrics())
        ground.settings = settings(tmp_path)
        listener, wire = public(ground, lambda: nudges.append(1)), Wire("127.0.0.1")
        listener._reception.patience = 0.0
        path = f"/callbacks/maxapi/{app.hosting.signer.callback_token('maxapi', generation.id)}"
        door = listener.let_in()
        door.connection_made(wire)
        door.data_received(f"POST {path} HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{{}}".encode())
        await listener._reception.rest(5.0)
        door.connection_lost(None)
        listener._house.clear()
        await app.store.note(generation.id, due_at=None)  # it is written after what was given up

        assert ([503], [], [1, 1]) == (wire.statuses, nudges, hints)
        assert 1 == (await app.store.get(generation.id)).woken


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'{"data": 5}', b"\xff\x00", b"[" * 5000])
async def test_whatever_a_genuine_callback_says_it_only_wakes(tmp_path, body):
    """Broken bodies are a wake like any other."""
    async with listening(tmp_path) as (app, client):
        generation = await start(app)
        path = app.hosting.callback_url("maxapi", generation.id).removeprefix("http://127.0.0.1:9")

        async with client.post(f"http://{app.callback_address}{path}", data=body) as answer:
            assert 204 == answer.status

        heard = await app.store.get(generation.id)
        assert (1, None, Status.QUEUED) == (heard.woken, heard.named_task_id, heard.status)


async def test_half_a_sign_elsewhere_loses_no_name(tmp_path):
    """Words that a provider cut within a sign are JSON all the same."""
    async with listening(tmp_path) as (app, client):
        generation = await start(app)
        path = app.hosting.callback_url("maxapi", generation.id).removeprefix("http://127.0.0.1:9")
        body = b'{"msg": "\\ud83d", "data": {"taskId": "t1"}}'

        async with client.post(f"http://{app.callback_address}{path}", data=body) as answer:
            assert 204 == answer.status

        assert "t1" == (await app.store.get(generation.id)).named_task_id


async def test_a_strangers_callback_changes_nothing(tmp_path):
    """A wrong token, and the right one at another provider, get the same empty 404."""
    async with listening(tmp_path) as (app, client):
        generation = await start(app)
        token = app.hosting.signer.callback_token("maxapi", generation.id)
        changed = token[:-1] + ("1" if token.endswith("0") else "0")
        for path in (f"/callbacks/maxapi/{changed}", f"/callbacks/evolink/{token}"):
            async with client.post(f"http://{app.callback_address}{path}", json={}) as answer:
                assert (404, b"") == (answer.status, await answer.read())

        assert generation.woken == (await app.store.get(generation.id)).woken


async def test_stopping_takes_nothing_new(tmp_path):
    """Once the tracker is told to stop, commands are refused in words."""
    async with open_app(settings(tmp_path)) as app:
        async with app.tracking():
            await asyncio.sleep(0)

        with pytest.raises(IntakeStopped):
            await start(app)


async def test_what_was_started_is_there_after_a_restart(tmp_path):
    """The same folder, a new process: the same row."""
    async with open_app(settings(tmp_path)) as app:
        generation = await start(app)
    async with open_app(settings(tmp_path)) as app:
        assert generation.id == (await app.store.get(generation.id)).id


async def test_a_second_bot_on_one_folder_is_refused(tmp_path):
    """SQLite is for one process: the second says so."""
    async with open_app(settings(tmp_path)):
        with pytest.raises(SettingsError):
            async with open_app(settings(tmp_path)):
                pass


async def test_the_operators_longest_prompt_holds(tmp_path):
    """`MAX_PROMPT` is what every model takes."""
    async with open_app(settings(tmp_path, max_prompt=77)) as app:
        assert {77} == {model.longest_prompt for model in app.generations.capabilities()}


def test_limits_are_the_settings(tmp_path):
    """Credits are counted in millionths; what isn't set isn't limited."""
    made = limits(settings(tmp_path, daily_credits=Decimal("12.5"), concurrent=3, server_daily_videos=7))

    assert Limit(10, 100, 12_500_000) == made.user_day
    assert Limit(videos=7) == made.server_day
    assert (Limit(), 3) == (made.bot_day, made.at_once)
    assert made.on_credits


async def test_the_log_is_moved_when_no_member_waits(tmp_path):
    """Of commands in this process the database's writer knows."""
    async with open_app(settings(tmp_path)) as app:
        waited_for = app.store.engine._writer.waited_for
        seen = [waited_for()]
        with app.client.precedence.member():
            seen.append(waited_for())
        seen.append(waited_for())
    assert [False, True, False] == seen


async def test_without_a_clock_of_its_own_it_goes_by_the_database_s(tmp_path):
    """Which on PostgreSQL is the same for all machines (S-16)."""
    async with open_app(settings(tmp_path)) as app:
        assert app.store.engine.now == app.clock


async def test_the_clock_is_the_one_that_was_handed_in(tmp_path):
    """Nothing asks the machine for the time behind our back."""
    async with open_app(settings(tmp_path), clock=lambda: NOON) as app:
        assert NOON == (await start(app)).created_at


async def swept_twice(app, monkeypatch, purge):
    """Let the sweep run, one hour at once after the other, until it deletes history a second time."""
    hours, twice = iter(range(2)), asyncio.Event()

    async def noted(*given):
        if next(hours, 0):
            twice.set()
        return await purge(*given)

    monkeypatch.setattr(running, "SWEEP_EVERY", timedelta())
    monkeypatch.setattr(Purging, "purge", noted)
    with capture_logs() as lines:
        async with app.tracking():
            await asyncio.wait_for(twice.wait(), 10)
    return [line for line in lines if line["event"] in {*TOLD_OF_HISTORY, "a loop failed"}]


async def ended_long_ago(app):
    """Start a generation, and let it have ended so long ago that nothing of it is kept."""
    started = await start(app)
    cancelled = await app.store.move(started, NOON, due_at=None, status=Status.CANCELLED)
    await app.store.note(started.id, finished_at=app.clock() - timedelta(days=401))
    return cancelled


async def test_the_sweep_deletes_old_history(tmp_path, monkeypatch):
    """What ended longer ago than it is kept is gone, and the log says once how many rows."""
    async with open_app(settings(tmp_path)) as app:
        old = await ended_long_ago(app)
        lines = await swept_twice(app, monkeypatch, Purging.purge)
        assert None is await app.store.get(old.id)
    assert [("old history deleted", 2)] == [(line["event"], line["rows"]) for line in lines]


async def test_for_ever_is_for_ever(tmp_path):
    """Without a limit nothing is deleted, however old."""
    async with open_app(settings(tmp_path, keep_history=None)) as app:
        old = await ended_long_ago(app)
        await app._purge()
        assert old.id == (await app.store.get(old.id)).id


async def test_history_that_can_not_be_deleted_is_a_warning(tmp_path, monkeypatch):
    """A database that is away is no fault of the sweep, which goes on."""

    async def away(*_):
        raise StoreUnavailable("away")

    async with open_app(settings(tmp_path)) as app:
        lines = await swept_twice(app, monkeypatch, away)
    assert {"old history not deleted"} == {line["event"] for line in lines}


async def test_any_process_serves_a_film_that_another_keeps(tmp_path, s3):
    """By its row: a link to one that is forgotten leads nowhere; while storage is down nobody says so."""
    async with listening(tmp_path / "one", **in_bucket(s3.address())) as (app, client):
        generation = await start(app)
        film = replace(
            a_film(), path=f"films/{generation.id}/v1.mp4", size=4, sha256=sha256(b"film").hexdigest()
        )
        app.hosting.files.path(film.path).write_bytes(b"film")
        await app.hosting.files.keep(film.path)
        app.hosting.files.path(film.path).unlink()
        await app.store.note(generation.id, film=film)
        path = app.hosting.signer.film_path(generation.id, app.clock() + timedelta(days=1))
        address = f"http://{app.public.address}{path}"
        s3.mode = "denied"
        async with client.get(address) as refused, client.get(f"http://{app.admin.address}/readyz") as ready:
            assert (503, b"") == (refused.status, await refused.read())
            assert "storage of files" in await ready.text()
        s3.mode = "open"
        async with client.get(address, headers={"Range": "bytes=1-2"}) as answer:
            assert (206, b"il") == (answer.status, await answer.read())
        await app.store.note(generation.id, film=None)
        async with client.get(address) as gone:
            assert 404 == gone.status


async def test_a_process_that_only_serves_sweeps_its_copies(tmp_path, s3, monkeypatch):
    """And goes on where its disk fails once; who keeps files alone needs none of it."""
    swept, faults = asyncio.Event(), [OSError(5, "Input/output error")]

    def sweep(_hosting, _now):
        if faults:
            raise faults.pop()
        loop.call_soon_threadsafe(swept.set)

    loop = asyncio.get_running_loop()
    monkeypatch.setattr(running, "sweep_here", sweep)
    monkeypatch.setattr(running, "SWEEP_EVERY", timedelta(seconds=0.01))
    async with open_app(settings(tmp_path, **in_bucket(s3.address()))) as app:
        async with running.tidied(app.hosting, app.clock):
            await asyncio.wait_for(swept.wait(), 10)
        swept.clear()
        async with running.tidied(replace(app.hosting, storage=None), app.clock):
            pass
    assert not swept.is_set()


async def test_who_serves_for_others_has_what_another_machine_keeps(tmp_path, s3, postgres_url):
    """Another disk and no provider's key: members' files and films come from the storage that all share."""
    shared = in_bucket(s3.address()) | {"database_url": postgres_url, "secret_key": "s" * 32}
    own = settings(tmp_path / "two", **shared).model_copy(update={"maxapi_api_key": None})
    name = f"media/{'0' * 32}.png"
    async with (
        open_app(settings(tmp_path / "one", **shared)) as app,
        open_doorway(own, Duty(Role.CALLBACKS)) as doorway,
        running._listening(doorway.public),
        aiohttp.ClientSession(f"http://{doorway.public.address}") as client,
    ):
        generation = await start(app)
        film = replace(
            a_film(), path=f"films/{generation.id}/v1.mp4", size=4, sha256=sha256(b"film").hexdigest()
        )
        for kept in (film.path, name):
            app.hosting.files.path(kept).write_bytes(b"film")
            await app.hosting.files.keep(kept)
        await app.store.note(generation.id, film=film)
        path = app.hosting.signer.film_path(generation.id, app.clock() + timedelta(days=1))
        for asked in (path, f"/{name}"):
            async with client.get(asked) as answer:
                assert (200, b"film") == (answer.status, await answer.read())


def in_bucket(address):
    """Return the settings that lead to a bucket."""
    return {
        "files_url": address.url,
        "files_endpoint": address.endpoint,
        "files_access_key": address.access_key,
        "files_secret_key": address.secret_key,
    }
