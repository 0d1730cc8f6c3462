"""Laws of `cogs.admin.words`, in a modelled Discord."""

from __future__ import annotations

import pytest

from bot.servers import WORD_RULE, ServerRules
from bot.wording import WordRules

NOT_ADMIN = "Only those who may manage this server can do that."


async def words(here, guild=None):
    """Return a server's rules on words."""
    return (await here.house.rules.of((guild or here.guild).id)).words


async def test_words_are_forbidden_and_allowed_again(here, admin, film, deeds):
    """The member isn't told the word; the admins find it in the log."""
    told = await admin("words add", text="rude, very bad")
    assert told.content.startswith("Added: `rude`, `very bad`\nForbidden words: 2")
    refused = await film(prompt="a r.u.d.e cat")
    assert refused.said.startswith("`prompt` breaks this server's rules on words.")
    assert "rude" not in refused.said
    assert (here.ann.id, WORD_RULE, "rude") == (await deeds())[0]
    assert "broke a rule on words · rude" in (await admin("log")).content

    told = await admin("words remove", text="rude")
    assert told.content.startswith("Removed: `rude`\nForbidden words: 1")
    assert (await film(prompt="a r.u.d.e cat")).begun
    assert ["words remove", WORD_RULE, "words add"] == [action for _, action, _ in await deeds()]


async def test_a_refused_prompt_s_files_are_not_loaded(admin, film, tmp_path):
    """It is refused before."""
    await admin("words add", text="rude")
    await film(prompt="rude", image=("a.png", b"picture"))

    assert [] == list((tmp_path / "media").iterdir())


async def test_patterns_and_exceptions(here, admin):
    """Each on its own list; a comma belongs to a pattern."""
    await admin("words add", text="ba{1,3}d", kind="pattern")
    await admin("words add", text="bad hair day", kind="allowed")

    assert WordRules((), ("ba{1,3}d",), ("bad hair day",)) == await words(here)
    assert "breaks the rule `ba{1,3}d`" in (await admin("words test", prompt="a baad cat")).content
    assert (await admin("words test", prompt="a bad hair day")).content == "This prompt breaks no rule."


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"text": "(", "kind": "pattern"}, "The pattern `(` can't be read"),
        ({"text": ".*", "kind": "pattern"}, "The pattern `.*` would match any text."),
        ({"text": "x" * 101}, "`xxx"),
        ({"text": "?!"}, "`?!` has neither a letter nor a digit."),
        ({"text": "\u0640*"}, "`\u0640*` has neither a letter nor a digit."),
    ],
    ids=["unreadable", "everything", "long", "empty", "never found"],
)
async def test_what_cannot_be_a_rule_is_refused(here, admin, options, said):
    """With what is wrong about it."""
    assert (await admin("words add", **options)).content.startswith(said)
    assert WordRules() == await words(here)


async def test_what_is_not_on_the_list_cannot_be_taken_off(here, admin):
    """Nor what is on another one."""
    await admin("words add", text="rude")

    assert (await admin("words remove", text="rude", kind="allowed")).content.startswith(
        "`rude` isn't on that list."
    )


async def test_the_lists_are_shown(here, admin):
    """As a message, or as a file where they are long."""
    assert (await admin("words list")).content == "There are no rules on words."
    await admin("words add", text="rude")
    assert (await admin("words list")).content == "**Forbidden words** (1): `rude`"
    for part in range(5):
        await admin("words add", text=",".join(f"rude word number {part}{number}" for number in range(40)))
    shown = await admin("words list")
    assert shown.content.startswith("Forbidden words: 201")
    assert ["words.txt"] == [file.filename for file in shown.attachments]


async def test_lists_have_an_end(here, admin):
    """More words than anybody needs are refused, and none of them is taken."""
    for part in range(5):
        await admin("words add", text=",".join(f"w{part}x{number}" for number in range(100)))
    assert (await admin("words add", text="more")).content.startswith("The list would be too long: 500")
    assert len((await words(here)).words) == 500


@pytest.mark.parametrize(
    ("command", "options"),
    [
        ("words add", {"text": "x"}),
        ("words remove", {"text": "rude"}),
        ("words list", {}),
        ("words test", {"prompt": "rude"}),
    ],
)
async def test_a_member_neither_sees_nor_changes_the_lists(here, admin, command, options):
    """Though they are shown the command."""
    await admin("words add", text="rude")

    assert NOT_ADMIN == (await admin(command, who=here.ann, **options)).content
    assert WordRules(("rude",)) == await words(here)


async def test_words_are_offered_to_admins_alone(here, admin):
    """What is on the list, of the kind that is chosen; and of this server."""
    await admin("words add", text="rude, crude, other")

    async def offered(who, channel, typed, **said):
        found = await who.autocomplete(channel, "admin words remove", "text", typed, **said)
        return [each["value"] for each in found]

    assert ["rude", "crude"] == await offered(here.admin, here.channel, "rude")
    assert [] == await offered(here.admin, here.channel, "rude", kind="allowed")
    assert [] == await offered(here.ann, here.channel, "rude")
    assert [] == await offered(here.stranger, here.far, "rude")


async def test_each_server_has_its_own_words(here, admin, film):
    """And an operator obeys none."""
    await admin("words add", who=here.stranger, at=here.far, text="rude")

    assert ServerRules() == await here.house.rules.of(here.guild.id)
    assert (await film(prompt="rude")).begun
    assert not (await film(who=here.stranger, channel=here.far, prompt="rude")).begun
    assert (await film(who=here.boss, channel=here.far, prompt="rude")).begun
