"""What can go wrong while a provider works: its own answers, its callbacks, and hours without either."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise, permutations, product
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from structlog.testing import capture_logs

from bot.errors import NotSent, OutcomeUnknown, ProviderUnavailable, TaskNotFound
from bot.models import Cost, Limit, ProviderTask, Status, TaskStatus
from bot.providers import PROVIDERS
from bot.quotas import Limits
from tests.bot.tracker.conftest import a_world
from tests.fakes import ANNA, BEN, NOON, RUNNING, SUCCESS, Clock, FakeProvider

pytestmark = pytest.mark.usefixtures("on_both")
FREE = Limits(user_day=Limit(), at_once=None)
URL = "https://films.example/1.mp4"
REST = {
    TaskStatus.SUCCEEDED: Status.DELIVERED,
    TaskStatus.FAILED: Status.FAILED,
    TaskStatus.CANCELLED: Status.FAILED,
    TaskStatus.REFUSED: Status.REFUSED,
}


async def called_back(world, generation, named="t1"):
    """Let the provider call, and name a task."""
    await world.store.name_task(generation.id, named, provider=generation.request.provider)
    await world.store.wake(generation.id, world.clock())


class Busy(FakeProvider):
    """Turns away two asks of five."""

    def __init__(self, name, random, clock):
        super().__init__(name, concurrency=50)
        self.random, self.clock = random, clock
        self.moments = []
        self.quiet_until = clock()

    async def fetch(self, task_id):
        """Answer, or not."""
        self.moments.append((self.clock(), self.quiet_until))
        if self.random.random() < 0.4:
            wait = self.random.choice([None, timedelta(seconds=45)])
            self.quiet_until = self.clock() + (wait or timedelta(seconds=10))
            raise ProviderUnavailable(self.name, retry_after=wait, busy=True)
        return await super().fetch(task_id)


@pytest.mark.parametrize("seed", range(3))
async def test_two_asks_of_five_turned_away_slow_all_asks_and_fail_nothing(tmp_path, seed):
    """429 on a poll: the whole provider is left alone as long as it wants, and every film comes (P-02)."""
    clock = Clock()
    provider = Busy("maxapi", Random(seed), clock)
    async with a_world(tmp_path, provider, clock=clock) as world:
        made = [await world.ask(limits=FREE, prompt=f"cat {n}") for n in range(6)]
        ended = [(await world.until(one, Status.DELIVERED)).status for one in made]

        assert [Status.DELIVERED] * 6 == ended
        assert {at for at, quiet in provider.moments if at < quiet} <= _beside(provider.moments)
        assert world.health.healthy("maxapi")


def _beside(moments):
    """Return the moments at which several asks left together: none could know of the others' answers."""
    return {at for at, count in Counter(at for at, _ in moments).items() if count > 1}


WORDS = st.sampled_from(list(TaskStatus))


@settings(max_examples=8, deadline=None, derandomize=True)
@given(sequences=st.lists(st.lists(WORDS, max_size=7), min_size=4, max_size=4))
async def test_whatever_a_provider_says_one_after_the_other_an_end_stays_an_end(tmp_path_factory, sequences):
    """Unknown words, steps back and jumps: asked on until the first end, and never again (P-10)."""
    async with a_world(tmp_path_factory.mktemp("world")) as world:
        provider = world.providers["maxapi"]
        for sequence in sequences:
            said = [ProviderTask("", status, urls=(URL,), detail=status) for status in sequence]
            provider.fetches.extend(said)
            generation = await world.ask(limits=FREE)
            with capture_logs() as lines:
                ended = await world.until(generation, *REST.values())
            end = next((REST[each] for each in sequence if each in REST), Status.DELIVERED)
            unknown = sum(
                each is TaskStatus.UNKNOWN and before is not TaskStatus.UNKNOWN
                for before, each in zip([None, *sequence], _until_end(sequence), strict=False)
            )

            assert end is ended.status
            assert unknown == len([line for line in lines if line["event"] == "a status we don't know"])
            asked, provider.fetches = len(provider.asked), type(provider.fetches)()
            for _ in range(3):
                await called_back(world, ended, "t9")
                world.clock.forward(hours=1)
                await world.rest()
            later = await world.now(ended)
            assert (ended.status, ended.task_id, ended.urls) == (later.status, later.task_id, later.urls)
            assert asked == len(provider.asked)


