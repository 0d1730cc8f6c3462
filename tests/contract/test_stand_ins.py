"""Every provider over real HTTP on loopback, against a stand-in that knows only the provider's own pages."""

from __future__ import annotations

from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from random import Random

import pytest
from aiohttp import web

from bot.demo import samples
from bot.demo.stand_ins import KEYS, StandIns
from bot.demo.stand_ins.records import Fault, FaultKind
from bot.errors import (
    CreditExhausted,
    InputRejected,
    KeyRejected,
    ModerationRejected,
    NotSent,
    OutcomeUnknown,
    ProviderUnavailable,
    TaskNotFound,
)
from bot.models import MediaKind, TaskStatus
from bot.providers import create
from bot.providers._http import Patience
from tests.bot.providers.asking import PROVIDER_NAMES, PSEUDONYM, asked, routed

HASTE = Patience(silence=timedelta(seconds=5), whole=timedelta(seconds=10))
EXTENSIONS = {MediaKind.IMAGE: ".png", MediaKind.VIDEO: ".mp4", MediaKind.AUDIO: ".wav"}
UNKNOWN_TASKS = {
    "maxapi": "00000000-0000-4000-8000-000000000000",
    "seedance2ink": "req_nothing",
    "evolink": "task-unified-1-nothing",
}
CASES = [(name, kinds) for name in PROVIDER_NAMES for kinds in ("", "i", "ii", "iii", "iva", "iv", "ia")]


@pytest.fixture(scope="module")
def drawn():
    """Draw a picture, a clip and a sound, once."""
    chance = Random(1)
    return {
        MediaKind.IMAGE: samples.picture("a.png", chance).data,
        MediaKind.VIDEO: samples.clip("a.mp4", chance).data,
        MediaKind.AUDIO: samples.sound("a.wav", chance).data,
    }


class House:
    """The stand-ins, a host for members' files and an ear for callbacks."""

    def __init__(self, stand_ins, origin, drawn) -> None:
        self.stand_ins = stand_ins
        self.origin = origin
        self.drawn = drawn
        self.heard = []
        self.providers = []

    def provider(self, name, **options):
        """Return a provider that talks to its stand-in."""
        said = {
            "api_key": KEYS[name],
            "base_url": self.stand_ins.base_url(name),
            "patience": HASTE,
            **options,
        }
        provider = create(name, **said)
        self.providers.append(provider)
        return provider

    def prepared(self, provider, kinds="", **said):
        """Return a body with addresses that the stand-in can fetch."""
        request = routed(provider.name, kinds, **said)
        request = replace(
            request, media=tuple(replace(file, extension=EXTENSIONS[file.kind]) for file in request.media)
        )
        return provider.prepare(
            request,
            media_urls=tuple(f"{self.origin}/media/{file.kind}{file.extension}" for file in request.media),
            user=PSEUDONYM,
            callback_url=f"{self.origin}/callbacks/{provider.name}",
        )

    async def submit(self, provider, kinds="", **said):
        """Submit a request."""
        return await provider.submit(self.prepared(provider, kinds, **said), key="0123456789abcdef")

    async def host(self, request):
        """Serve a file."""
        kind = MediaKind(request.match_info["name"].partition(".")[0])
        return web.Response(body=self.drawn[kind])

    async def hear(self, request):
        """Take a callback."""
        self.heard.append((request.match_info["name"], await request.json()))
        return web.Response(status=204)


@asynccontextmanager
async def _house(drawn, pace):
    async def film(_order):
        return b"a film"

    app = web.Application()
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    async with StandIns(pace=pace, seed=1, film=film) as stand_ins:
        house = House(stand_ins, "", drawn)
        app.add_routes([web.get("/media/{name}", house.host), web.post("/callbacks/{name}", house.hear)])
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        house.origin = f"http://127.0.0.1:{runner.addresses[0][1]}"
        try:
            yield house
        finally:
            for provider in house.providers:
                await provider.close()
            await runner.cleanup()


