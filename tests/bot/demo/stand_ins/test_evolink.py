"""Laws of the stand-in for EvoLink, as its pages state them."""

import asyncio
from functools import partial

import pytest

from .bench import FILM, clip, picture, sound, until

SUBMIT = "/v1/videos/generations"
KEY = "0123456789abcdef"


def body(prompt="A kite over the dunes", *, way="text", speed="", **given):
    """Return the body of a submit."""
    return {
        "model": f"seedance-2.0{speed}-{way}-to-video",
        "prompt": prompt,
        "duration": 4,
        "quality": "480p",
    } | given


async def submitted(bench, sent, **headers):
    """Submit, and return the task."""
    status, answer = await bench.ask("evolink", "POST", SUBMIT, sent, **headers)
    assert status == 200, answer
    return answer


async def refused(bench, sent, **headers):
    """Submit in vain, at no cost, and return status, code and type."""
    status, answer = await bench.ask("evolink", "POST", SUBMIT, sent, **headers)
    assert bench.stand_ins.ledger.charged() == 0
    return status, answer["error"]["code"], answer["error"]["type"]


async def asked(bench, task):
    """Return a task as it is told now."""
    return (await bench.ask("evolink", "GET", f"/v1/tasks/{task['id']}"))[1]


async def test_a_submit_is_answered_with_the_task(bench):
    """All fields of the page, with the credits that are set aside."""
    task = await submitted(bench, body())

    assert {
        "created": 1_795_262_400,
        "id": task["id"],
        "model": "seedance-2.0-text-to-video",
        "object": "video.generation.task",
        "progress": 0,
        "status": "pending",
        "task_info": {"can_cancel": True, "estimated_time": 100, "video_duration": 4},
        "type": "video",
        "usage": {"billing_rule": "per_second", "credits_reserved": 25.004, "user_group": "default"},
    } == task
    assert task["id"].startswith("task-unified-1795262400-")


async def test_progress_grows_to_a_hundred(bench):
    """Pending, processing, completed; progress only grows, and is 100 with the film."""
    task, seen = await submitted(bench, body()), []
    for _ in range(21):
        seen.append(answer := await asked(bench, task))
        await bench.time.go(5)

    assert list(dict.fromkeys(item["status"] for item in seen)) == ["pending", "processing", "completed"]
    progress = [item["progress"] for item in seen]
    assert (sorted(progress), 0, 100) == (progress, progress[0], progress[-1])
    assert len(set(progress)) > 5
    async with bench.session.get(answer["results"][0]) as film:
        assert await film.read() == FILM
    assert (answer["usage"]["credits_used"], answer["usage"]["cost"]["credits"]) == (25.004, 25.004)


@pytest.mark.parametrize(("quality", "sounding"), [("480p", False), ("720p", True)])
@pytest.mark.parametrize("speed", ["", "-fast"])
@pytest.mark.parametrize(
    ("way", "files", "mode"),
    [
        ("text", {}, "text"),
        ("image", {"image_urls": 1}, "first_frame"),
        ("image", {"image_urls": 2}, "first_last_frame"),
        ("reference", {"image_urls": 1}, "reference"),
        ("reference", {"image_urls": 1, "video_urls": 1, "audio_urls": 1}, "reference"),
    ],
)
async def test_all_six_models_take_what_they_should(bench, quality, sounding, speed, way, files, mode):
    """The model says the mode; what is asked for reaches the film."""
    data = {"image_urls": picture(), "video_urls": clip(), "audio_urls": sound()}
    given = {
        name: [bench.listener.host(f"{name}{number}", data[name]) for number in range(count)]
        for name, count in files.items()
    }
    await submitted(
        bench,
        body(way=way, speed=speed, quality=quality, aspect_ratio="21:9", generate_audio=sounding, **given),
    )
    await bench.time.go(100)
    (order,) = bench.ordered

    assert mode == bench.stand_ins.ledger.tasks[0].mode
    size = {"480p": (992, 432), "720p": (1470, 630)}[quality]
    assert (*size, 4, sounding) == (order.width, order.height, order.seconds, order.sound)


async def test_adaptive_takes_the_ratio_of_the_first_picture(bench):
    """A tall picture makes a tall film; without one it is 16:9."""
    url = bench.listener.host("a.png", picture(600, 800))
    await submitted(bench, body(way="image", image_urls=[url], aspect_ratio="adaptive"))
    await submitted(bench, body(aspect_ratio="adaptive"))
    await bench.time.go(100)

    assert [(order.width, order.height) for order in bench.ordered] == [(560, 752), (864, 496)]


