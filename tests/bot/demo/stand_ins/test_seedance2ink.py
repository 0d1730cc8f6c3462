"""Laws of the stand-in for seedance2.ink, as its pages state them."""

import pytest

from .bench import FILM, clip, picture, sound

BASE = "/api/open/v1/video/generations"


def body(prompt="A kite over the dunes", **given):
    """Return the body of a submit."""
    return {
        "model": "seedance-2.0",
        "prompt": prompt,
        "aspectRatio": "16:9",
        "duration": 5,
        "resolution": "720p",
    } | given


async def submitted(bench, sent):
    """Submit, and return the task's id."""
    status, answer = await bench.ask("seedance2ink", "POST", BASE, sent)
    assert (status, answer["success"], answer["status"]) == (200, True, "queued")
    return answer["requestId"]


async def asked(bench, task_id):
    """Return a task as it is told now."""
    return (await bench.ask("seedance2ink", "GET", f"{BASE}/{task_id}"))[1]


async def test_a_submit_tells_its_price(bench):
    """Five seconds of 720p are the forty credits of the page's example, charged at once."""
    _, answer = await bench.ask("seedance2ink", "POST", BASE, body())

    assert list(answer) == ["success", "requestId", "status", "creditsCharged"]
    assert (answer["creditsCharged"], bench.stand_ins.ledger.charged()) == (40, 40.0)
    assert answer["requestId"].startswith("req_")


async def test_the_states_come_in_order_and_end_with_a_film(bench):
    """Queued, processing, succeeded; `output` only at the end, and `error` null."""
    task_id = await submitted(bench, body())
    seen = []
    for _ in range(21):
        seen.append((answer := await asked(bench, task_id))["status"])
        await bench.time.go(5)

    assert list(dict.fromkeys(seen)) == ["queued", "processing", "succeeded"]
    assert (answer["error"], answer["output"]["type"]) == (None, "video")
    async with bench.session.get(answer["output"]["url"]) as film:
        assert await film.read() == FILM


async def test_a_query_has_the_fields_of_the_page(bench):
    """Neither resolution nor progress nor times, and nothing of the metadata."""
    answer = await asked(bench, await submitted(bench, body(metadata={"mine": 1})))

    expected = "success requestId status model prompt duration aspectRatio output error"
    assert expected.split() == list(answer)


async def test_a_wrong_key_gets_the_envelope(bench):
    """`unauthorized`, word for word."""
    status, answer = await bench.ask("seedance2ink", "POST", BASE, body(), Authorization="Bearer no")

    error = {"code": "unauthorized", "message": "Invalid API key"}
    assert (401, {"success": False, "error": error}) == (status, answer)


async def test_the_models_ask_for_no_key(bench):
    """The page's example sends none."""
    async with bench.session.get(f"{bench.stand_ins.seedance2ink_url}/api/open/v1/models") as answer:
        models = [item["id"] for item in (await answer.json())["data"]]

    assert models == ["seedance-2.0", "seedance-2.0-fast", "seedance-1.5-pro"]


@pytest.mark.parametrize(
    "given",
    [
        {"model": "seedance-2.0-pro"},
        {"prompt": " "},
        {"aspectRatio": "4:3"},
        {"duration": 4.5},
        {"model": "seedance-1.5-pro", "duration": 8},
        {"resolution": "2k"},
        {"metadata": "x"},
        {"mediaUrls": []},
        {"mediaUrls": ["https://example.com/a.png"] * 6},
        {"webhookUrl": "ftp://example.com"},
    ],
)
async def test_bad_parameters_are_refused_and_cost_nothing(bench, given):
    """400 with `success: false`."""
    status, answer = await bench.ask("seedance2ink", "POST", BASE, body(**given))

    assert (
        status,
        answer["success"],
        answer["error"]["code"],
        bench.stand_ins.ledger.charged(),
    ) == (400, False, "invalid_request", 0)


@pytest.mark.parametrize(
    ("files", "mode"),
    [
        ([picture()], "first_frame"),
        ([picture()] * 2, "first_last_frame"),
        ([picture(), clip(), sound()], "reference"),
    ],
)
async def test_the_mode_follows_from_the_material(bench, files, mode):
    """As at maxapi; the files are fetched before the answer."""
    urls = [bench.listener.host(f"{number}.x", data) for number, data in enumerate(files)]
    await submitted(bench, body(mediaUrls=urls))

    assert mode == bench.stand_ins.ledger.tasks[0].mode


async def test_a_cancelled_task_stays_cancelled(bench):
    """Cancel works once, for a task that hasn't ended; afterwards 409."""
    task_id = await submitted(bench, body())
    first = await bench.ask("seedance2ink", "POST", f"{BASE}/{task_id}/cancel")
    await bench.time.go(200)
    second = await bench.ask("seedance2ink", "POST", f"{BASE}/{task_id}/cancel")

    assert (200, {"success": True, "requestId": task_id, "status": "cancelled"}) == first
    assert (second[0], second[1]["success"]) == (409, False)
    assert ((answer := await asked(bench, task_id))["status"], answer["output"]) == ("cancelled", None)


@pytest.mark.parametrize(("prompt", "code"), [("forbidden face", "content_moderation")])
async def test_a_failed_task_has_an_error(bench, prompt, code):
    """Code and message, and no film."""
    task_id = await submitted(bench, body(prompt))
    await bench.time.go(100)
    answer = await asked(bench, task_id)

    assert ("failed", code, None) == (answer["status"], answer["error"]["code"], answer["output"])


async def test_moderation_at_submit(bench):
    """Refused in the envelope, before a credit is taken."""
    status, answer = await bench.ask("seedance2ink", "POST", BASE, body("forbidden"))

    assert (
        status,
        answer["error"]["code"],
        bench.stand_ins.ledger.charged(),
    ) == (400, "content_moderation", 0)


async def test_without_credit_nothing_is_taken_on(bench):
    """402 when the balance is smaller than the price."""
    bench.stand_ins.studios["seedance2ink"].settings.balance = 39
    status, answer = await bench.ask("seedance2ink", "POST", BASE, body())

    assert (
        status,
        answer["error"]["code"],
        bench.stand_ins.ledger.tasks,
    ) == (402, "insufficient_credits", [])