def _until_end(sequence):
    ends = [place for place, each in enumerate(sequence) if each in REST]
    return sequence[: ends[0] + 1] if ends else sequence


EVENTS = ("right", "wrong", "empty", "done", "later")


async def test_callbacks_in_any_order_lead_to_the_same_film(tmp_path):
    """Right, wrong, empty, early and late, all 120 orders: one submit, one film, one charge (P-12)."""
    async with a_world(tmp_path) as world:
        provider = world.providers["maxapi"]
        for order in permutations(EVENTS):
            provider.last_fetch = RUNNING
            generation = await world.ask(limits=FREE)
            await world.rest()
            for event in order:
                await _happens(world, generation, event)
            ended = await world.until(generation, Status.DELIVERED)
            film = world.delivery.films(generation.id)
            for named in ("t0", ended.task_id):
                await called_back(world, generation, named)
            await world.rest()

            later = await world.now(ended)
            assert (Status.DELIVERED, ended.task_id) == (later.status, later.task_id)
            assert (1, film) == (len(film), world.delivery.films(generation.id))
        assert Cost(videos=120, seconds=600) == await world.used()
        assert 120 == len(provider.sent)


async def _happens(world, generation, event):
    provider = world.providers["maxapi"]
    match event:
        case "right":
            await called_back(world, generation, (await world.now(generation)).task_id)
        case "wrong":
            await called_back(world, generation, "t0")
        case "empty":
            await world.store.wake(generation.id, world.clock())
        case "done":
            provider.last_fetch = SUCCESS
        case _:
            world.clock.forward(seconds=90)
    await world.rest()


@pytest.mark.parametrize(("name", "answered"), list(product(PROVIDERS, [True, False])))
async def test_a_callback_in_the_middle_of_a_submit_makes_no_second_task(tmp_path, name, answered):
    """While `submitting`, before any answer: known by its own token, adopted once (P-13)."""
    provider = FakeProvider(name)
    if not answered:
        provider.submits.append(OutcomeUnknown(name))
    async with a_world(tmp_path, provider) as world:
        generation = await world.ask()
        provider.on_submit = lambda: called_back(world, generation)
        ended = await world.until(generation, Status.DELIVERED)

        assert (Status.DELIVERED, "t1") == (ended.status, ended.task_id)
        assert 1 == len(provider.sent)
        assert 1 == len(world.delivery.films(generation.id))


@pytest.mark.parametrize(
    ("name", "first", "slowest"), [("maxapi", 60, 300), ("seedance2ink", 15, 60), ("evolink", 10, 30)]
)
async def test_without_a_single_callback_every_film_comes_at_the_providers_pace(
    tmp_path, name, first, slowest
):
    """All callbacks lost: asked first after, and never more often than, what the provider likes (P-15)."""
    provider = FakeProvider(name, concurrency=20)
    provider.pace = PROVIDERS[name].pace
    provider.fetches.extend([RUNNING] * 90)
    moments = []
    async with a_world(tmp_path, provider) as world:
        made = [await world.ask(limits=FREE, prompt=f"cat {n}") for n in range(3)]
        fetch = provider.fetch

        async def noted(task_id):
            moments.append((task_id, world.clock()))
            return await fetch(task_id)

        provider.fetch = noted
        assert [Status.DELIVERED] * 3 == [(await world.until(one, Status.DELIVERED)).status for one in made]
        for one in made:
            asked = [at for task_id, at in moments if task_id == (await world.now(one)).task_id]
            waits = [(b - a).total_seconds() for a, b in zip([NOON, *asked], asked, strict=False)]
            assert first * 0.9 <= waits[0] <= first * 1.1 + 1
            assert all(0.9 * first <= wait <= max(slowest * 1.1, first * 1.1) + 1 for wait in waits)
            assert max(waits) >= slowest * 0.9