@pytest.mark.parametrize(
    "given",
    [
        {"prompt": ""},
        {"duration": 3},
        {"duration": -1},
        {"quality": "1080p"},
        {"resolution": "480p", "quality": "4k"},
        {"aspect_ratio": "2:1"},
        {"generate_audio": 1},
        {"model_params": {"web_search": "yes"}},
        {"image_urls": ["https://example.com/a.png"]},
        {"way": "image"},
        {"way": "image", "image_urls": ["https://example.com/a.png"] * 3},
        {"way": "image", "video_urls": ["https://example.com/a.mp4"]},
        {"way": "image", "model_params": {"web_search": True}},
        {"way": "reference"},
        {"way": "reference", "audio_urls": ["https://example.com/a.mp3"]},
        {"way": "reference", "image_urls": ["https://example.com/a.png"] * 10},
        {"callback_url": "https://192.168.0.1/x"},
        {"callback_url": "http://example.com/x"},
        {"callback_url": f"https://example.com/{'x' * 2048}"},
    ],
)
async def test_bad_parameters_are_an_error_object(bench, given):
    """400, `invalid_parameters`, and not a credit."""
    assert await refused(bench, body(**given)) == (400, "invalid_parameters", "invalid_request_error")


@pytest.mark.parametrize(
    ("name", "file", "code"),
    [
        ("image_urls", partial(picture, 299, 400), "image_dimension_mismatch"),
        ("image_urls", partial(picture, 1600, 600), "image_dimension_mismatch"),
        ("image_urls", partial(picture, kind="GIF"), "invalid_parameters"),
        ("image_urls", partial(bytes, 20), "image_processing_error"),
        ("image_urls", partial(clip), "invalid_parameters"),
        ("video_urls", partial(clip, 1.0), "invalid_parameters"),
        ("video_urls", partial(clip, 2.0, rate=12), "invalid_parameters"),
        ("video_urls", partial(clip, 2.0, size=(480, 480)), "invalid_parameters"),
        ("video_urls", partial(clip, 2.0, size=(1280, 736)), "invalid_parameters"),
        ("audio_urls", partial(sound, 1.5), "invalid_parameters"),
        ("audio_urls", partial(sound, 15.5), "invalid_parameters"),
    ],
)
async def test_files_are_held_to_their_rules(bench, name, file, code):
    """Kind, sides, ratio, area, speed and length are read from the fetched bytes."""
    given = {"image_urls": [bench.listener.host("good.png", picture())]}
    given |= {name: [bench.listener.host("bad", file())]}

    assert (400, code, "invalid_request_error") == await refused(bench, body(way="reference", **given))


async def test_lengths_count_together(bench):
    """Two clips of eight seconds are one second too many."""
    urls = [bench.listener.host(name, clip(8.0)) for name in ("a", "b")]

    assert (await refused(bench, body(way="reference", video_urls=urls)))[1] == "invalid_parameters"


async def test_an_unknown_model_is_not_found(bench):
    """404, as the table of errors says."""
    assert await refused(bench, body(way="dream")) == (404, "model_not_found", "not_found_error")


async def test_a_wrong_key(bench):
    """401 with an authentication error, whose code is a number here."""
    answer = await refused(bench, body(), Authorization="Bearer no")

    assert answer == (401, 401, "authentication_error")


async def test_moderation_now_and_later(bench):
    """At once: 400. By review: a failed task, whose reservation comes back."""
    assert await refused(bench, body("forbidden")) == (
        400,
        "content_policy_violation",
        "invalid_request_error",
    )
    task = await submitted(bench, body("a forbidden face"))
    await bench.time.go(100)
    answer = await asked(bench, task)

    assert (answer["status"], answer["error"]["code"]) == ("failed", "content_policy_violation")
    assert bench.stand_ins.ledger.charged() == 0


@pytest.mark.parametrize(
    ("prompt", "given", "said"),
    [
        ("a forbidden face", {}, "InputImageSensitiveContentDetected.PrivacyInformation"),
        ("a forbidden sound", {}, "OutputAudioSensitiveContentDetected"),
        ("a forbidden sound", {"generate_audio": False}, None),
    ],
)
async def test_review_says_what_it_is_about(bench, prompt, given, said):
    """A face, or the sound that was made, which can't be where there is none."""
    task = await submitted(bench, body(prompt, **given))
    await bench.time.go(100)
    answer = await asked(bench, task)

    assert said == (answer["error"]["message"].partition(":")[0] if "error" in answer else None)


async def test_a_clip_is_billed_with_the_film(bench):
    """A clip has its own rate, and counts as long as the film at least."""
    url = bench.listener.host("clip", clip(2.0))
    task = await submitted(bench, body(way="reference", video_urls=[url], quality="720p"))

    assert round(8 * 8.222, 3) == task["usage"]["credits_reserved"]


