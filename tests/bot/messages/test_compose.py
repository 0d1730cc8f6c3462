"""Laws of `bot.messages.compose`: forms within Discord's limits, whatever is in them."""

import pytest

from bot.i18n import languages, speaker
from bot.messages import compose
from bot.messages.compose import Choices
from bot.models import MediaKind
from bot.orders import Offered
from bot.preferences import Preferences
from bot.providers.capabilities import CAPABILITIES

MODELS = [model for provider in CAPABILITIES.values() for model in provider.values()]
ODD = Offered("@everyone " + "\u202e" + "x" * 300, "https://cdn.example/1", 0)
FILE = Offered("cat.png", "https://cdn.example/2", 2048)


def forms(locale, files):
    """Return every form in a language."""
    say, choices = speaker(locale), Choices(MODELS, Preferences())
    return [
        compose.compose(choices, say).to_dict(),
        compose.animate("0" * 16, files, choices, say).to_dict(),
        compose.borrow("0" * 16, [(file, MediaKind.AUDIO) for file in files], choices, say).to_dict(),
    ]


@pytest.mark.parametrize("locale", languages())
@pytest.mark.parametrize("files", [[FILE], [FILE, ODD], [ODD] * 40])
def test_forms_keep_to_discords_limits(locale, files):
    """Five parts, 45 characters of a title or label, 100 of a description, 25 choices of 100 characters."""
    for form in forms(locale, files):
        assert 1 <= len(form["components"]) <= 5
        assert len(form["title"]) <= 45
        for part in form["components"]:
            assert len(part["label"]) <= 45
            assert len(part["description"]) <= 100
            given = part["component"].get("options", [])
            assert len(given) <= 25
            assert all(1 <= len(one["label"]) <= 100 for one in given)
            chosen = sum(bool(one.get("default")) for one in given)
            assert chosen <= part["component"].get("max_values", 25)


def test_nothing_of_ours_is_cut():
    """What is told of each part stands there whole."""
    told = [part["description"] for form in forms("en-US", [FILE, FILE]) for part in form["components"]]
    assert all(one.endswith((".", "…")) for one in told)


def test_names_are_shown_harmless():
    """A file may be called anything."""
    form = forms("en-US", [ODD])[1]
    (name,) = (one["label"] for one in form["components"][1]["component"]["options"])

    assert "@everyone" not in name
    assert "\u202e" not in name


def test_what_a_form_says_is_read():
    """Menus, texts and uploaded files."""
    data = {
        "components": [
            {"component": {"custom_id": "prompt", "value": "a fox"}},
            {"component": {"custom_id": "seconds", "values": ["7"]}},
            {"component": {"custom_id": "model", "values": []}},
            {"component": {"custom_id": "borrowed", "values": ["2", "0", "x"]}},
            {"component": {"custom_id": "files", "values": ["1", "9"]}},
        ],
        "resolved": {"attachments": {"1": {"filename": "a.png", "url": "https://x", "size": 3}}},
    }
    form = compose.filled(data)

    assert (form.prompt, form.seconds, form.model, form.ratio) == ("a fox", 7, None, None)
    assert form.borrowed == (0, 2)
    assert form.files == (Offered("a.png", "https://x", 3),)