@pytest.mark.parametrize(
    ("name", "then", "expected", "reason"),
    [
        ("maxapi", RUNNING, Status.PARKED, "timeout"),
        ("evolink", RUNNING, Status.PARKED, "timeout"),
        ("seedance2ink", RUNNING, Status.PARKED, "timeout"),
        ("seedance2ink", ProviderUnavailable("seedance2ink"), Status.PARKED, "timeout"),
        ("seedance2ink", ProviderTask("", TaskStatus.CANCELLED), Status.FAILED, "timeout"),
        ("seedance2ink", SUCCESS, Status.DELIVERED, None),
    ],
)
async def test_a_task_without_an_end_is_cancelled_where_it_can_be_and_else_parked(
    tmp_path, name, then, expected, reason
):
    """Past the provider's longest time; the quota is free only once nothing is owed any more (P-16)."""
    provider = FakeProvider(name)
    provider.last_fetch = RUNNING

    async def cancel(task_id):
        provider.cancelled.append(task_id)
        provider.last_fetch = then
        return RUNNING

    provider.cancel = cancel
    async with a_world(tmp_path, provider) as world:
        longest = provider.capabilities["seedance-2.0"].longest
        generation = await world.ask()
        ended = await world.until(generation, expected, hours=10)

        assert (expected, reason) == (ended.status, ended.reason)
        assert ended.updated_at - NOON >= longest
        assert (["t1"] if name == "seedance2ink" else []) == provider.cancelled
        assert (0 if expected is Status.FAILED else 1) == (await world.used()).videos
        if expected is Status.PARKED:
            card = world.delivery.drafts[-1].embed
            assert "far longer than it should. The operator" in card.fields[0].value
            assert "Reserved: 1 video" in card.fields[5].value


async def test_a_provider_that_knows_its_task_within_a_minute_loses_nothing(tmp_path):
    """404 in the first minute is a slow copy: asked again, and not counted (P-17)."""
    provider = FakeProvider("evolink")
    async with a_world(tmp_path, provider) as world:
        generation = await world.ask()
        await world.rest()
        provider.last_fetch = TaskNotFound("evolink")
        statuses = set()
        while world.clock() < NOON + timedelta(seconds=55):
            world.clock.forward(seconds=5)
            await world.store.wake(generation.id, world.clock())
            await world.rest()
            statuses.add((await world.now(generation)).status)
        assert {Status.RUNNING} == statuses
        assert len(provider.asked) >= 10
        provider.last_fetch = SUCCESS

        assert Status.DELIVERED is (await world.until(generation, Status.DELIVERED)).status


@pytest.mark.parametrize("name", PROVIDERS)
async def test_a_task_that_its_provider_has_forgotten_is_asked_for_over_ten_minutes(tmp_path, name):
    """Then a person looks: nothing is spent and nothing given back (P-17)."""
    provider = FakeProvider(name)
    provider.last_fetch = TaskNotFound(name)
    async with a_world(tmp_path, provider) as world:
        generation = await world.ask()
        await world.rest()
        world.clock.forward(seconds=61)
        begun = world.clock()
        ended = await world.until(generation, Status.PARKED)

        assert ("task_unknown", 1) == (ended.reason, (await world.used()).videos)
        assert timedelta(minutes=10) <= ended.updated_at - begun <= timedelta(minutes=12)
        assert 6 == len(provider.asked)


async def test_a_provider_out_of_order_resets_the_count_of_answers_without_a_link(tmp_path):
    """Asked three times more after an answer without a link; silence between isn't one (P-18)."""
    async with a_world(tmp_path) as world:
        provider = world.providers["maxapi"]
        bare = ProviderTask("t1", TaskStatus.SUCCEEDED)
        provider.fetches.extend([bare, *[ProviderUnavailable("maxapi")] * 4, bare, bare, bare])
        generation = await world.ask()

        assert Status.DELIVERED is (await world.until(generation, Status.DELIVERED)).status


