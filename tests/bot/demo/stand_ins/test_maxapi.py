"""Laws of the stand-in for maxapi.io, as its pages state them."""

from functools import partial

import pytest

from .bench import FILM, clip, picture, sound

SUBMIT = "/api/v1/task/submit"


def body(prompt="A kite over the dunes", *, model="seedance-2.0", **given):
    """Return the body of a submit."""
    return {
        "model": model,
        "input": {"prompt": prompt, "ratio": "16:9", "resolution": "480p", "duration": 5, "fallback": False}
        | given,
    }


async def submitted(bench, sent):
    """Submit, and return the task's id."""
    status, answer = await bench.ask("maxapi", "POST", SUBMIT, sent)
    assert (status, answer["code"], answer["msg"], list(answer["data"])) == (200, 0, "ok", ["taskId"])
    return answer["data"]["taskId"]


async def asked(bench, task_id):
    """Return a task as it is told now."""
    return (await bench.ask("maxapi", "GET", f"/api/v1/task/{task_id}"))[1]["data"]


async def ended(bench, task_id):
    """Wait for a task's end, and return it as it is then told."""
    task = bench.stand_ins.studios["maxapi"].tasks[task_id]
    await bench.time.run(lambda: task.ended)
    return await asked(bench, task_id)


async def test_the_states_come_in_the_order_of_the_page(bench):
    """PENDING, PROCESSING, SUBMITTED, SUCCESS: and each can be seen."""
    task_id = await submitted(bench, body())
    seen = []
    for _ in range(21):
        seen.append((await asked(bench, task_id))["status"])
        await bench.time.go(5)

    assert list(dict.fromkeys(seen)) == ["PENDING", "PROCESSING", "SUBMITTED", "SUCCESS"]


async def test_the_film_is_told_only_at_success(bench):
    """`result` and `failure_reason` are always there, and null until there is something to tell."""
    task_id = await submitted(bench, body())
    early = await asked(bench, task_id)
    late = await ended(bench, task_id)

    assert (early["result"], early["failure_reason"]) == (None, None)
    assert (late["result"]["type"], len(late["result"]["urls"])) == ("video", 1)
    async with bench.session.get(late["result"]["urls"][0]) as film:
        assert (200, "video/mp4", len(FILM), FILM) == (
            film.status,
            film.content_type,
            film.content_length,
            await film.read(),
        )


async def test_the_query_repeats_the_input(bench):
    """The model moves into `input`, beside what was sent there; times are ISO 8601 in UTC."""
    task_id = await submitted(bench, body())
    data = await asked(bench, task_id)

    assert {"model": "seedance-2.0"} | body()["input"] == data["input"]
    assert data["created_at"] == "2026-11-21T12:00:00.000000Z"


async def test_a_wrong_key_is_unauthorized(bench):
    """Whatever the path, a wrong key gets code 401."""
    for path in (SUBMIT, "/api/v1/task/x"):
        status, answer = await bench.ask("maxapi", "POST", path, {}, Authorization="Bearer wrong")

        assert (status, answer) == (401, {"code": 401, "msg": "unauthorized"})


@pytest.mark.parametrize(
    "sent",
    [
        body(model="seedance-3"),
        body(""),
        body(ratio="21:9"),
        body(resolution="4k"),
        body(duration=3),
        body(duration=16),
        body(duration="5"),
        body(duration=True),
        body(model="seedance-1.5-pro", duration=6),
        body(fallback="false"),
        body(mediaUrls="https://example.com/a.png"),
        body(mediaUrls=["http://example.com/a.png"]),
        body(mediaUrls=["https://10.0.0.1/a.png"]),
        body(model="seedance-2.0-pro", mediaUrls=["https://example.com/a.png"]),
        {"model": "seedance-2.0"},
        [],
    ],
)
async def test_bad_parameters_are_a_body_with_code_400(bench, sent):
    """They are told in the body, under HTTP 200, and nothing is charged."""
    status, answer = await bench.ask("maxapi", "POST", SUBMIT, sent)

    assert (status, answer["code"], bench.stand_ins.ledger.charges) == (200, 400, [])


async def test_body_errors_can_have_a_status(bench):
    """The pages don't say which HTTP status goes with code 400: it can be set."""
    bench.stand_ins.studios["maxapi"].settings.error_status = 400

    assert (await bench.ask("maxapi", "POST", SUBMIT, body("")))[0] == 400


async def test_moderation_at_submit_names_its_categories(bench):
    """Code 400, a fixed sentence, `flagged`, and thirteen booleans; nothing is charged."""
    _, answer = await bench.ask("maxapi", "POST", SUBMIT, body("Something Forbidden"))

    assert (
        answer["code"],
        answer["msg"],
        answer["data"]["flagged"],
    ) == (400, "content rejected by moderation", True)
    assert [bool] * 13 == [type(value) for value in answer["data"]["categories"].values()]
    assert bench.stand_ins.ledger.charged() == 0


