"""Laws of misbehaving on command, over the control API and its client."""

import asyncio

import aiohttp
import pytest

from bot.demo.stand_ins.control import Control, ControlRefused, End, Fault, FaultKind

from .bench import FILM, picture, until

EVOLINK = "/v1/videos/generations"
MAXAPI = "/api/v1/task/submit"


def evolink(prompt="A kite", **more):
    """Return the body of a submit."""
    return {"model": "seedance-2.0-text-to-video", "prompt": prompt, "duration": 4, "quality": "480p"} | more


def maxapi(prompt="A kite"):
    """Return the body of a submit."""
    return {"model": "seedance-2.0", "input": {"prompt": prompt}}


@pytest.fixture
async def control(bench):
    """Give a client of the control API."""
    async with Control(bench.stand_ins.control_url) as client:
        yield client


async def finished(bench, sent=None):
    """Submit to EvoLink, wait for the end, and return the task as it is then told."""
    _, task = await bench.ask("evolink", "POST", EVOLINK, sent or evolink())
    await bench.time.go(100)
    return (await bench.ask("evolink", "GET", f"/v1/tasks/{task['id']}"))[1]


async def test_the_control_api_is_on_every_port(bench):
    """It needs no key, and names the three."""
    for provider in bench.stand_ins.studios:
        async with bench.session.get(f"{bench.stand_ins.base_url(provider)}/control") as answer:
            named = await answer.json()

        assert {name: bench.stand_ins.base_url(name) for name in bench.stand_ins.studios} == named


async def test_a_fault_strikes_as_often_as_it_says(bench, control):
    """Twice for two, then things are as they should be; the list counts down."""
    number = await control.misbehave("rate_limit", "evolink", times=2, retry_after="7")
    seen = []
    for _ in range(3):
        status, _ = await bench.ask("evolink", "POST", EVOLINK, evolink())
        seen.append((status, [(one.id, one.left) for one in await control.faults()]))

    assert [(429, [(number, 1)]), (429, []), (200, [])] == seen


async def test_a_fault_can_stand_until_it_is_taken_back(bench, control):
    """`times` None; taking one back leaves the others."""
    first = await control.misbehave("error", "evolink", on="credits", times=None)
    await control.misbehave("error", "maxapi", on="query", times=None, status=500)
    before = [(await bench.ask("evolink", "GET", "/v1/credits"))[0] for _ in range(3)]
    await control.behave(first)
    after = (await bench.ask("evolink", "GET", "/v1/credits"))[0]

    assert (before, after, len(await control.faults())) == ([503] * 3, 200, 1)
    await control.behave()
    assert await control.faults() == []


async def test_a_fault_can_be_meant_for_a_prompt(bench, control):
    """Others aren't met, and don't use it up."""
    await control.misbehave("error", on="submit", prompt="storm")
    prompts = ("calm", "a storm", "a storm")
    seen = [(await bench.ask("evolink", "POST", EVOLINK, evolink(prompt)))[0] for prompt in prompts]

    assert seen == [200, 503, 200]


@pytest.mark.parametrize(
    ("provider", "path", "body", "told"),
    [
        ("maxapi", MAXAPI, maxapi(), {"code": 429, "msg": "Too many requests"}),
        (
            "evolink",
            EVOLINK,
            evolink(),
            {
                "error": {
                    "code": 429,
                    "message": "Too many requests",
                    "type": "rate_limit_error",
                    "fallback_suggestion": "retry after Sat, 21 Nov 2026 12:01:00 GMT seconds",
                }
            },
        ),
    ],
)
async def test_a_rate_limit_wears_the_providers_envelope(bench, control, provider, path, body, told):
    """Retry-After is sent as it stands, whatever it is."""
    when = "Sat, 21 Nov 2026 12:01:00 GMT"
    await control.misbehave("rate_limit", provider, retry_after=when)
    url = f"{bench.stand_ins.base_url(provider)}{path}"
    headers = {"Authorization": f"Bearer {'maxapi-demo-key' if provider == 'maxapi' else 'sk-evo-demo'}"}
    async with bench.session.post(url, json=body, headers=headers) as answer:
        assert (429, when, told) == (answer.status, answer.headers["Retry-After"], await answer.json())


@pytest.mark.parametrize(("charged", "tasks"), [(False, 0), (True, 1)])
@pytest.mark.parametrize("kind", ["error", "close", "garbage"])
async def test_a_submit_can_go_wrong_before_or_after_it_is_charged(bench, control, kind, charged, tasks):
    """`charged` decides, and the ledger knows; the request is in it either way."""
    await control.misbehave(kind, "evolink", charged=charged, status=502)
    url = f"{bench.stand_ins.evolink_url}{EVOLINK}"
    try:
        async with bench.session.post(
            url, json=evolink(), headers={"Authorization": "Bearer sk-evo-demo"}
        ) as answer:
            seen = (answer.status, answer.content_type)
    except aiohttp.ClientError:
        seen = None
    ledger = await control.ledger("evolink")

    expected = {"error": (502, "application/json"), "close": None, "garbage": (200, "text/html")}
    assert expected[kind] == seen
    assert (tasks, tasks, 1) == (len(ledger.tasks), len(ledger.charges), len(ledger.requests))


