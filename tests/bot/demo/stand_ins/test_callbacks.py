"""Laws of calling back: each provider's timeout and retries, and what faults make of it."""

import pytest

from bot.demo.stand_ins.evolink import Evolink
from bot.demo.stand_ins.maxapi import Maxapi
from bot.demo.stand_ins.records import Fault
from bot.demo.stand_ins.seedance2ink import Seedance2Ink

from .bench import settle, until

SUBMITS = {
    "maxapi": (
        "/api/v1/task/submit",
        lambda callback: {"model": "seedance-2.0", "callBackUrl": callback, "input": {"prompt": "A kite"}},
    ),
    "seedance2ink": (
        "/api/open/v1/video/generations",
        lambda callback: {"model": "seedance-2.0", "prompt": "A kite", "webhookUrl": callback},
    ),
    "evolink": (
        "/v1/videos/generations",
        lambda callback: {
            "model": "seedance-2.0-text-to-video",
            "prompt": "A kite",
            "callback_url": callback,
        },
    ),
}
QUERIES = {
    "maxapi": "/api/v1/task/{}",
    "seedance2ink": "/api/open/v1/video/generations/{}",
    "evolink": "/v1/tasks/{}",
}


async def submitted(bench, provider):
    """Submit with a callback and return the task."""
    path, body = SUBMITS[provider]
    status, answer = await bench.ask(provider, "POST", path, body(bench.callback))
    assert status == 200, answer
    return list(bench.stand_ins.studios[provider].tasks.values())[-1]


async def tries(bench, provider):
    """Run a task to its end and return the callback's answers, once no more will come."""
    task = await submitted(bench, provider)
    await bench.time.run(lambda: task.ended)
    errands = bench.stand_ins.studios[provider]._errands
    await bench.time.run(lambda: not errands)
    return [entry.status for entry in bench.stand_ins.ledger.callbacks]


@pytest.mark.parametrize("provider", SUBMITS)
async def test_a_callback_is_the_querys_answer(bench, provider):
    """Its body is, field for field, what a query says at that moment."""
    assert await tries(bench, provider) == [204]
    task_id = bench.stand_ins.ledger.tasks[0].id
    _, answer = await bench.ask(provider, "GET", QUERIES[provider].format(task_id))

    assert [answer] == bench.listener.heard == [bench.stand_ins.ledger.callbacks[0].body]


@pytest.mark.parametrize(
    ("provider", "expected"),
    [("maxapi", [500]), ("seedance2ink", [500]), ("evolink", [500, 404, 302, 204])],
)
async def test_only_evolink_tries_again(bench, provider, expected):
    """Three more tries there, none elsewhere; only 2xx counts as received."""
    bench.listener.answers = [500, 404, 302, 204]

    assert expected == await tries(bench, provider)


async def test_evolink_waits_one_two_four_seconds(bench):
    """And then gives up."""
    bench.listener.answers = [500] * 9
    answers = await tries(bench, "evolink")

    assert (answers, bench.time.slept[-3:]) == ([500] * 4, [1.0, 2.0, 4.0])


async def test_nobody_there_is_a_failure_too(bench):
    """A refused connection is written down, and tried again."""
    task = await submitted(bench, "evolink")
    await bench.listener._runner.cleanup()
    await bench.time.run(lambda: len(bench.stand_ins.ledger.callbacks) == 4)
    await until(lambda: bench.stand_ins.ledger.callbacks[-1].error)

    assert (task.ended, [entry.status for entry in bench.stand_ins.ledger.callbacks]) == (True, [0] * 4)


async def test_a_listener_that_hangs_is_given_up(bench):
    """No answer within the provider's patience is a failure."""
    bench.stand_ins.studios["evolink"].settings.callback_timeout = 0.05
    bench.listener.answers = [0]

    assert await tries(bench, "evolink") == [0, 204]
    assert "TimeoutError" in bench.stand_ins.ledger.callbacks[0].error


def test_the_rules_are_those_of_the_pages():
    """Five seconds and no retry at maxapi; ten seconds and 1, 2, 4 at EvoLink; one POST at seedance2.ink."""
    rules = {
        one.manners.name: (one.settings.callback_timeout, one.settings.callback_retries)
        for one in (Maxapi, Seedance2Ink, Evolink)
    }

    assert rules == {"maxapi": (5.0, ()), "seedance2ink": (10.0, ()), "evolink": (10.0, (1.0, 2.0, 4.0))}


@pytest.mark.parametrize(("kind", "expected"), [("lost_callback", 0), ("double_callback", 2)])
async def test_callbacks_can_be_lost_or_doubled(bench, kind, expected):
    """Once, as the fault says; the next task's callback is as it should be."""
    bench.stand_ins.order(Fault(kind=kind))

    assert expected == len(await tries(bench, "maxapi"))
    assert expected + 1 == len(await tries(bench, "maxapi"))


async def test_callbacks_can_be_late(bench):
    """The task has ended; its callback comes when the fault lets it."""
    bench.stand_ins.order(Fault(kind="late_callback", seconds=3600))
    task = await submitted(bench, "seedance2ink")
    await bench.time.go(3600)
    await settle()
    early = list(bench.listener.heard)
    await bench.time.go(100)
    await until(lambda: bench.listener.heard)

    assert (task.ended, early, len(bench.listener.heard)) == (True, [], 1)
