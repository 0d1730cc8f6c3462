"""Laws of `cogs.orders`: what is asked, offered and pressed before anything is spent."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.models import Limit, Status
from bot.quotas import Limits
from tests.cogs import films

LABELS = {"sound": "Retry with whatever sound it makes", "provider": "Retry with EvoLink"}
PRICE = 12_500_000


@pytest.fixture
def dear(home):
    """Make everything cost 12.5 credits, and ask above 10."""
    home.house.generations._price = lambda _: PRICE
    confirm(home, 10_000_000)
    return home


def confirm(home, above):
    """Ask above so many millionths of a credit."""
    ordering = replace(home.house.ordering, confirm_above=above)
    home.client.house = home.house = replace(home.house, ordering=ordering)


async def own(home, member):
    """Return what a member has under way, newest first."""
    return await home.house.generations.history(member.id)


def labels(message):
    """Return what stands on its buttons."""
    return [button["label"] for row in message.components for button in row["components"]]


async def test_a_refusal_comes_with_its_mends(home):
    """Privately, with what is wrong, what it cost, and what can be made instead."""
    result = await home.ann.slash(home.channel, "video", prompt="x", provider="maxapi", sound=False)

    assert result.ephemeral
    assert "`sound`" in result.response.content
    assert "nothing counted" in result.response.content
    assert labels(result.response) == list(LABELS.values())
    assert await own(home, home.ann) == ()


@pytest.mark.parametrize(("what", "changed"), [("sound", ("maxapi", None)), ("provider", ("evolink", False))])
async def test_a_mend_is_one_press(home, what, changed):
    """It makes what was asked, with just that changed."""
    refused = await home.ann.slash(
        home.channel, "video", prompt="a fox", provider="maxapi", sound=False, seconds=7
    )
    pressed = await home.ann.click(refused.response, label=LABELS[what])
    (made,) = await own(home, home.ann)

    assert pressed.response.content.startswith("Queued at")
    assert (made.asked.provider, made.asked.sound) == changed
    assert (made.asked.prompt, made.asked.seconds) == ("a fox", 7)


async def test_a_mend_works_once(home):
    """Two presses in a row, or one on another button, make no second film."""
    refused = await home.ann.slash(
        home.channel, "video", prompt="x", seconds=4, resolution="480p", provider="maxapi", sound=False
    )
    presses = [await home.ann.click(refused.response, label=LABELS["sound"]) for _ in range(2)]
    later = await home.ann.click(refused.response, label=LABELS["provider"])

    assert len(await own(home, home.ann)) == 1
    assert sum(one.response.content.startswith("Queued") for one in presses) == 1
    assert "answered already" in later.response.content


async def test_only_its_member_may_press(home):
    """Somebody else who got hold of the button's id gets nothing, and takes nothing away."""
    refused = await home.ann.slash(home.channel, "video", prompt="x", provider="maxapi", sound=False)
    custom_id = refused.response.components[0]["components"][0]["custom_id"]
    user_id = home.ben.id
    with pytest.raises(Exception, match="order_gone"):
        await home.house.ordering.take(custom_id.split(":")[2], user_id)

    assert "Queued" in (await home.ann.click(refused.response, label=LABELS["sound"])).response.content
    assert await own(home, home.ben) == ()


async def test_a_shorter_film_is_offered_where_seconds_run_out(home):
    """As long as what is left of the day's seconds."""
    home.house.generations._limits = Limits(user_day=Limit(videos=10, seconds=20), at_once=5)
    await home.ann.slash(home.channel, "video", prompt="x", seconds=12)
    refused = await home.ann.slash(home.channel, "video", prompt="y", seconds=12)
    await home.ann.click(refused.response, label="Retry with 8 s")

    assert {one.request.seconds for one in await own(home, home.ann)} == {8, 12}


async def test_a_press_that_is_refused_may_be_pressed_again(home):
    """Too many at once now is no reason to type it all again."""
    refused = await home.ann.slash(home.channel, "video", prompt="x", provider="maxapi", sound=False)
    home.house.generations._limits = Limits(at_once=0)
    first = await home.ann.click(refused.response, label=LABELS["sound"])
    home.house.generations._limits = Limits(at_once=5)
    second = await home.ann.click(refused.response, label=LABELS["sound"])

    assert "at once" in first.response.content
    assert second.response.content.startswith("Queued")


async def test_cheap_things_are_not_asked_about(home):
    """Nor is anything, where the operator set no price."""
    home.house.generations._price = lambda _: PRICE
    result = await home.ann.slash(home.channel, "video", prompt="x")

    assert "Reserved: 1 video, 5 seconds and about 12.5 credits." in result.response.content
    assert "usually takes" in result.response.content
    confirm(home, PRICE)
    again = await home.ann.slash(home.channel, "video", prompt="x")
    assert again.response.content.startswith("Queued")


