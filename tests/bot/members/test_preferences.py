"""Laws of `bot.members.preferences`."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.admission import FREE
from bot.errors import StoreUnavailable
from bot.members import preferences
from bot.members.preferences import Filled, OwnDefaults, fill
from bot.models import Mode, VideoRequest
from bot.preferences import Preferences
from bot.providers.health import Health
from bot.providers.router import Router
from bot.servers import ServerRules
from bot.store.members import Members
from bot.store.switches import Switches
from tests.fakes import Clock, FakeProvider, a_request

NAMES = ("maxapi", "seedance2ink", "evolink")
EVERYTHING = Preferences("evolink", "seedance-2.0-fast", "9:16", "480p", 8, sound=False)


class Rules:
    """Rules as a test wants them."""

    def __init__(self, switches, rules=FREE):
        self.switches = switches
        self.now = rules

    async def rules(self, guild_id):
        """Return them."""
        return self.now


@pytest.fixture
def made(store):
    """Return members' defaults on a real store, with providers that can do what the real ones can."""
    clock = Clock()
    router = Router([FakeProvider(name) for name in NAMES], Health(clock).healthy)
    return OwnDefaults(Members(store.engine), router, Rules(Switches(store.engine, clock)), clock)


async def test_what_is_left_open_is_filled_in(made):
    """Everything that was set, and nothing that wasn't."""
    await made.change(1001, provider="evolink", ratio="9:16", seconds=8, sound=False)
    filled = await made.filled(1001, a_request(), None)

    assert filled == Filled(a_request(provider="evolink", ratio="9:16", seconds=8, sound=False))


async def test_what_is_said_wins(made):
    """An option of the command stands, whatever is set."""
    await made.change(1001, provider="evolink", ratio="9:16", seconds=8, resolution="480p", sound=False)
    said = a_request(provider="maxapi", ratio="1:1", seconds=5, resolution="720p", sound=True)
    filled = await made.filled(1001, said, None)

    assert Filled(said) == filled


async def test_others_have_their_own(made):
    """Nobody's defaults are another's."""
    await made.change(1001, seconds=8)

    assert Filled(a_request()) == await made.filled(1002, a_request(), None)


@pytest.mark.parametrize(
    ("wanted", "said", "passed_over"),
    [
        ({"ratio": "no such"}, {}, ("ratio",)),
        ({"provider": "gone"}, {}, ("provider",)),
        ({"model": "seedance-2.0-fast"}, {"model": "seedance-1.5-pro"}, ()),
        ({"provider": "gone", "model": "gone", "seconds": 8}, {}, ("provider", "model")),
        ({"seconds": 400}, {"provider": "maxapi"}, ("seconds",)),
    ],
)
async def test_what_does_not_go_with_the_rest_is_passed_over(made, wanted, said, passed_over):
    """It is named, and the film is made with what does."""
    await made.change(1001, **wanted)
    filled = await made.filled(1001, a_request(**said), None)

    assert passed_over == filled.passed_over
    assert {getattr(filled.asked, name) for name in passed_over} <= {None}
    assert all(getattr(filled.asked, name) == value for name, value in said.items())


async def test_a_servers_rules_are_stronger(made):
    """Where only one provider may be used, one's own is passed over."""
    await made.change(1001, provider="evolink", seconds=8)
    made._admission.now = ServerRules(providers=("maxapi",))
    filled = await made.filled(1001, a_request(), 400)

    assert filled == Filled(a_request(seconds=8), ("provider",))


async def test_what_cannot_be_made_at_all_is_left_as_it_was_asked(made):
    """The refusal is then about what was said, not about what was set."""
    await made.change(1001, seconds=8)
    empty = VideoRequest("", Mode.TEXT)

    assert Filled(empty) == await made.filled(1001, empty, None)


def test_the_weightiest_comes_first():
    """A model that one's provider doesn't have gives way, not the provider."""
    first = fill(a_request(), EVERYTHING, lambda one: not (one.provider and one.model))

    assert first.passed_over == ("model",)
    assert first.asked == replace(
        a_request(), provider="evolink", ratio="9:16", resolution="480p", seconds=8, sound=False
    )


async def test_a_setting_is_cleared_alone(made):
    """The others stay."""
    await made.change(1001, seconds=8, ratio="9:16")

    assert Preferences(ratio="9:16") == await made.change(1001, seconds=None)


async def test_what_was_last_known_is_at_hand(made):
    """Where nothing can be read: in the first answer to a press."""
    await made.change(1001, language="zh-CN")

    assert (Preferences(language="zh-CN"), Preferences()) == (made.known(1001), made.known(1002))


async def test_a_change_in_another_process_is_seen(made, store):
    """What is at hand serves only until it is read anew."""
    await made.change(1001, language="zh-CN")
    other = OwnDefaults(Members(store.engine), made._router, Rules(made._admission.switches), Clock())
    await other.change(1001, language=None)

    assert Preferences() == await made.of(1001)
    assert Preferences() == made.known(1001)


async def test_only_so_many_are_at_hand(made, monkeypatch):
    """Those who were here last."""
    monkeypatch.setattr(preferences, "MOST_KNOWN", 2)
    for user_id in (1, 2, 1, 3):
        await made.change(user_id, seconds=8)

    assert {1, 3} == set(made._known)


async def test_a_store_that_is_away_changes_nothing(made, monkeypatch):
    """What was known last goes on holding; whoever then asks for a film hears of the store."""
    await made.change(1001, seconds=8)

    async def away(*_):
        raise StoreUnavailable("gone")

    monkeypatch.setattr(type(made._members), "preferences", away)

    assert Preferences(seconds=8) == await made.of(1001)


async def test_a_forgotten_member_is_unknown(made):
    """At once, in this process."""
    await made.change(1001, seconds=8)
    made.forget(1001)

    assert Preferences() == made.known(1001)