async def test_an_answer_that_never_came_can_be_had_with_the_key(bench, control):
    """Charged, then closed: the same key brings the task, and no second charge."""
    await control.misbehave("close", "evolink", charged=True)
    key = "k" * 32
    with pytest.raises(aiohttp.ClientError):
        await bench.ask("evolink", "POST", EVOLINK, evolink(), Idempotency_Key=key)
    status, task = await bench.ask("evolink", "POST", EVOLINK, evolink(), Idempotency_Key=key)
    ledger = await control.ledger()

    assert (200, [task["id"]], [key]) == (
        status,
        [entry.id for entry in ledger.tasks],
        [entry.idempotency_key for entry in ledger.charges],
    )


@pytest.mark.parametrize(("charged", "early"), [(False, 0), (True, 1)])
async def test_an_answer_can_be_late(bench, control, charged, early):
    """Before the task is accepted, or after."""
    await control.misbehave("slow", "maxapi", seconds=30, charged=charged)
    asking = asyncio.create_task(bench.ask("maxapi", "POST", MAXAPI, maxapi()))
    await until(lambda: 30 in bench.time.slept)
    tasks = len(bench.stand_ins.ledger.tasks)
    await bench.time.go(30)

    assert (early, 200, 1) == (tasks, (await asking)[0], len(bench.stand_ins.ledger.tasks))


@pytest.mark.parametrize(
    ("fault", "status", "code"),
    [
        (Fault(kind=FaultKind.FAILURE), "failed", "service_error"),
        (Fault(kind=FaultKind.FAILURE, reason="credit"), "failed", "quota_exceeded"),
        (Fault(kind=FaultKind.FAILURE, reason="channel_9"), "failed", "channel_9"),
        (Fault(kind=FaultKind.REVIEW), "failed", "content_policy_violation"),
        (Fault(kind=FaultKind.TIMEOUT), "failed", "generation_timeout"),
        (Fault(kind=FaultKind.CANCELLED), "cancelled", "request_cancelled"),
    ],
)
async def test_a_task_can_end_without_a_film(bench, control, fault, status, code):
    """In the provider's words for it."""
    await control.order(fault)
    task = await finished(bench)

    assert (status, code, False) == (task["status"], task["error"]["code"], "results" in task)


async def test_maxapi_has_words_of_its_own(bench, control):
    """TIMEOUT and CANCELLED are states there, without a reason."""
    seen = []
    for kind in ("timeout", "cancelled", "failure"):
        await control.misbehave(kind, "maxapi")
        _, answer = await bench.ask("maxapi", "POST", MAXAPI, maxapi())
        await bench.time.go(100)
        _, told = await bench.ask("maxapi", "GET", f"/api/v1/task/{answer['data']['taskId']}")
        seen.append((told["data"]["status"], told["data"]["failure_reason"]))

    assert seen == [("TIMEOUT", None), ("CANCELLED", None), ("FAILURE", None)]


async def test_moderation_on_command(bench, control):
    """Refused at submit, in the provider's words, whatever the prompt."""
    await control.misbehave("moderation", "maxapi")

    assert (await bench.ask("maxapi", "POST", MAXAPI, maxapi()))[1]["msg"] == "content rejected by moderation"


async def test_an_endless_task_ends_on_command(bench, control):
    """It runs on and on, until told how to end."""
    await control.misbehave("endless", "evolink")
    task = await finished(bench)
    await bench.time.go(86_400)
    _, later = await bench.ask("evolink", "GET", f"/v1/tasks/{task['id']}")
    await control.end(task["id"])
    _, ended = await bench.ask("evolink", "GET", f"/v1/tasks/{task['id']}")

    assert [one["status"] for one in (task, later, ended)] == ["processing", "processing", "completed"]


async def test_a_task_can_be_failed_by_hand(bench, control):
    """With a reason, at once, and only once."""
    _, task = await bench.ask("evolink", "POST", EVOLINK, evolink())
    await control.end(task["id"], End(outcome="failure", reason="moderation"))
    await control.end(task["id"])
    _, ended = await bench.ask("evolink", "GET", f"/v1/tasks/{task['id']}")

    assert (ended["status"], ended["error"]["code"]) == ("failed", "content_policy_violation")


async def test_an_unknown_word_is_shown_until_the_end(bench, control):
    """Then the provider's own."""
    await control.misbehave("unknown_status", "evolink", word="dreaming")
    _, early = await bench.ask("evolink", "POST", EVOLINK, evolink())
    await bench.time.go(100)
    _, late = await bench.ask("evolink", "GET", f"/v1/tasks/{early['id']}")

    assert (early["status"], late["status"]) == ("dreaming", "completed")
    assert (await control.ledger()).tasks[0].statuses == ["dreaming", "completed"]


