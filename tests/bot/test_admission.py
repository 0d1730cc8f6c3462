"""Laws of `bot.admission`."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.admission import FREE, Gate, narrowed, pause, placed
from bot.errors import IntakeStopped, RequestRefused
from bot.models import Limit, Place, Requester, Status
from bot.orders import Standing
from bot.providers.moderation import MODERATION, SOUND
from bot.quotas import Limits
from bot.servers import EVERYWHERE, WORD_RULE, Block, Channel, FilmPlace, ServerRules, Strikes
from bot.store.switches import ALL, DRAIN
from bot.wording import WordRules
from tests.bot.desk import Desk
from tests.fakes import ANNA, BEN, CAPABILITIES, CINEMA, a_request

MODEL = CAPABILITIES["maxapi"]["seedance-2.0"]
HOUR = timedelta(hours=1)
ADULT = Standing(age_restricted=True)
OPERATOR = Standing(operator=True)
STRICT = Strikes(2, (HOUR, 2 * HOUR))
HERE = CINEMA.guild_id
MIDNIGHT = datetime(2026, 11, 22, tzinfo=UTC)
MODERATION_WORD = "moderation_prompt"


@pytest.fixture
def desk(store, tmp_path):
    """Return everything behind a command."""
    return Desk(store, tmp_path, Limits(Limit(), at_once=None))


async def refusal(desk, rules=FREE, *, place=CINEMA, standing=ADULT, requester=ANNA, **said):
    """Return the code and the facts with which a request is refused, or None."""
    if rules is not FREE:
        await desk.servers.change(HERE, lambda _: rules, desk.clock())
    try:
        await desk.admission.admit(a_request(**said), requester, place, standing)
    except RequestRefused as refused:
        return refused.code, dict(refused.facts)
    return None


async def blocked(desk, guild_id=HERE, until=None, reason=""):
    """Block Anna, from this moment on."""
    await desk.blocks.put(Block(guild_id, ANNA.user_id, until, reason, 1, desk.clock()))


async def refused_by_moderation(desk, times, reason="moderation"):
    """Let a provider's moderation refuse films of Anna's, a minute after another."""
    for _ in range(times):
        generation = await desk.start()
        await desk.finish(generation, status=Status.REFUSED, reason=reason, finished_at=desk.clock())
        desk.clock.forward(minutes=1)


def test_no_rules_leave_everything():
    """The defaults forbid nothing."""
    assert MODEL == narrowed(ServerRules())(MODEL)


@pytest.mark.parametrize(
    "rules",
    [
        ServerRules(providers=("evolink",)),
        ServerRules(paused_providers=("maxapi",)),
        ServerRules(models=("seedance-2.0-fast",)),
        ServerRules(resolutions=("16K",)),
        ServerRules(longest=1),
    ],
    ids=str,
)
def test_a_model_that_is_not_allowed_is_not_there(rules):
    """Also one of which nothing is left to choose."""
    assert narrowed(rules)(MODEL) is None


def test_what_is_allowed_of_a_model():
    """Shorter films, and fewer resolutions."""
    left = narrowed(ServerRules(resolutions=("720p",), longest=5))(MODEL)

    assert ("720p",) == left.resolutions
    assert {4, 5} >= set(left.seconds)


async def test_where_nobody_decided_anything_everything_may_be_asked(desk):
    """On a server and in a direct message."""
    assert await refusal(desk) is None
    assert await refusal(desk, place=Place(1)) is None


@pytest.mark.parametrize(
    ("rules", "said", "expected"),
    [
        (ServerRules(age_restricted=True), {}, ("age_only", {})),
        (ServerRules(paused=True), {}, ("paused_here", {})),
        (
            ServerRules(paused_providers=("maxapi",)),
            {"provider": "maxapi"},
            ("provider_paused_here", {"provider": "maxapi", "value": "maxapi"}),
        ),
        (
            ServerRules(providers=("evolink",)),
            {"provider": "maxapi"},
            ("not_on_server", {"option": "provider", "value": "maxapi", "allowed": ("evolink",)}),
        ),
        (
            ServerRules(models=("a", "b")),
            {"model": "c"},
            ("not_on_server", {"option": "model", "value": "c", "allowed": ("a", "b")}),
        ),
        (
            ServerRules(resolutions=("480p",)),
            {"resolution": "1080p"},
            ("not_on_server", {"option": "resolution", "value": "1080p", "allowed": ("480p",)}),
        ),
        (ServerRules(longest=5), {"seconds": 10}, ("long_for_server", {"value": 10, "most": 5})),
        (ServerRules(words=WordRules(words=("rude",))), {"prompt": "a r u d e cat"}, ("words", {})),
    ],
    ids=lambda value: value[0] if isinstance(value, tuple) else "",
)
async def test_each_rule_names_itself(desk, rules, said, expected):
    """And stops nobody elsewhere, nor an operator (T-24)."""
    assert expected == await refusal(desk, rules, standing=Standing(), **said)
    assert await refusal(desk, place=Place(1, HERE + 1), standing=Standing(), **said) is None
    assert await refusal(desk, standing=OPERATOR, **said) is None


async def test_only_chosen_channels(desk):
    """A thread or a forum's post is where its parent is."""
    chosen = ServerRules(channels=(1, 2))

    assert ("channel_not_here", {"allowed": (Channel(1), Channel(2))}) == await refusal(
        desk, chosen, place=Place(3, HERE, parent_id=4)
    )
    assert await refusal(desk, place=Place(2, HERE)) is None
    assert await refusal(desk, place=Place(3, HERE, parent_id=1)) is None


