"""What films cost: never more than was reserved, whatever is asked for and whatever is reported."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from datetime import timedelta
from types import SimpleNamespace

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.demo.stand_ins.evolink_rules import order_of
from bot.demo.stand_ins.material import Material
from bot.demo.stand_ins.records import Settings as Terms
from bot.demo.stand_ins.seedance2ink import Seedance2Ink
from bot.errors import QuotaExceeded, Refused, RequestRefused
from bot.models import Cost, Limit, MediaKind, Status
from bot.orders import Standing
from bot.providers.capabilities import CAPABILITIES
from bot.providers.prices import PRICES, Prices
from bot.quotas import Limits
from bot.tracker.money import ABSURD, absurd, credits_charged, settled
from tests.bot.desk import Desk
from tests.bot.providers.asking import CALLBACK, PROVIDER_NAMES, PSEUDONYM, submission, talking_to, urls
from tests.bot.providers.asking import asked as a_request_with
from tests.bot.tracker.conftest import a_world
from tests.fakes import ANNA, CINEMA

pytestmark = pytest.mark.usefixtures("on_both")
PLENTY = Limits(user_day=Limit(credits=10**15), at_once=None)


@pytest.fixture
def opened(store, tmp_path):
    """Return a function that puts a desk onto one store; all of them share it."""
    return lambda limits, price=None: Desk(store, tmp_path, limits, price)


# what films cost


async def charged(request, media_seconds):
    """Return what a provider's stand-in takes for the very body that would be sent, in credits."""
    media = iter([Material("", b"", f.kind, f.extension, f.width, f.height, s, f.frame_rate)
                  for f, s in zip(request.media, media_seconds, strict=True)])  # fmt: skip

    async def fetch(links):
        return tuple(next(media) for _ in links)

    studio = SimpleNamespace(fetcher=SimpleNamespace(fetch=fetch), settings=Terms(high_definition=True))
    provider = talking_to(request.provider, lambda _: None)
    body = provider.prepare(request, media_urls=urls(request), user=PSEUDONYM, callback_url=CALLBACK).body
    if request.provider == "evolink":
        return (await order_of(json.loads(body), studio, None)).credits
    stand_in = Seedance2Ink()
    stand_in.studio = studio
    return (await stand_in._order(request.model, json.loads(body))).credits


def some(values):
    """Return one of the values, or nothing said."""
    return st.none() | st.sampled_from(sorted(values))


MODELS = [model for models in CAPABILITIES.values() for model in models.values()]
FLAGS = dict.fromkeys(["sound", "fallback", "web_search"], st.none() | st.booleans())
ANYTHING = st.fixed_dictionaries(
    {
        "provider": some(PROVIDER_NAMES),
        "model": some({model.model for model in MODELS} | {"seedance-9.9"}),
        "ratio": some({ratio for model in MODELS for ratio in model.ratios} | {"1:9"}),
        "resolution": some({each for model in MODELS for each in model.resolutions} | {"4K", "-"}),
        "seconds": st.none() | st.integers(-1, 20) | st.just(10**9),
        **FLAGS,
    }
)


def of_model(model):
    """Return options that a model takes, taken one by one."""
    return st.fixed_dictionaries(
        {
            "provider": st.just(model.provider),
            "model": st.just(model.model),
            "resolution": some(model.resolutions),
            "seconds": some(model.seconds),
            **FLAGS,
        }
    )


PRICED = [model for model in MODELS if (model.provider, model.model) in {key[:2] for key in PRICES}]
OPTIONS = ANYTHING | st.sampled_from(PRICED).flatmap(of_model)
KINDS = st.sampled_from(["", "", "", "i", "ii", "iii", "v", "iv", "vv", "iva"])
LENGTHS = st.lists(st.floats(1.8, 15.3).map(lambda length: round(length, 3)), min_size=12, max_size=12)