async def test_what_is_dear_is_confirmed_first(dear):
    """What it will be and cost, privately; nothing is begun before the yes."""
    asked = await dear.ann.slash(dear.channel, "video", prompt="a fox")
    before = await own(dear, dear.ann)
    confirmed = await dear.ann.click(asked.response, label="Confirm")
    (made,) = await own(dear, dear.ann)

    assert asked.ephemeral
    assert labels(asked.response) == ["Confirm", "Cancel"]
    assert "It takes 1 video, 5 seconds and about 12.5 credits from your limits." in asked.response.content
    assert "Videos: 0 of 10 used, 10 left" in asked.response.content
    assert before == ()
    assert confirmed.response.content.startswith("Queued")
    assert (made.asked.prompt, made.cost.credits) == ("a fox", PRICE)
    assert "answered already" in (await dear.ann.click(asked.response, label="Confirm")).response.content


async def test_an_unknown_price_is_no_low_one(home):
    """Where somebody set a price to ask above, what nobody knows the price of is asked about."""
    confirm(home, 10_000_000)
    asked = await home.ann.slash(home.channel, "video", prompt="a fox")

    assert "isn't known here" in asked.response.content
    assert labels(asked.response) == ["Confirm", "Cancel"]


async def test_a_question_that_is_declined_leaves_nothing(dear):
    """Cancel begins nothing, and deletes the files that were kept for it."""
    asked = await dear.ann.slash(dear.channel, "reference", prompt="@1", file1=("a.mp4", b"clip"))
    kept = list(dear.house.generations._hosting.media_dir.iterdir())
    declined = await dear.ann.click(asked.response, label="Cancel")

    assert len(kept) == 1
    assert "nothing counted" in declined.response.content
    assert list(dear.house.generations._hosting.media_dir.iterdir()) == []
    assert await own(dear, dear.ann) == ()
    assert "answered already" in (await dear.ann.click(asked.response, label="Confirm")).response.content


async def test_files_wait_for_the_answer(dear):
    """A confirmed film has the files that it was asked with."""
    asked = await dear.ann.slash(dear.channel, "reference", prompt="@1", file1=("a.mp4", b"clip"))
    await dear.ann.click(asked.response, label="Confirm")
    (made,) = await own(dear, dear.ann)

    assert dear.house.generations._hosting.media_path(made.asked.media[0]).read_bytes() == b"clip"
    await dear.house.ordering.sweep(dear.house.clock() + timedelta(days=2))
    assert dear.house.generations._hosting.media_path(made.asked.media[0]).exists()


async def test_what_no_limit_lets_through_is_not_asked_about(dear):
    """The refusal comes before the question, and once more if it is too late at the answer."""
    dear.house.generations._limits = Limits(user_day=Limit(videos=1), at_once=5)
    one, two = [await dear.ann.slash(dear.channel, "video", prompt="x") for _ in range(2)]
    await dear.ann.click(one.response, label="Confirm")
    refused = await dear.ann.click(two.response, label="Confirm")
    third = await dear.ann.slash(dear.channel, "video", prompt="x")

    assert [message.response.content.split(":")[0] for message in (refused, third)] == [
        "Your limit is reached"
    ] * 2
    assert len(await own(dear, dear.ann)) == 1


async def test_retry_without_sound(home):
    """Below the news that the sound was refused; whoever presses pays."""
    await home.ann.slash(home.channel, "video", prompt="a band", provider="evolink")
    (first,) = await own(home, home.ann)
    await home.house.generations._store.move(
        first, home.house.clock(), due_at=None, status=Status.REFUSED, reason="moderation_sound"
    )
    told = await home.client.get_channel(home.channel.id).send(view=await retries(home, first))
    await home.ben.click(told, label="Retry without sound")
    (made,) = await own(home, home.ben)

    assert (made.asked.sound, made.asked.prompt, made.asked.provider, made.parent_id) == (
        False,
        "a band",
        "evolink",
        first.id,
    )


async def retries(home, generation):
    """Return the buttons that the notice has."""
    from bot.messages import CardFacts, notice
    from bot.providers.mends import after_refusal

    ended = await home.house.generations.any(generation.id)
    mends = after_refusal(ended, home.house.generations.capabilities())
    return notice(ended, CardFacts(home.house.clock(), mends=mends)).view


async def test_what_a_server_forbids_is_mended_with_the_files(home):
    """Its longest film is a press away, and begins with the picture that was attached."""
    servers = home.house.admission.servers
    await servers.change(home.guild.id, lambda rules: replace(rules, longest=6), home.house.clock())
    refused = await home.ann.slash(
        home.channel, "reference", prompt="@1", file1=("a.mp4", b"clip"), seconds=12
    )
    await home.ann.click(refused.response, label="Retry with 6 s")
    (made,) = await own(home, home.ann)

    assert "on this server" in refused.response.content
    assert (made.request.seconds, made.asked.media[0].name) == (6, "a.mp4")


@pytest.mark.parametrize(
    ("status", "reason", "label"),
    [(Status.REFUSED, "moderation_sound", "Retry without sound"), (Status.FAILED, "provider", "EvoLink")],
)
async def test_show_mends_what_a_provider_refused(home, status, reason, label):
    """With the buttons of its notice, each one press and one more film."""
    refused = await films.made(home, status=status, reason=reason)
    answer = await home.ann.slash(home.channel, "show", id=refused.id)
    labels = [part["label"] for row in answer.response.components for part in row["components"]]
    wanted = next(each for each in labels if label in each)
    await home.ann.click(answer.response, label=wanted)
    anew, _ = await own(home, home.ann)

    assert labels[-2:] == ["Again", "Edit"]
    assert anew.parent_id == refused.id