@pytest.mark.parametrize(
    ("guild", "code"), [(HERE, "blocked"), (EVERYWHERE, "banned")], ids=["here", "everywhere"]
)
async def test_who_is_blocked_reads_until_when_and_why(desk, guild, code):
    """For good or for a time, with a reason or without."""
    until = desk.clock() + HOUR
    await blocked(desk, guild)
    assert (code, {}) == await refusal(desk)
    await blocked(desk, guild, reason="spam")
    assert (f"{code}_because", {"why": "spam"}) == await refusal(desk)
    await blocked(desk, guild, until=until)
    assert (f"{code}_until", {"until": until}) == await refusal(desk)
    await blocked(desk, guild, until=until, reason="spam")
    assert (f"{code}_until_because", {"until": until, "why": "spam"}) == await refusal(desk)

    assert await refusal(desk, requester=BEN) is None
    assert await refusal(desk, standing=OPERATOR) is None
    desk.clock.forward(hours=1)
    assert await refusal(desk) is None


async def test_a_server_s_block_is_no_other_server_s(desk):
    """And a block everywhere holds in direct messages, too."""
    await blocked(desk)
    assert await refusal(desk, place=Place(1, HERE + 1)) is None
    assert await refusal(desk, place=Place(1)) is None
    await blocked(desk, EVERYWHERE)
    assert ("banned", {}) == await refusal(desk, place=Place(1, HERE + 1))
    assert ("banned", {}) == await refusal(desk, place=Place(1))


@pytest.mark.parametrize("reason", sorted(MODERATION - {SOUND}))
async def test_refusals_by_moderation_lead_to_a_pause(desk, reason):
    """From the last one on, whatever the culprit was; then the next is as long as the second (T-24)."""
    rules = ServerRules(strikes=STRICT)
    await refused_by_moderation(desk, 1, reason)
    assert await refusal(desk, rules) is None
    await refused_by_moderation(desk, 1, reason)
    last = desk.clock() - timedelta(minutes=1)
    assert ("struck", {"until": last + HOUR}) == await refusal(desk)
    desk.clock.forward(hours=1)
    assert await refusal(desk) is None
    await refused_by_moderation(desk, 1, reason)
    last = desk.clock() - timedelta(minutes=1)
    assert ("struck", {"until": last + 2 * HOUR}) == await refusal(desk)


