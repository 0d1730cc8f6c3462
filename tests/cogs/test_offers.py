"""Laws of `cogs.offers`: what else a film could be made as, chosen in the menu below it."""

import pytest

from bot.messages import CardFacts, film
from bot.servers import ServerRules
from tests.cogs.posting import made, more, restart, screened, told


async def test_another_ratio_is_one_that_the_model_has(home, clip):
    """Chosen in a second, private menu, which says that it counts."""
    row, _ = await screened(home, clip, ratio="9:16")
    asked = await more(home, "ben", row, await restart(home), "ratio")
    (menu,) = asked.response.components[0]["components"]
    for _ in range(2):
        result = await home.ben.select(asked.response, ["1:1"])
    (anew,) = await made(home, home.ben)

    assert "counts against your own limits" in told(asked)
    assert {option["description"] for option in menu["options"]} == {"1 video and 5 seconds"}
    assert [option["value"] for option in menu["options"]] == ["16:9", "1:1", "4:3", "3:4"]
    assert told(result).startswith("Queued")
    assert (anew.asked.ratio, anew.parent_id) == ("1:1", row.id)


async def test_another_maker_is_one_that_can_make_the_same(home, clip):
    """With what the server allows, and without the one that made it."""
    row, message = await screened(home, clip, provider="evolink", sound=True)
    rules = ServerRules(providers=("maxapi", "evolink"))
    await home.house.admission.servers.change(home.guild.id, lambda _: rules, home.house.clock())
    asked = await more(home, "ben", row, message, "maker")
    (menu,) = asked.response.components[0]["components"]
    offered = [option["value"] for option in menu["options"]]
    await home.ben.select(asked.response, [offered[0]])
    (anew,) = await made(home, home.ben)

    assert f"evolink/{row.request.model}" not in offered
    assert {value.partition("/")[0] for value in offered} == {
        "evolink"
    }  # the others have no switch for sound
    assert (anew.request.provider, anew.request.model) == tuple(offered[0].split("/"))


async def test_a_higher_resolution_is_the_next_one(home, clip):
    """Twice within ten seconds it is one film."""
    row, message = await screened(home, clip, provider="evolink", resolution="480p")
    for _ in range(2):
        result = await more(home, "ben", row, message, "resolution")
    (anew,) = await made(home, home.ben)

    assert told(result).startswith("Queued")
    assert (anew.asked.resolution, anew.parent_id) == ("720p", row.id)


async def test_without_sound_stands_where_sound_can_be_switched(home, clip):
    """Elsewhere it isn't offered."""
    loud, heard = await screened(home, clip, provider="evolink")
    await more(home, "ann", loud, heard, "silent")
    mute, _ = await screened(home, clip, provider="maxapi")
    values = [option.value for option in film(mute, CardFacts(mute.created_at)).view.children[5].options]

    assert [row.asked.sound for row in await made(home) if row.parent_id] == [False]
    assert "silent" not in values


@pytest.mark.parametrize(
    ("rules", "what", "words"),
    [
        (ServerRules(resolutions=("720p",)), "resolution", "nothing sharper than `720p`"),
        (ServerRules(models=("none",)), "ratio", "one ratio only"),
        (ServerRules(models=("none",)), "maker", "No other provider or model"),
        (ServerRules(models=("none",)), "silent", "no switch for sound"),
    ],
)
async def test_what_is_not_possible_is_a_sentence(home, clip, rules, what, words):
    """What a server allows may have changed since the film was made."""
    row, message = await screened(home, clip, provider="evolink", resolution="720p")
    await home.house.admission.servers.change(home.guild.id, lambda _: rules, home.house.clock())

    assert words in told(await more(home, "ann", row, message, what))
    assert len(await made(home)) == 1