@pytest.fixture
async def house(drawn):
    """Return stand-ins whose films take no time."""
    async with _house(drawn, 0.0) as open_:
        yield open_


@pytest.fixture
async def slow_house(drawn):
    """Return stand-ins whose films take all the time in the world."""
    async with _house(drawn, 1000.0) as open_:
        yield open_


async def until_ended(provider, task_id):
    """Ask until a task has ended."""
    for _ in range(20_000):
        task = await provider.fetch(task_id)
        if task.status not in {TaskStatus.QUEUED, TaskStatus.RUNNING, TaskStatus.UNKNOWN}:
            return task
    raise AssertionError(task)


@pytest.mark.parametrize(("name", "kinds"), CASES)
async def test_every_mode_is_accepted_and_ends_with_a_film(house, name, kinds):
    """Submit, fetch, film; the stand-in understood the mode and the words, and knew every field."""
    provider = house.provider(name)
    submitted = await house.submit(provider, kinds)
    ended = await until_ended(provider, submitted.id)
    (seen,) = house.stand_ins.ledger.of(name).tasks
    expected = (asked(kinds).mode, [], "A river in autumn", TaskStatus.SUCCEEDED, 1)
    assert expected == (seen.mode, seen.undocumented, seen.prompt, ended.status, len(ended.urls))


@pytest.mark.parametrize("name", PROVIDER_NAMES)
async def test_files_reach_it_unchanged(house, name, drawn):
    """What the stand-in fetched is what the member attached."""
    provider = house.provider(name)
    submitted = await house.submit(provider, "iva")
    await until_ended(provider, submitted.id)
    fetched = [(file.kind, file.size) for file in house.stand_ins.ledger.of(name).media]
    assert [(kind, len(drawn[kind])) for kind in MediaKind] == fetched


@pytest.mark.parametrize("name", PROVIDER_NAMES)
async def test_its_callback_names_the_task(house, name):
    """The body that really comes has the id where we look for it."""
    provider = house.provider(name)
    submitted = await house.submit(provider)
    await until_ended(provider, submitted.id)
    for _ in range(5000):
        if house.heard:
            break
        await provider.fetch(submitted.id)
    assert [(name, submitted.id)] == [(at, provider.named_task(body)) for at, body in house.heard]


@pytest.mark.parametrize("name", PROVIDER_NAMES)
async def test_the_key_is_proved(house, name):
    """A good one is accepted, a bad one isn't, and nothing was spent."""
    assert "accepted" in await house.provider(name).probe()
    with pytest.raises(KeyRejected):
        await house.provider(name, api_key="wrong").probe()
    assert house.stand_ins.ledger.charges == []


@pytest.mark.parametrize("name", PROVIDER_NAMES)
async def test_a_wrong_key_is_rejected_everywhere(house, name):
    """At submit and at fetch."""
    provider = house.provider(name, api_key="wrong")
    with pytest.raises(KeyRejected):
        await house.submit(provider)
    with pytest.raises(KeyRejected):
        await provider.fetch(UNKNOWN_TASKS[name])


@pytest.mark.parametrize("name", PROVIDER_NAMES)
async def test_an_unknown_task_is_not_found(house, name):
    """In each provider's own way of saying so."""
    with pytest.raises(TaskNotFound):
        await house.provider(name).fetch(UNKNOWN_TASKS[name])