@given(options=OPTIONS, kinds=KINDS, lengths=LENGTHS)
@settings(
    max_examples=400,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
async def test_nothing_costs_more_than_was_reserved(opened, options, kinds, lengths):
    """Of all sets of options: refused, or what is reserved covers what the stand-in charges (T-21)."""
    desk = opened(PLENTY, Prices().price)
    asked = a_request_with(kinds, **options)
    lengths = [
        0.0 if file.kind is MediaKind.IMAGE else s for file, s in zip(asked.media, lengths, strict=False)
    ]
    media = [replace(f, duration=timedelta(seconds=s)) for f, s in zip(asked.media, lengths, strict=True)]
    try:
        drafted, _ = await desk.generations.drafted(
            replace(asked, media=tuple(media)), ANNA, CINEMA, Standing()
        )
    except Refused:
        return
    reserved = drafted.cost.credits

    assert 0 < reserved
    assert credits_charged(await charged(drafted.request, lengths)) <= reserved


@pytest.mark.parametrize(
    "model", [each for each in MODELS if each.provider == "maxapi"], ids=lambda m: m.model
)
@pytest.mark.parametrize("limit", ["user_day", "user_month", "server_day", "bot_day", "bot_month"])
async def test_an_unknown_price_is_no_free_film(opened, model, limit):
    """Wherever any limit counts credits, what nobody has a price for is refused by name (T-21)."""
    desk = opened(Limits(**{limit: Limit(credits=10**15)}), Prices().price)
    with pytest.raises(RequestRefused, match="price_unknown"):
        await desk.start(provider=model.provider, model=model.model)


@pytest.mark.parametrize(
    "limit", ["user_day", "user_month", "server_day", "server_month", "bot_day", "bot_month"]
)
@pytest.mark.parametrize("unit", ["videos", "seconds", "credits"])
async def test_every_cap_is_hard(opened, limit, unit):
    """Of a member, a server, the bot; what fits to the last one is begun, and no more (T-21)."""
    cost = {"videos": 1, "seconds": 5, "credits": 67_500_000}[unit]
    free = Limits(user_day=Limit(), at_once=None)
    desk = opened(replace(free, **{limit: Limit(**{unit: 2 * cost})}), Prices().price)
    for _ in range(2):
        await desk.start(provider="evolink")
    with pytest.raises(QuotaExceeded):
        await desk.start(provider="evolink", seconds=4, resolution="480p")


# what providers say that films cost

NUMBERS = (
    st.floats()
    | st.integers(-(10**30), 10**30)
    | st.sampled_from(["NaN", "Infinity", "-Infinity", "-0", "-0.0", "1e999", "-1e999", "1e-999", "5e-324"])
    | st.sampled_from(
        ['"NaN"', '"inf"', '"1e5"', '"-0"', '"١٢"', '" 7 "', "null", "true", "[]", "{}", '""', '"9"']
    )
    | st.text("0123456789-+.eE_", max_size=9).map(json.dumps)
)


FILM = "https://films.example/a.mp4"
ANSWERS = {
    "maxapi": {"code": 200, "data": {"taskId": "t1", "status": "SUCCESS", "output": {"urls": [FILM]}}},
    "seedance2ink": {"success": True, "requestId": "t1", "status": "succeeded", "output": {"url": FILM}},
    "evolink": {"id": "t1", "status": "completed", "results": [FILM]},
}
"""What each says of a task that it has made."""


def answer(name, number):
    """Return what a provider says, with a charge wherever any of them tells one."""
    usage = dict.fromkeys(["credits_used", "credits_reserved"], 0)
    bill = {"creditsCharged": 0, "usage": usage, "billing": {"charged_credits": 0}}
    told = number if isinstance(number, str) else json.dumps(number)
    text = json.dumps({**ANSWERS[name], **bill}).replace(": 0", f": {told}")
    return httpx.Response(200, content=text.encode())


@pytest.mark.parametrize("name", PROVIDER_NAMES)
@given(number=NUMBERS, reserved=st.integers(0, 10**12))
@settings(max_examples=300, deadline=None, derandomize=True)
async def test_no_report_makes_an_odd_bill(name, number, reserved):
    """Whatever number is reported: a person's business, or a whole amount that can be borne (T-22)."""
    provider = talking_to(name, answer(name, number))
    for task in (await provider.fetch("t1"), await provider.submit(submission(provider), key="k")):
        assert task.credits is None or isinstance(task.credits, float)
        amount = credits_charged(task.credits)
        if amount is None or not absurd(amount, reserved):
            final = settled(Cost(1, 5, reserved), amount).credits
            assert isinstance(final, int)
            assert 0 <= final <= max(reserved * ABSURD, reserved)


@pytest.mark.parametrize("number", [math.nan, math.inf, -math.inf, -1.0, -1e-9, 1e999, 1e13, 400.1])
async def test_an_absurd_report_is_parked_and_settles_nothing(tmp_path, number):
    """What was reserved stays reserved until a person has decided (T-22)."""
    async with a_world(tmp_path) as world:
        provider = world.providers["maxapi"]
        provider.last_fetch = replace(provider.last_fetch, credits=number)
        cost = Cost(1, 5, 40_000_000)
        generation = await world.ask(cost=cost)
        ended = await world.until(generation, Status.PARKED)

        assert (Status.PARKED, "absurd_charge", cost) == (ended.status, ended.reason, ended.cost)
        assert cost == await world.used()


@pytest.mark.parametrize(("number", "credit"), [(-0.0, 0), (1e-9, 0), (400.0, 400_000_000), (5e-324, 0)])
async def test_an_odd_but_possible_report_is_settled(tmp_path, number, credit):
    """No negative nothing, and no fraction of a millionth (T-22)."""
    async with a_world(tmp_path) as world:
        provider = world.providers["maxapi"]
        provider.last_fetch = replace(provider.last_fetch, credits=number)
        generation = await world.ask(cost=Cost(1, 5, 40_000_000))
        ended = await world.until(generation, Status.DELIVERED)

        assert (Status.DELIVERED, Cost(1, 5, credit)) == (ended.status, ended.cost)
        assert Cost(1, 5, credit) == await world.used()