async def test_only_refusals_by_moderation_are_strikes(desk):
    """Not what could not be used, no sound that a provider made, and not what this server's words stopped."""
    rules = ServerRules(strikes=STRICT, words=WordRules(words=("rude",)))
    await refused_by_moderation(desk, 3, "input")
    await refused_by_moderation(desk, 3, SOUND)
    for _ in range(3):
        await refusal(desk, rules, prompt="rude")

    assert await refusal(desk) is None
    assert await refusal(desk, requester=BEN) is None


async def test_a_pardon_forgives_strikes(desk):
    """Those before it, on this server."""
    await refused_by_moderation(desk, 2)
    await refusal(desk, ServerRules(strikes=STRICT))
    await blocked(desk, until=desk.clock())

    assert await refusal(desk) is None


async def test_a_day_s_refusals_count_wherever_they_were(desk):
    """On servers and in person, until midnight UTC; operators and other members are let in (T-25)."""
    desk.admission = replace(desk.admission, gate=Gate(refusals=3))
    for place in (CINEMA, Place(1), Place(1, HERE + 1)):
        assert await refusal(desk) is None
        generation = await desk.start(place=place)
        await desk.finish(generation, status=Status.REFUSED, reason=MODERATION_WORD, finished_at=desk.clock())
    stopped = ("struck_out", {"until": MIDNIGHT})
    places = (CINEMA, Place(1), Place(1, HERE + 1), Place(1, HERE + 2), Place(1, member_only=True))

    assert [stopped] * 5 == [await refusal(desk, place=place) for place in places]
    assert [None] * 2 == [await refusal(desk, standing=OPERATOR), await refusal(desk, requester=BEN)]
    desk.clock.now = MIDNIGHT
    assert await refusal(desk) is None


async def test_an_operator_forgives_a_day_s_refusals(desk):
    """By a pardon everywhere; a server's own pardon is about that server's pauses."""
    await refused_by_moderation(desk, 3)
    desk.admission = replace(desk.admission, gate=Gate(refusals=3))
    await blocked(desk, until=desk.clock())
    assert ("struck_out", {"until": MIDNIGHT}) == await refusal(desk)
    await blocked(desk, EVERYWHERE, until=desk.clock())

    assert await refusal(desk) is None


@pytest.mark.parametrize("standing", [ADULT, OPERATOR])
async def test_a_full_queue_takes_nobody(desk, standing):
    """With how many wait, before anything is reserved; one that is sent makes room (T-37)."""
    desk.admission = replace(desk.admission, gate=Gate(queue=3))
    first, *_ = [await desk.start(place=place) for place in (CINEMA, CINEMA, Place(1, HERE + 1))]

    assert ("queue_full", {"count": 3}) == await refusal(desk, standing=standing)
    assert ("queue_full", {"count": 3}) == await refusal(desk, place=Place(1), standing=standing)
    await desk.finish(first, status=Status.RUNNING)
    assert await refusal(desk, standing=standing) is None


NIGHT = datetime(2026, 11, 21, 23, 50, tzinfo=UTC)


@pytest.mark.parametrize(
    ("minutes", "strikes", "expected"),
    [
        ((), STRICT, None),
        ((0,), STRICT, None),
        ((0, 5), STRICT, NIGHT + timedelta(minutes=5) + HOUR),
        ((0, 15), STRICT, None),
        ((0, 5, 9, 15), STRICT, NIGHT + timedelta(minutes=9) + 2 * HOUR),
        ((0, 1, 2, 3, 4), STRICT, NIGHT + timedelta(minutes=4) + 2 * HOUR),
        ((0, 1, 2), Strikes(), None),
        ((0, 1, 2), Strikes(1, ()), None),
    ],
    ids=str,
)
def test_strikes_are_counted_by_day(minutes, strikes, expected):
    """Days end at midnight UTC, and a pause may outlast its day."""
    assert expected == pause([NIGHT + timedelta(minutes=each) for each in minutes], strikes)