async def test_the_same_key_makes_one_task(bench):
    """A replay gets the first task and says so; another body is a conflict; without a key there are two."""
    first = await submitted(bench, body(), Idempotency_Key=KEY)
    url = f"{bench.stand_ins.evolink_url}{SUBMIT}"
    headers = {"Authorization": "Bearer sk-evo-demo", "Idempotency-Key": KEY}
    async with bench.session.post(url, json=body(), headers=headers) as again:
        replayed = (again.status, again.headers["idempotency-replayed"], (await again.json())["id"])
    conflict = await bench.ask("evolink", "POST", SUBMIT, body("Else"), Idempotency_Key=KEY)

    assert (200, "true", first["id"]) == replayed
    assert (conflict[0], conflict[1]["error"]["code"]) == (409, "idempotency_conflict")
    assert [entry.idempotency_key for entry in bench.stand_ins.ledger.charges] == [KEY]
    await submitted(bench, body())
    await submitted(bench, body())
    assert len(bench.stand_ins.ledger.tasks) == 3


async def test_a_key_in_flight_is_undecided(bench):
    """While the first request is still looked at, the second hears `paid_outcome_unknown`."""
    gate = asyncio.Event()
    fetch = bench.stand_ins.studios["evolink"].fetcher.fetch

    async def slow(urls):
        await gate.wait()
        return await fetch(urls)

    bench.stand_ins.studios["evolink"].fetcher.fetch = slow
    sent = body(way="image", image_urls=[bench.listener.host("a", picture())])
    first = asyncio.create_task(submitted(bench, sent, Idempotency_Key=KEY))
    await until(lambda: bench.stand_ins.ledger.requests)
    second = await bench.ask("evolink", "POST", SUBMIT, sent, Idempotency_Key=KEY)
    gate.set()

    assert (second[0], second[1]["error"]["code"]) == (409, "paid_outcome_unknown")
    assert (await first)["status"] == "pending"


@pytest.mark.parametrize("key", ["short", "x" * 97, "0123456789abcde/"])
async def test_a_key_has_a_shape(bench, key):
    """16 to 96 of letters, digits, dot, underscore and hyphen."""
    assert (await refused(bench, body(), Idempotency_Key=key))[0] == 400


async def test_a_refused_submit_frees_its_key(bench):
    """After a 400 the same key may be used with a better body."""
    await refused(bench, body(duration=99), Idempotency_Key=KEY)

    assert (await submitted(bench, body(), Idempotency_Key=KEY))["status"] == "pending"


async def test_ids_have_a_format(bench):
    """A malformed id is 400, word for word; an unknown one 404."""
    malformed = await bench.ask("evolink", "GET", "/v1/tasks/abc")
    unknown = await bench.ask("evolink", "GET", "/v1/tasks/task-unified-1-abc")

    error = {
        "code": "invalid_task_id",
        "message": "Invalid task ID format, must start with 'task-unified-'",
        "type": "invalid_request_error",
        "param": "task_id",
    }
    assert (400, {"error": error}) == malformed
    assert (unknown[0], unknown[1]["error"]["type"]) == (404, "not_found_error")


async def test_credits_are_reserved_and_come_back(bench):
    """The balance sinks at submit and rises again when there is no film."""

    async def left():
        return (await bench.ask("evolink", "GET", "/v1/credits"))[1]["data"]["user"]["remaining_credits"]

    before = await left()
    await submitted(bench, body("a forbidden face"))
    during = await left()
    await bench.time.go(100)

    assert (before, during, await left()) == (100_000.0, 99_974.996, 100_000.0)


async def test_tasks_are_listed_without_films(bench):
    """Newest first, by status, page by page; a batch has the films."""
    tasks = [await submitted(bench, body(f"take {number}")) for number in range(3)]
    await bench.time.go(100)
    listed = (await bench.ask("evolink", "GET", "/v1/tasks?status=completed&page=1&page_size=2"))[1]
    batch = (await bench.ask("evolink", "POST", "/v1/tasks/batch", {"task_ids": [tasks[0]["id"]]}))[1]

    assert [tasks[2]["id"], tasks[1]["id"]] == [item["id"] for item in listed["data"]]
    assert (listed["total"], listed["page"], listed["page_size"]) == (3, 1, 2)
    assert ["results" in item for item in listed["data"]] == [False, False]
    assert [len(item["results"]) for item in batch["data"]] == [1]


async def test_six_models_are_offered(bench):
    """Standard and fast, in three ways each."""
    _, answer = await bench.ask("evolink", "GET", "/v1/models")

    assert len(answer["data"]) == 6
