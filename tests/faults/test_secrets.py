"""Secrets stay secret, whatever goes wrong, in the most talkative log."""

from __future__ import annotations

import json

from tests.e2e.house import PROVIDERS
from tests.faults.planting import AT_ASK, AT_SUBMIT, IN_LIFE, LAST, theatre, told_by
from tests.s3 import KEY, SECRET, s3

__all__ = ["s3"]

ROW = "planted secrets; found under every fault at DEBUG level"
PASSWORD = "planted-password-3c9d"


def found(secrets, *places):
    """Return the secrets that stand somewhere."""
    return {secret for secret in secrets for place in places if secret in place}


def bucket_of(s3):
    """Return the settings that lead to a bucket."""
    address = s3.address()
    keys = {"FILES_ACCESS_KEY": KEY, "FILES_SECRET_KEY": SECRET}
    return {"FILES_URL": address.url, "FILES_ENDPOINT": address.endpoint, **keys}


async def misfortunes(stage, s3):
    """Let everything go wrong that can, and come to rest."""
    place, wire = stage.place, stage.place.wire
    message = f"401: Bot {wire.token} planted-words-own"
    wire.fault("PATCH", "/webhooks/*", "refuse", status=429, message=message, retry_after=0.1)
    wire.fault("POST", "/channels/*/messages", "refuse", status=500, message=message)
    wire.fault("POST", "/channels/*/messages", "drop")
    wire.fault("PATCH", "/channels/*/messages/*", "refuse", status=403, code=50013, message=message)
    stage.misbehave(AT_SUBMIT | IN_LIFE | AT_ASK)
    await stage.rest()
    await wire.gateway.disconnect(4009)
    stage.misbehave(LAST)
    await stage.rest()
    await stage.look()
    film = await place.film()
    s3.mode = "denied"
    stage.answers.append(place.ada.press(film, "Again"))
    assert "reach the storage" in (await stage.answers[-1].said()).text
    wire.fault("POST", "/interactions/*/callback", "lie", status=404, code=10062, message=message)
    wire.fault("DELETE", "/channels/*/messages/*", "refuse", status=500, message=message)
    stage.answers += [place.ada.press(film, label) for label in ("Again", "Delete")]
    await stage.look()
    await place.bot.terminate()


async def test_no_secret_is_found_anywhere(tmp_path, reached, s3):
    """Keys nowhere, members' words in no log, providers' words in no message (T-30, T-31, T-35, T-36)."""
    bucket = bucket_of(s3)
    async with theatre(tmp_path, **bucket) as stage:
        await misfortunes(stage, s3)
        log, pages, posted, kept = stage.place.bot.said, "".join(stage.pages), stage.posted(), stage.kept()
        checked = await told_by(tmp_path / "check", stage.place.bot.settings, "check")
        lost = {"DATABASE_URL": f"postgresql+asyncpg://matinee:{PASSWORD}@127.0.0.1:9/matinee"}
        refused = await told_by(tmp_path / "lost", stage.place.bot.settings | lost, "run")
    keys, words, theirs = stage.keys() | {PASSWORD, KEY, SECRET}, stage.words(), stage.of_providers()
    said = log + checked[1] + refused[1]
    leaks = found(keys, said, pages, posted, kept.decode(errors="replace"))
    leaks |= found(words, said, pages) | found(theirs, pages, posted)

    assert set() == leaks
    reached(ROW, len(keys | words | theirs), len(leaks))
    assert (1, 69) == (checked[0], refused[0])
    assert "access is denied" in checked[1]
    assert "access is denied" in log
    assert "access is denied" in pages
    assert found(stage.prompts, posted) == set(stage.prompts)
    assert found(PROVIDERS, log) == set(PROVIDERS)
    assert [line for line in log.splitlines() if not isinstance(json.loads(line), dict)] == []
