"""Laws of running the stand-ins."""

import ast
import asyncio
import io
from pathlib import Path

import aiohttp
import pytest
from dotenv import dotenv_values

import bot.demo.stand_ins
from bot.demo.stand_ins import KEYS, StandIns, serve

from .bench import FILM, Time, until

ALLOWED = {"aiohttp", "av", "PIL", "pydantic"}
OURS = ("bot.demo.stand_ins", "bot.demo.film")
PACKAGE = Path(bot.demo.stand_ins.__file__).parent


async def cheap(order):
    """Draw nothing."""
    del order
    return FILM


async def ids(seed, prompts):
    """Submit some prompts and return their ids and times."""
    time = Time()
    async with (
        StandIns(pace=(5, 20), seed=seed, clock=time.clock, sleep=time.sleep, film=cheap) as stand_ins,
        aiohttp.ClientSession(headers={"Authorization": "Bearer maxapi-demo-key"}) as session,
    ):
        for prompt in prompts:
            body = {"model": "seedance-2.0", "input": {"prompt": prompt}}
            async with session.post(f"{stand_ins.maxapi_url}/api/v1/task/submit", json=body):
                pass
        return {
            task.order.prompt: (task_id, task.takes)
            for task_id, task in stand_ins.studios["maxapi"].tasks.items()
        }


async def test_the_same_seed_is_the_same_again():
    """Ids in the order of asking; times by prompt, within the pace."""
    first, again, other = await ids(7, "abc"), await ids(7, "abc"), await ids(8, "abc")
    turned = await ids(7, "cba")

    assert first == again != other
    assert {prompt: takes for prompt, (_, takes) in first.items()} == {
        prompt: takes for prompt, (_, takes) in turned.items()
    }
    assert all(5 <= takes <= 20 for _, takes in first.values())


async def test_serve_says_where_they_are_and_ends_when_cancelled():
    """One setting per line, ready to be pasted into `.env`; then until cancelled."""
    said = []
    running = asyncio.create_task(serve(port=0, say=said.append))
    await until(lambda: len(said) == 8)
    async with aiohttp.ClientSession() as session:
        url = said[-1].removeprefix("# control API: ")
        async with session.get(url) as answer:
            named = await answer.json()
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running

    addresses = {f"{name.upper()}_BASE_URL": url for name, url in named.items()}
    keys = {f"{name.upper()}_API_KEY": key for name, key in KEYS.items()}
    assert {**addresses, **keys, "TRUSTED_HOSTS": "127.0.0.1"} == dotenv_values(
        stream=io.StringIO("\n".join(said))
    )


async def test_leaving_stops_films_that_are_being_drawn():
    """A long film doesn't hold anybody up."""
    async with StandIns(pace=0.0) as stand_ins, aiohttp.ClientSession() as session:
        body = {
            "model": "seedance-2.0",
            "input": {"prompt": "long", "duration": 15, "resolution": "1080p"},
        }
        headers = {"Authorization": "Bearer maxapi-demo-key"}
        async with session.post(
            f"{stand_ins.maxapi_url}/api/v1/task/submit", json=body, headers=headers
        ) as answer:
            task_id = (await answer.json())["data"]["taskId"]
        await until(lambda: stand_ins.studios["maxapi"].tasks[task_id].word == "SUBMITTED")
        begun = asyncio.get_running_loop().time()

    assert asyncio.get_running_loop().time() - begun < 2


async def test_a_film_is_made_for_real():
    """From the submit to bytes that begin like an MP4, with the real projector."""
    async with StandIns(pace=0.0) as stand_ins, aiohttp.ClientSession() as session:
        headers = {"Authorization": "Bearer sk-evo-demo"}
        body = {"model": "seedance-2.0-text-to-video", "prompt": "A kite", "duration": 4, "quality": "480p"}
        async with session.post(
            f"{stand_ins.evolink_url}/v1/videos/generations", json=body, headers=headers
        ) as answer:
            task = stand_ins.studios["evolink"].tasks[(await answer.json())["id"]]
        await until(lambda: task.ended)

    assert (task.film[4:8], task.word) == (b"ftyp", "completed")


@pytest.mark.parametrize("path", sorted(PACKAGE.glob("*.py")), ids=lambda path: path.stem)
def test_they_are_strangers_to_the_bot(path):
    """No module of theirs imports the bot, so that its mistakes can't hide here."""
    named = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            named |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            named.add(node.module or "")

    assert set() == {
        name
        for name in named
        if name.startswith(("bot", "cogs", "discord", "httpx")) and not name.startswith(OURS)
    }