async def test_a_broken_word_rule_is_for_the_admins_log(desk):
    """Who broke which rule, once a day, and nothing of the prompt (T-24)."""
    rules = ServerRules(words=WordRules(words=("rude", "crude")))
    for _ in range(3):
        await refusal(desk, rules, prompt="a rude cat", requester=Requester(42, "Anna"))
    (deed,) = await desk.deeds.latest(HERE, before=None, most=9)
    assert (42, "Anna", WORD_RULE, "rude") == (deed.actor_id, deed.actor, deed.action, deed.detail)

    await refusal(desk, prompt="a crude cat")
    desk.clock.forward(days=1)
    await refusal(desk, prompt="a rude cat", requester=Requester(42, "Anna"))
    assert ["rude", "crude", "rude"] == [
        one.detail for one in await desk.deeds.latest(HERE, before=None, most=9)
    ]


async def test_what_is_refused_at_the_door_does_not_begin(desk):
    """The same holds where a film begins, whoever forgot to ask before."""
    await blocked(desk)
    with pytest.raises(RequestRefused, match="blocked"):
        await desk.start()


async def test_a_film_begins_within_the_rules(desk):
    """What was left to us is chosen of what is allowed."""
    rules = ServerRules(providers=("evolink",), resolutions=("480p",), longest=4)
    await desk.servers.change(HERE, lambda _: rules, desk.clock())
    request = (await desk.start()).request

    assert ("evolink", "480p", 4) == (request.provider, request.resolution, request.seconds)


async def test_rules_that_leave_nothing_are_named(desk):
    """Rather than blaming the providers."""
    await desk.servers.change(HERE, lambda _: ServerRules(models=("gone",)), desk.clock())
    with pytest.raises(RequestRefused, match="rules_leave_nothing"):
        await desk.start()


@pytest.mark.parametrize(
    ("rules", "expected"),
    [
        (ServerRules(), {}),
        (ServerRules(film_place=FilmPlace.SAME, gallery_id=9), {}),
        (ServerRules(film_place=FilmPlace.GALLERY, gallery_id=9), {"film_channel_id": 9}),
        (ServerRules(film_place=FilmPlace.THREAD), {"thread": True}),
        (ServerRules(spoiler=True), {"spoiler": True}),
        (ServerRules(age_restricted=True), {"age_restricted": True}),
    ],
    ids=str,
)
def test_where_films_belong_is_settled_at_the_start(rules, expected):
    """In the place that is stored with the film."""
    assert replace(CINEMA, **expected) == placed(CINEMA, rules, ADULT)


def test_where_the_bot_cannot_post_no_gallery_is_promised():
    """Asked through an app that only its member installed."""
    place = replace(CINEMA, member_only=True)

    assert place == placed(place, ServerRules(film_place=FilmPlace.GALLERY, gallery_id=9), ADULT)
    assert place == placed(place, ServerRules(film_place=FilmPlace.THREAD), ADULT)


def test_an_operator_s_film_may_go_where_it_was_asked():
    """What didn't stop it at the start doesn't stop it when it is paid."""
    assert CINEMA == placed(CINEMA, ServerRules(age_restricted=True), OPERATOR)


@pytest.mark.parametrize("standing", [ADULT, OPERATOR])
@pytest.mark.parametrize(("name", "code"), [(ALL, "paused"), (DRAIN, "draining")])
async def test_what_is_turned_off_takes_nothing(desk, name, code, standing):
    """From nobody, and before anything else is said."""
    await blocked(desk)
    await desk.switches.turn_off(name, by=1)
    with pytest.raises(IntakeStopped, match=code):
        await desk.admission.admit(a_request(), ANNA, CINEMA, standing)


@pytest.mark.parametrize("standing", [ADULT, OPERATOR])
async def test_a_provider_that_is_paused_everywhere_is_refused_by_name(desk, standing):
    """Whoever names none, or another, is let in."""
    await desk.switches.turn_off("maxapi", by=1)

    assert ("provider_paused", {"provider": "maxapi"}) == await refusal(
        desk, provider="maxapi", standing=standing
    )
    assert (None, None) == (await refusal(desk), await refusal(desk, provider="evolink"))
    assert "seedance2ink" == (await desk.start()).request.provider


def test_a_provider_that_is_paused_everywhere_is_not_there():
    """Nothing is left of its models."""
    assert narrowed(FREE, {"maxapi"})(MODEL) is None
    assert MODEL == narrowed(FREE, {"evolink"})(MODEL)