@pytest.mark.parametrize("name", PROVIDER_NAMES)
@pytest.mark.parametrize(
    ("fault", "error", "charged"),
    [
        (Fault(kind=FaultKind.RATE_LIMIT, retry_after="7"), ProviderUnavailable, False),
        (Fault(kind=FaultKind.ERROR, status=402), CreditExhausted, False),
        (Fault(kind=FaultKind.ERROR, status=400), InputRejected, False),
        (Fault(kind=FaultKind.ERROR, status=422), InputRejected, False),
        (Fault(kind=FaultKind.ERROR, status=500), OutcomeUnknown, False),
        (Fault(kind=FaultKind.ERROR, status=503, charged=True), OutcomeUnknown, True),
        (Fault(kind=FaultKind.CLOSE), OutcomeUnknown, False),
        (Fault(kind=FaultKind.CLOSE, charged=True), OutcomeUnknown, True),
        (Fault(kind=FaultKind.GARBAGE), OutcomeUnknown, False),
        (Fault(kind=FaultKind.GARBAGE, charged=True, body=""), OutcomeUnknown, True),
        (Fault(kind=FaultKind.MODERATION), ModerationRejected, False),
    ],
    ids=lambda each: f"{each.kind}-{each.status}-{each.charged}" if isinstance(each, Fault) else None,
)
async def test_a_failed_submit_says_what_is_known(house, name, fault, error, charged):
    """Surely not accepted, or unknown: whether it was charged, the answer can't tell."""
    house.stand_ins.order(fault.model_copy(update={"provider": name}))
    with pytest.raises(error) as caught:
        await house.submit(house.provider(name))
    assert charged is bool(house.stand_ins.ledger.charges)
    if isinstance(caught.value, ProviderUnavailable):
        assert timedelta(seconds=7) == caught.value.retry_after


@pytest.mark.parametrize("name", PROVIDER_NAMES)
async def test_silence_after_a_charge_is_unknown(house, name):
    """The submit was taken, and no answer comes in time."""
    house.stand_ins.order(Fault(kind=FaultKind.SLOW, seconds=60, charged=True, provider=name))
    impatient = replace(HASTE, silence=timedelta(seconds=0.3))
    with pytest.raises(OutcomeUnknown):
        await house.submit(house.provider(name, patience=impatient))
    assert len(house.stand_ins.ledger.charges) == 1


@pytest.mark.parametrize("name", PROVIDER_NAMES)
@pytest.mark.parametrize(
    "fault",
    [
        Fault(kind=FaultKind.RATE_LIMIT, on="query"),
        Fault(kind=FaultKind.ERROR, on="query", status=502),
        Fault(kind=FaultKind.CLOSE, on="query", times=2),  # on a kept connection, one drop heals itself
        Fault(kind=FaultKind.GARBAGE, on="query"),
    ],
    ids=lambda fault: fault.kind,
)
async def test_a_failed_ask_may_be_repeated(house, name, fault):
    """And then it is answered."""
    provider = house.provider(name)
    submitted = await house.submit(provider)
    house.stand_ins.order(fault)
    with pytest.raises(ProviderUnavailable):
        await provider.fetch(submitted.id)
    assert (await provider.fetch(submitted.id)).id == submitted.id


@pytest.mark.parametrize("name", PROVIDER_NAMES)
@pytest.mark.parametrize(
    ("fault", "status", "reason"),
    [
        (Fault(kind=FaultKind.REVIEW), TaskStatus.REFUSED, "moderation"),
        (Fault(kind=FaultKind.FAILURE, reason="moderation"), TaskStatus.REFUSED, "moderation"),
        (Fault(kind=FaultKind.FAILURE, reason="input"), TaskStatus.FAILED, "input"),
        (Fault(kind=FaultKind.FAILURE, reason="provider"), TaskStatus.FAILED, "provider"),
        (Fault(kind=FaultKind.TIMEOUT), TaskStatus.FAILED, "timeout"),
        (Fault(kind=FaultKind.CANCELLED), TaskStatus.CANCELLED, None),
    ],
    ids=lambda each: f"{each.kind}-{each.reason}" if isinstance(each, Fault) else None,
)
async def test_an_end_without_a_film_has_a_reason(house, name, fault, status, reason):
    """In our words, whatever theirs are."""
    house.stand_ins.order(fault)
    provider = house.provider(name)
    submitted = await house.submit(provider)
    ended = await until_ended(provider, submitted.id)
    assert (status, reason, ()) == (ended.status, ended.reason, ended.urls)


