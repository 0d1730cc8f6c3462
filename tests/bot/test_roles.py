"""Laws of `bot.roles`: what may be typed, what it means, which settings it needs, and what `check` says."""

from __future__ import annotations

import pytest

from bot.check import Verdict
from bot.errors import SettingsError
from bot.roles import EVERYTHING, Duty, Role, Shards, lacks_files, read_duty, require
from bot.settings import Settings

from .stage import Stage

POSTGRES = {"database_url": "postgresql+asyncpg://db/matinee", "secret_key": "s" * 32}
KEYS = {"discord_token": "token", "evolink_api_key": "key"}


@pytest.mark.parametrize(
    ("typed", "duty"),
    [
        ((None, None, None), EVERYTHING),
        (("worker", None, None), Duty(Role.WORKER)),
        (("callbacks", None, None), Duty(Role.CALLBACKS)),
        (("gateway", "0-3", "16"), Duty(Role.GATEWAY, Shards(range(4), 16))),
        (("gateway", "7", "8"), Duty(Role.GATEWAY, Shards(range(7, 8), 8))),
        ((None, "0-0", "1"), Duty(None, Shards(range(1), 1))),
    ],
)
def test_what_may_be_typed(typed, duty):
    """One role or all; one shard or the first and the last, both included."""
    assert duty == read_duty(*typed)


@pytest.mark.parametrize(
    ("typed", "word"),
    [
        (("Gateway", None, None), "--role"),
        (("", None, None), "--role"),
        (("gateway", "3-1", "4"), "--shards"),
        (("gateway", "5", "2"), "--shards"),
        (("gateway", "0-2", "2"), "--shards"),
        (("gateway", "", "2"), "--shards"),
        (("gateway", "0,1", "2"), "--shards"),
        (("gateway", "-1", "2"), "--shards"),
        (("gateway", "a-b", "2"), "--shards"),
        (("gateway", "٣", "4"), "--shards"),
        (("gateway", "0" * 5000, "2"), "--shards"),
        (("worker", "0-1", "2"), "--shards"),
        (("callbacks", "0-1", "2"), "--shards"),
        (("gateway", None, "2"), "--shards"),
        (("gateway", "0-1", None), "--of"),
        (("gateway", "0", "0"), "--of"),
        (("gateway", "0", "16385"), "--of"),
        (("gateway", "0", "two"), "--of"),
        (("gateway", "0", "9" * 5000), "--of"),
    ],
)
def test_what_is_wrong_is_one_sentence_that_names_the_option(typed, word):
    """It begins with the option to mend, and holds nothing that was typed."""
    with pytest.raises(SettingsError) as refused:
        read_duty(*typed)
    assert str(refused.value).startswith(f"{word}: ")
    assert len(str(refused.value)) < 120


@pytest.mark.parametrize(
    ("duty", "does"),
    [
        (EVERYTHING, (True, True, True)),
        (Duty(Role.GATEWAY), (True, False, False)),
        (Duty(Role.WORKER), (False, True, False)),
        (Duty(Role.CALLBACKS), (False, False, True)),
    ],
)
def test_the_roles_together_are_everything_and_share_nothing(duty, does):
    """Each part of the work belongs to one role."""
    assert does == (duty.connects, duty.tracks, duty.receives)


@pytest.mark.parametrize(
    ("duty", "given", "missing"),
    [
        (EVERYTHING, KEYS, None),
        (Duty(None, Shards(range(2), 2)), KEYS, None),
        (Duty(None, Shards(range(1), 2)), KEYS, "DATABASE_URL"),
        (Duty(Role.WORKER), KEYS, "DATABASE_URL"),
        (Duty(Role.CALLBACKS), {}, "DATABASE_URL"),
        (Duty(Role.CALLBACKS), POSTGRES, None),
        (Duty(Role.GATEWAY), POSTGRES | KEYS, None),
        (Duty(Role.WORKER), POSTGRES | KEYS, None),
        (Duty(Role.GATEWAY), POSTGRES, "DISCORD_TOKEN"),
        (Duty(Role.WORKER), POSTGRES | {"discord_token": "token"}, "PROVIDERS"),
    ],
)
def test_each_role_demands_what_it_needs(duty, given, missing):
    """Whatever leaves work to others needs PostgreSQL; what takes callbacks needs no secret of others."""
    if missing is None:
        require(Settings(**given), duty)
        return
    with pytest.raises(SettingsError) as refused:
        require(Settings(**given), duty)
    assert str(refused.value).startswith(f"{missing}: ")


@pytest.mark.parametrize(
    ("duty", "looked_at"),
    [
        (EVERYTHING, {"DISCORD_TOKEN", "evolink", "PUBLIC_URL"}),
        (Duty(Role.GATEWAY), {"DISCORD_TOKEN", "evolink"}),
        (Duty(Role.WORKER), {"DISCORD_TOKEN", "evolink"}),
        (Duty(Role.CALLBACKS), {"PUBLIC_URL"}),
    ],
)
async def test_a_check_looks_at_what_a_role_needs(tmp_path, duty, looked_at):
    """And says before `run` does that several processes need PostgreSQL."""
    async with Stage(tmp_path).open() as stage:
        found = await stage.found(duty)

    assert looked_at == {"DISCORD_TOKEN", "evolink", "PUBLIC_URL"} & found.keys()
    assert duty.alone == (Verdict.GOOD is found["settings"].verdict)
    assert duty.alone != found["settings"].text.startswith("DATABASE_URL: is missing")


@pytest.mark.parametrize(
    ("duty", "files", "told"),
    [
        (EVERYTHING, None, False),
        (Duty(Role.GATEWAY), None, True),
        (Duty(Role.WORKER), None, True),
        (Duty(Role.CALLBACKS), None, True),
        (Duty(None, Shards(range(1), 2)), None, True),
        (Duty(Role.WORKER), "/mnt/films/matinee", False),
    ],
)
def test_files_that_others_do_not_see_are_told(duty, files, told):
    """One process alone needs nobody's eyes; where there are several, each must see what another keeps."""
    said = lacks_files(Settings(**POSTGRES, **KEYS, files_url=files), duty)

    assert told == said.endswith("set FILES_URL") == bool(said)
