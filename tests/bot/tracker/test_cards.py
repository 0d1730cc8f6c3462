"""Laws of `bot.tracker.cards`: the card is true, and edited sparingly."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.delivery import Rung
from bot.errors import Conflict, DiscordUnavailable
from bot.models import ProviderTask, Status, TaskStatus
from bot.store.cards import Cards
from bot.tracker import cards, watching
from tests.bot.tracker.conftest import a_world
from tests.fakes import FakeProvider

pytestmark = pytest.mark.usefixtures("on_both")


@pytest.mark.parametrize(
    ("age", "expected"),
    [
        (timedelta(seconds=0), timedelta(seconds=5)),
        (timedelta(seconds=59), timedelta(seconds=5)),
        (timedelta(minutes=1), timedelta(seconds=30)),
        (timedelta(minutes=14), timedelta(seconds=30)),
        (timedelta(minutes=15), None),
        (timedelta(hours=4), None),
    ],
)
def test_the_older_the_rarer(age, expected):
    """Every 5 s in the first minute, every 30 s up to a quarter of an hour, then changes of state alone."""
    assert expected == cards.spacing(age)


async def test_progress_edits_the_card_sparingly(tmp_path):
    """Another percentage at every ask, for an hour: the card is edited in its rhythm."""
    provider = FakeProvider("evolink")
    provider.pace = type(provider.pace)(timedelta(seconds=10), 1.0, timedelta(seconds=10))
    asked = 0

    async def another_percentage(task_id):
        nonlocal asked
        asked += 1
        return ProviderTask(task_id, TaskStatus.RUNNING, progress=asked % 100)

    provider.fetch = another_percentage
    async with a_world(tmp_path, provider) as world:
        generation = await world.ask()
        await world.until(generation, Status.DELIVERED, hours=1)

        assert asked > 300
        assert len(world.delivery.edits) <= 1 + 60 / 5 + 14 * 60 / 30


async def test_a_card_that_says_the_same_is_not_edited(world):
    """Sent, generating, longer than usual: three things to say in an hour, and three edits."""
    world.providers["maxapi"].last_fetch = ProviderTask("t1", TaskStatus.RUNNING)
    generation = await world.ask()
    await world.until(generation, Status.DELIVERED, hours=1)

    assert len(world.delivery.edits) <= 3


async def test_a_card_that_could_not_be_posted_is_posted_later(world):
    """Discord was away for the first card: it comes with the next change, once."""
    world.delivery.faults.append(DiscordUnavailable("503"))
    generation = await world.ask()
    await world.until(generation, Status.DELIVERED)

    assert len(world.delivery.cards(generation.id)) == 1


async def test_who_has_slept_meanwhile_shows_no_card(world, monkeypatch):
    """What became of the generation in those hours somebody else knows, and shows."""
    held = Cards.holds

    async def hours_later(self, generation):
        known = await held(self, generation)
        world.clock.forward(hours=2)
        return known

    generation = await world.ask()
    monkeypatch.setattr(Cards, "holds", hours_later)

    with pytest.raises(Conflict, match="card"):
        await cards.refresh(world.context, generation)
    assert [] == world.delivery.drafts


async def test_a_closed_channel_is_not_asked_again_for_a_card(world):
    """Where no card can stand none is tried again: refused calls count towards a ban."""
    world.delivery.closed = {Rung.CHANNEL}
    generation = await world.ask()
    ended = await world.until(generation, Status.DELIVERED)

    assert cards.NOWHERE == ended.card_shown
    assert len(world.delivery.drafts) == 1


@pytest.mark.parametrize(
    ("reason", "mends"),
    [
        ("moderation_sound", ((("sound", False),),)),
        ("provider", ((("provider", "maxapi"),),)),
        ("moderation_prompt", ()),
    ],
)
async def test_a_notice_knows_what_one_press_may_change(tmp_path, reason, mends):
    """By the culprit, and by what the providers that are on can do."""
    providers = FakeProvider("maxapi"), FakeProvider("evolink")
    async with a_world(tmp_path, *providers) as world:
        generation = await world.ask(provider="evolink")
        status = Status.REFUSED if reason.startswith("moderation") else Status.FAILED
        ended = replace(generation, status=status, reason=reason)

        assert mends == (await cards.facts(world.context, ended)).mends
        assert (await cards.facts(world.context, generation)).mends == ()


@pytest.fixture
def noted(world, monkeypatch):
    """Return what becomes known of cards by transactions of their own."""
    noted, write = [], world.store.engine.write

    async def seen(steps):
        noted.extend(step.statement.name for step in steps if step.statement.name == "note")
        return await write(steps)

    monkeypatch.setattr(world.store.engine, "write", seen)
    return noted


async def test_an_edit_is_written_down_with_the_next_transition(world, noted):
    """From the post of the card to its last word, nothing of it is a transaction of its own."""
    ended = await world.until(await world.ask(), Status.DELIVERED)

    assert [] == noted
    assert len(world.delivery.edits) >= 2
    assert cards.up_to_date(await world.now(ended))


async def test_an_edit_is_written_down_though_its_step_fails(world, monkeypatch):
    """A bug comes after it, before the next transition: what its card shows is known all the same."""
    generation = await world.ask()
    await world.rest()
    real = watching.next_look

    def bug(*_):
        monkeypatch.setattr(watching, "next_look", real)
        raise ZeroDivisionError

    monkeypatch.setattr(watching, "next_look", bug)
    world.providers["maxapi"].last_fetch = ProviderTask("t1", TaskStatus.RUNNING, progress=50)
    while watching.next_look is bug:
        known, edits = (await world.now(generation)).card_shown, len(world.delivery.edits)
        world.clock.forward(seconds=30)
        await world.rest()

    assert edits + 1 == len(world.delivery.edits)
    assert known != (await world.now(generation)).card_shown
    assert {} == world.context.edited


async def test_an_edit_that_was_too_late_is_told(world, noted, monkeypatch):
    """Another has moved it meanwhile: whose word the card shows nobody knows, so one looks again (S-17)."""
    generation, put, late = await world.ask(), world.delivery.put_card, []

    async def slow(*draft):
        card_id = await put(*draft)
        moved = await world.now(generation)
        await world.store.move(moved, world.clock(), due_at=world.clock() + timedelta(hours=1))
        late.append(card_id)
        return card_id

    monkeypatch.setattr(world.delivery, "put_card", slow)
    await world.tracker.tick()
    await asyncio.gather(*world.tracker._steps.values())

    assert (1, ["note"]) == (len(late), noted)
    assert world.clock() == (await world.now(generation)).due_at
