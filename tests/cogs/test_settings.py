"""Laws of `cogs.settings`, in a modelled Discord."""

import pytest

from bot.i18n import speaker
from bot.messages import settings
from bot.preferences import Preferences
from tests.cogs.films import custom_ids, shown

SAY = speaker("en-US")


async def opened(home, who=None):
    """Open the settings of Ann, or of somebody."""
    return await (who or home.ann).slash(home.channel, "settings")


def known(home, who=None):
    """Return what somebody has set."""
    return home.house.own.defaults.known((who or home.ann).id)


async def set_to(home, result, name, value):
    """Choose something in a menu."""
    return await home.ann.select(result.response, [value], custom_id=f"matinee:setting:{name}")


async def test_settings_are_private(home):
    """Only who asks sees them; at first nothing is set."""
    result = await opened(home)

    assert result.ephemeral
    assert shown(result).endswith("\nNothing is set yet.")
    assert "matinee:settings:clear" not in custom_ids(result.response)


@pytest.mark.parametrize(
    ("name", "value", "kept"),
    [
        ("provider", "evolink", "evolink"),
        ("model", "seedance-2.0-fast", "seedance-2.0-fast"),
        ("ratio", "9:16", "9:16"),
        ("resolution", "480p", "480p"),
    ],
)
async def test_a_choice_is_kept_at_once(home, name, value, kept):
    """And shown in the same message."""
    result = await opened(home)
    changed = await set_to(home, result, name, value)

    assert getattr(known(home), name) == kept
    assert "Your settings" in shown(changed)
    assert known(home, home.ben) == Preferences()


@pytest.mark.parametrize(
    ("name", "value", "kept"),
    [
        ("seconds", "8", 8),
        ("sound", "0", False),
        ("sound", "1", True),
        ("deliver", "both", "both"),
        ("deliver", "dm", "dm"),
        ("language", "zh-CN", "zh-CN"),
    ],
)
async def test_the_second_page_has_the_others(home, name, value, kept):
    """One press away."""
    result = await opened(home)
    await home.ann.click(result.response, label="More settings")
    await set_to(home, result, name, value)

    assert getattr(known(home), name) == kept


async def test_a_language_is_spoken_at_once(home):
    """In the very message in which it is chosen, and everywhere from then on."""
    result = await opened(home)
    await home.ann.click(result.response, label="More settings")
    changed = await set_to(home, result, "language", "zh-CN")
    listed = await home.ann.slash(home.channel, "videos")

    assert "Your settings" not in shown(changed)
    assert "Make one with" not in shown(listed)


async def test_a_setting_is_cleared_alone_or_with_all(home):
    """By its menu's first option, or by the button."""
    await home.house.own.defaults.change(home.ann.id, ratio="9:16", seconds=8, provider="evolink")
    result = await opened(home)
    await set_to(home, result, "ratio", settings.AS_THE_BOT_DOES)
    after_one = known(home)
    await home.ann.click(result.response, label="Clear all")

    assert after_one == Preferences(seconds=8, provider="evolink")
    assert known(home) == Preferences()


async def test_only_what_the_bot_offers_can_be_chosen(home):
    """By providers and models that are on; a model of the chosen provider."""
    result = await opened(home)
    offered = menu(result, "provider")
    await set_to(home, result, "provider", "maxapi")
    models = menu(result, "model")
    capabilities = home.house.generations.capabilities()

    assert set(offered) == {settings.AS_THE_BOT_DOES, "maxapi", "seedance2ink", "evolink"}
    assert set(models) == {
        settings.AS_THE_BOT_DOES,
        *(each.model for each in capabilities if each.provider == "maxapi"),
    }


def menu(result, name):
    """Return what can be chosen in a menu."""
    for row in result.response.components:
        for part in row["components"]:
            if part["custom_id"] == f"matinee:setting:{name}":
                return [option["value"] for option in part["options"]]
    raise AssertionError(name)


async def test_a_provider_without_ones_model_clears_it(home):
    """And says so."""
    models = {each.model for each in home.house.generations.capabilities() if each.provider == "evolink"}
    foreign = next(
        each.model
        for each in home.house.generations.capabilities()
        if each.provider == "maxapi" and each.model not in models
    )
    await home.house.own.defaults.change(home.ann.id, model=foreign)
    result = await opened(home)
    changed = await set_to(home, result, "provider", "evolink")

    assert known(home) == Preferences(provider="evolink")
    assert "The model is cleared" in shown(changed)


async def test_what_is_no_longer_offered_is_still_shown(home):
    """An operator turned it off; it is passed over until it comes back or is cleared."""
    await home.house.own.defaults.change(home.ann.id, provider="gone", ratio="9:16")
    result = await opened(home)

    assert "(not offered just now)" in shown(result)
    assert menu(result, "ratio")


async def test_a_choice_that_is_gone_is_a_sentence(home):
    """The menu stood open while the bot was set up anew."""
    result = await opened(home)
    capabilities = home.house.generations._capabilities
    home.house.generations._capabilities = tuple(one for one in capabilities if one.provider == "maxapi")
    changed = await set_to(home, result, "provider", "evolink")

    assert "can't be chosen any more" in shown(changed)
    assert known(home) == Preferences()


async def test_a_menu_sets_the_choosers_own(home):
    """Whoever presses on a menu that isn't theirs sets their own, and nobody else's."""
    draft = settings.page(0, Preferences(), dict.fromkeys(settings.NAMES, ("9:16",)), {}, SAY)
    message = await home.client.get_channel(home.channel.id).send(view=draft.view)
    await home.ben.select(message, ["9:16"], custom_id="matinee:setting:ratio")

    assert (known(home), known(home, home.ben)) == (Preferences(), Preferences(ratio="9:16"))