async def test_a_callback_can_be_sent_again(bench, control):
    """As the task stands: for a listener that must bear repeats."""
    task = await finished(bench, evolink(callback_url=bench.callback))
    await bench.time.run(lambda: bench.listener.heard)
    await control.call_back(task["id"])
    await bench.time.run(lambda: len(bench.listener.heard) == 2)

    assert [task, task] == bench.listener.heard


async def test_settings_change_one_by_one(bench, control):
    """What isn't named stays; the change holds at once."""
    before = await control.settings("evolink")
    after = await control.settings("evolink", high_definition=True)

    assert before.model_copy(update={"high_definition": True}) == after
    assert (await bench.ask("evolink", "POST", EVOLINK, evolink(quality="1080p")))[0] == 200


async def test_requests_a_second_can_be_limited(bench, control):
    """The third within a second is one too many."""
    await control.settings("maxapi", per_second=2)
    seen = [(await bench.ask("maxapi", "GET", "/api/v1/task/x"))[0] for _ in range(3)]

    assert seen == [404, 404, 429]


async def test_nonsense_is_refused(control):
    """A fault that isn't one, a task of nobody, a provider of nobody: each says so."""
    with pytest.raises(ControlRefused, match="extra_forbidden"):
        await control._ask("POST", "/faults", {"kind": "slow", "sconds": 3})
    with pytest.raises(ControlRefused):
        await control.end("nobody")
    with pytest.raises(ControlRefused):
        await control._ask("PATCH", "/settings/sora", {})


async def test_the_ledger_holds_no_key(bench, control):
    """It knows whether the key was right, and nothing of the key."""
    await bench.ask("evolink", "POST", EVOLINK, evolink())
    await bench.ask("evolink", "GET", "/v1/credits", Authorization="Bearer sk-evo-secret")
    ledger = await control.ledger("evolink")

    assert [entry.headers["Authorization"] for entry in ledger.requests] == ["Bearer right", "Bearer wrong"]
    assert "sk-evo" not in ledger.model_dump_json()
    assert [(entry.endpoint, entry.status) for entry in ledger.requests] == [
        ("submit", 200),
        ("credits", 401),
    ]


async def test_the_ledger_knows_the_media(bench, control):
    """Address and digest of every file that was fetched."""
    url = bench.listener.host("a.png", picture())
    sent = {"model": "seedance-2.0-image-to-video", "prompt": "A kite", "image_urls": [url]}
    await bench.ask("evolink", "POST", EVOLINK, sent)
    (entry,) = (await control.ledger()).media

    assert (url, 200, len(picture()), "image", 64) == (
        entry.url,
        entry.status,
        entry.size,
        entry.kind,
        len(entry.sha256),
    )


async def test_a_new_page_begins_empty(bench, control):
    """Clearing forgets what happened; the task lives on."""
    _, task = await bench.ask("evolink", "POST", EVOLINK, evolink())
    await control.clear()
    await bench.time.go(100)

    assert (await control.ledger()).tasks == []
    assert (await bench.ask("evolink", "GET", f"/v1/tasks/{task['id']}"))[1]["status"] == "completed"


async def test_films_can_be_gone(bench, control):
    """With the asked status, for as many downloads as asked."""
    await control.misbehave("expired_result", status=410, downloads=2)
    (url,) = (await finished(bench))["results"]
    seen = []
    for _ in range(3):
        async with bench.session.get(url) as film:
            seen.append(film.status)

    assert seen == [410, 410, 200]


async def test_films_can_be_cut_short(bench, control):
    """The promised length doesn't come; or the short one is admitted."""
    await control.misbehave("truncated_result", downloads=1)
    (url,) = (await finished(bench))["results"]
    async with bench.session.get(url) as film:
        assert len(FILM) == film.content_length
        with pytest.raises(aiohttp.ClientPayloadError):
            await film.read()
    async with bench.session.get(url) as film:
        assert await film.read() == FILM
    await control.misbehave("truncated_result", admitted=True, share=0.25)
    (url,) = (await finished(bench))["results"]
    async with bench.session.get(url) as film:
        assert FILM[: len(FILM) // 4] == await film.read()


async def test_films_can_be_giants(bench, control):
    """The film, then a box that players skip, up to the asked size."""
    await control.misbehave("giant_result", megabytes=3)
    (url,) = (await finished(bench))["results"]
    async with bench.session.get(url) as film:
        data = await film.read()

    assert (len(data), data[: len(FILM)], data[len(FILM) + 4 :][:4]) == (3 * 1024 * 1024, FILM, b"free")
    assert len(data) - len(FILM) == int.from_bytes(data[len(FILM) : len(FILM) + 4], "big")