@pytest.mark.parametrize("name", PROVIDER_NAMES)
async def test_an_unknown_state_keeps_running(slow_house, name):
    """It is neither an end nor an error."""
    slow_house.stand_ins.order(Fault(kind=FaultKind.UNKNOWN_STATUS))
    provider = slow_house.provider(name)
    submitted = await slow_house.submit(provider)
    assert (await provider.fetch(submitted.id)).status is TaskStatus.UNKNOWN


@pytest.mark.parametrize("name", PROVIDER_NAMES)
async def test_a_cancel_is_confirmed_where_there_is_one(slow_house, name):
    """Capabilities tell the truth about it."""
    provider = slow_house.provider(name)
    submitted = await slow_house.submit(provider)
    if provider.capabilities["seedance-2.0"].cancel:
        assert (await provider.cancel(submitted.id)).status is TaskStatus.CANCELLED
    else:
        with pytest.raises(NotImplementedError):
            await provider.cancel(submitted.id)


async def test_a_cancel_that_comes_too_late_tells_the_film(house):
    """The real state, not the wish."""
    provider = house.provider("seedance2ink")
    submitted = await house.submit(provider)
    await until_ended(provider, submitted.id)
    assert (await provider.cancel(submitted.id)).status is TaskStatus.SUCCEEDED


async def test_the_same_key_and_body_make_one_task(slow_house):
    """EvoLink: a repeat after a lost answer is the first task, charged once."""
    provider = slow_house.provider("evolink")
    slow_house.stand_ins.order(Fault(kind=FaultKind.CLOSE, charged=True))
    prepared = slow_house.prepared(provider)
    with pytest.raises(OutcomeUnknown):
        await provider.submit(prepared, key="0123456789abcdef")
    task = await provider.submit(prepared, key="0123456789abcdef")
    with pytest.raises(OutcomeUnknown):
        await provider.submit(slow_house.prepared(provider, prompt="Another"), key="0123456789abcdef")
    assert [task.id] == [charge.task_id for charge in slow_house.stand_ins.ledger.charges]


async def test_what_it_reserves_and_charges_is_told(house):
    """Credits where the provider tells them, and the balance where there is one."""
    told = {}
    for name in PROVIDER_NAMES:
        provider = house.provider(name)
        submitted = await house.submit(provider)
        told[name] = (submitted.credits, await provider.balance())
    assert told == {"maxapi": (None, None), "seedance2ink": (40.0, None), "evolink": (67.5, 99_932.5)}


async def test_an_uploaded_file_can_be_used(house, drawn):
    """EvoLink's own host stands in for ours: the bytes come back unchanged."""
    provider = house.provider("evolink")
    address = await provider.upload("a.png", drawn[MediaKind.IMAGE])
    request = routed("evolink", "i")
    prepared = provider.prepare(request, media_urls=(address,), user=PSEUDONYM, callback_url=None)
    await provider.submit(prepared, key="0123456789abcdef")
    assert [len(drawn[MediaKind.IMAGE])] == [file.size for file in house.stand_ins.ledger.media]


@pytest.mark.parametrize("name", PROVIDER_NAMES)
async def test_every_model_that_we_offer_is_known(slow_house, name):
    """No model in the table is a stranger to the provider's own pages."""
    provider = slow_house.provider(name)
    accepted = []
    for place, model in enumerate(provider.capabilities):
        slow_house.stand_ins.studios[name].settings.concurrent = 50
        task = await provider.submit(slow_house.prepared(provider, model=model), key=f"{place:016x}")
        accepted.append((model, bool(task.id)))
    assert accepted == [(model, True) for model in provider.capabilities]


@pytest.mark.parametrize("name", PROVIDER_NAMES)
async def test_a_stand_in_that_is_gone_is_surely_not_sent(house, name):
    """Nobody listens there any more."""
    provider = house.provider(name)
    prepared = house.prepared(provider)
    await house.stand_ins.__aexit__(None, None, None)
    with pytest.raises(NotSent):
        await provider.submit(prepared, key="0123456789abcdef")