async def test_a_film_without_a_link_is_told_to_the_operator(tmp_path):
    """The member pays nothing; the log names the task, which is paid there (P-18)."""
    async with a_world(tmp_path) as world:
        world.providers["maxapi"].last_fetch = ProviderTask("t1", TaskStatus.SUCCEEDED)
        generation = await world.ask()
        with capture_logs() as lines:
            ended = await world.until(generation, Status.FAILED)

        assert ("result_lost", Cost()) == (ended.reason, await world.used())
        assert ["t1"] == [line["task"] for line in lines if line["event"] == "film lost"]


class Outage(FakeProvider):
    """Is down until a moment."""

    def __init__(self, name, clock, until):
        super().__init__(name, concurrency=5)
        self.clock, self.until, self.tried = clock, until, []

    async def submit(self, submission, *, key):
        """Be reached, or not."""
        self.tried.append(self.clock())
        if self.clock() < self.until:
            raise NotSent(self.name)
        return await super().submit(submission, key=key)


async def test_a_provider_down_for_an_hour_gets_one_try_per_half_minute(tmp_path):
    """The breaker opens; the rest waits, reads so, costs nothing, and is made when it is back (P-24)."""
    clock = Clock()
    provider = Outage("maxapi", clock, NOON + timedelta(hours=1))
    async with a_world(tmp_path, provider, clock=clock) as world:
        made = [await world.ask(limits=FREE, provider="maxapi", prompt=f"cat {n}") for n in range(40)]
        await world.rest()
        opened = len(provider.tried)
        for _ in range(60):
            clock.forward(seconds=30)
            await world.rest()
        cards = [draft.embed.fields[0].value for draft in world.delivery.drafts]
        tries = provider.tried[opened:]
        gaps = [b - a for a, b in pairwise(tries)]
        for _ in range(60):
            clock.forward(seconds=90)
            await world.rest()
        ends = Counter([(await world.now(one)).status for one in made])

        assert opened <= 9  # five that failed, and four that were on their way then
        assert all(gap >= timedelta(seconds=30) for gap in gaps)
        assert any("out of order just now. Still queued, nothing charged" in card for card in cards)
        assert {Status.DELIVERED, Status.FAILED} >= set(ends)
        assert (await world.used()).videos == ends[Status.DELIVERED] > 0


async def test_another_provider_helps_out_only_where_none_was_named(tmp_path):
    """Whoever said maxapi waits for it; whoever said nothing is made elsewhere, and reads so (P-24)."""
    clock = Clock()
    maxapi, evolink = Outage("maxapi", clock, NOON + timedelta(days=1)), FakeProvider("evolink")
    async with a_world(tmp_path, maxapi, evolink, clock=clock) as world:
        for _ in range(5):
            world.health.failed("maxapi")
        named = await world.ask(ANNA, provider="maxapi")
        free = await world.ask(BEN)
        ended = await world.until(free, Status.DELIVERED, hours=1)

        assert ("evolink", 1) == (ended.request.provider, len(evolink.sent))
        assert "maxapi" == (await world.now(named)).request.provider


async def test_a_new_key_for_our_links_stops_callbacks_and_no_film(tmp_path):
    """No provider signs, so that our own address is all there is: if it dies, asking goes on (P-25)."""
    provider = FakeProvider("maxapi")
    async with a_world(tmp_path, provider) as world:
        provider.fetches.extend([RUNNING] * 3)
        generation = await world.ask()
        await world.rest()
        old = world.hosting.signer.callback_token("maxapi", generation.id)
        world.hosting = replace(world.hosting, signer=type(world.hosting.signer)(b"another"))
        world.new_tracker()

        assert old != world.hosting.signer.callback_token("maxapi", generation.id)
        assert Status.DELIVERED is (await world.until(generation, Status.DELIVERED)).status