async def test_the_second_review_keeps_a_surcharge(bench):
    """CONTENT_MODERATION gives back all but one percent."""
    data = await ended(bench, await submitted(bench, body("A forbidden face")))

    assert (data["status"], data["failure_reason"], data["result"]) == ("FAILURE", "CONTENT_MODERATION", None)
    assert bench.stand_ins.ledger.charged() == 0.25


@pytest.mark.parametrize(
    ("kinds", "mode"),
    [
        (["picture"], "first_frame"),
        (["picture"] * 2, "first_last_frame"),
        (["picture"] * 3, "reference"),
        (["sound"], "reference"),
        (["picture", "clip", "sound"], "reference"),
    ],
)
async def test_the_mode_follows_from_the_material(bench, kinds, mode):
    """One picture begins the film, two begin and end it, anything else is reference."""
    files = {"picture": picture(), "clip": clip(), "sound": sound()}
    urls = [bench.listener.host(f"{number}.x", files[kind]) for number, kind in enumerate(kinds)]
    data = await ended(bench, await submitted(bench, body(mediaUrls=urls)))

    assert ("SUCCESS", mode) == (data["status"], bench.stand_ins.ledger.tasks[0].mode)
    assert urls == [entry.url for entry in bench.stand_ins.ledger.media]


@pytest.mark.parametrize(
    ("model", "files"),
    [
        ("seedance-2.0", []),
        ("seedance-2.0", [partial(picture)] * 10),
        ("seedance-2.0", [partial(picture)] * 13),
        ("seedance-2.0", [partial(clip, 8.0), partial(clip, 8.0)]),
        ("seedance-2.0", [partial(sound, 16.0)]),
        ("seedance-2.0", [partial(bytes, 20)]),
        ("seedance-2.0", [None]),
        ("seedance-1.5-pro", [partial(picture)] * 3),
        ("seedance-1.5-pro", [partial(picture), partial(clip)]),
    ],
)
async def test_bad_material_fails_later(bench, model, files):
    """The rules for `mediaUrls` are looked at after accepting: FAILURE with INVALID_PARAMETERS."""
    urls = [
        bench.listener.host(f"{number}.x", file()) if file else f"{bench.listener.url}/media/missing"
        for number, file in enumerate(files)
    ]
    data = await ended(bench, await submitted(bench, body(model=model, mediaUrls=urls)))

    assert (data["status"], data["failure_reason"]) == ("FAILURE", "INVALID_PARAMETERS")


@pytest.mark.parametrize(("file", "sounding"), [(picture, False), (sound, True)])
async def test_a_given_sound_is_heard(bench, file, sounding):
    """There is no switch: only a film with a sound among its material has sound."""
    url = bench.listener.host("a", file())
    await ended(bench, await submitted(bench, body(mediaUrls=[url])))

    assert bench.ordered[0].sound == sounding


async def test_older_models_take_image_urls(bench):
    """`seedance-2.0-pro` begins with the first of `imageUrls` and ends with the second."""
    urls = [bench.listener.host("a.png", picture(colour="red")), bench.listener.host("b.png", picture())]
    data = await ended(bench, await submitted(bench, body(model="seedance-2.0-pro", imageUrls=urls)))

    assert ("SUCCESS", urls) == (data["status"], data["input"]["imageUrls"])
    assert (picture(colour="red"), picture()) == (bench.ordered[0].first, bench.ordered[0].last)


async def test_an_unknown_task_is_not_found(bench):
    """A task of nobody is code 404."""
    assert (
        (answer := await bench.ask("maxapi", "GET", "/api/v1/task/no"))[0],
        answer[1]["code"],
    ) == (404, 404)


async def test_one_task_too_many_waits(bench):
    """Beyond the places there are, 429 says when to come back; an ended task makes room."""
    bench.stand_ins.studios["maxapi"].settings.concurrent = 1
    task_id = await submitted(bench, body())
    url = f"{bench.stand_ins.maxapi_url}{SUBMIT}"
    async with bench.session.post(
        url, json=body(), headers={"Authorization": "Bearer maxapi-demo-key"}
    ) as answer:
        assert (answer.status, answer.headers["Retry-After"]) == (429, "5")
    await ended(bench, task_id)
    await submitted(bench, body())


async def test_a_film_lives_for_seven_days(bench):
    """A second before the end it is there, then it is not."""
    data = await ended(bench, await submitted(bench, body()))
    seen = []
    finished = bench.stand_ins.studios["maxapi"].tasks[data["taskId"]].updated_at
    for days in (7 - 1 / 86_400, 7):
        await bench.time.go((finished - bench.time.now).total_seconds() + days * 86_400)
        async with bench.session.get(data["result"]["urls"][0]) as film:
            seen.append(film.status)

    assert seen == [200, 403]


async def test_fields_that_no_page_names_are_noted(bench):
    """They are taken, as the provider would, and the ledger points at them."""
    await submitted(bench, body(seed=7) | {"user_id": "x", "priority": 1})

    assert bench.stand_ins.ledger.tasks[0].undocumented == ["priority", "input.seed"]
