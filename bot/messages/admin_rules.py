"""A server's rules, as its admins read them after each change."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.i18n import later
from bot.messages.phrases import provider_name
from bot.messages.text import code, fitting, width
from bot.servers import FilmPlace

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import timedelta

    from bot.i18n import Say
    from bot.servers import ServerRules
    from bot.wording import WordRules

_MOST = 1900
_FILMS = {
    FilmPlace.SAME: later("Films go where they are asked for."),
    FilmPlace.GALLERY: later("Films go to {gallery}; the card stays where they are asked for."),
    FilmPlace.THREAD: later("Each film goes into a thread below its card."),
}


def mention(channel_id: int | None) -> str:
    """Return a channel, as Discord shows it by its name."""
    return f"<#{channel_id}>" if channel_id else "–"


def channels(rules: ServerRules, say: Say) -> str:
    """Return where the bot may be used, and where films go."""
    allowed = say(", ").join(map(mention, rules.channels))
    where = (
        say("The bot may be used in: {channels}.", channels=allowed)
        if allowed
        else say("The bot may be used in every channel.")
    )
    return f"{where}\n{say(_FILMS[rules.film_place], gallery=mention(rules.gallery_id))}"


def models(rules: ServerRules, say: Say) -> str:
    """Return what films may be made with."""
    lines = [
        say("Providers: {names}.", names=_named(map(provider_name, rules.providers), say)),
        say("Models: {names}.", names=_named(rules.models, say)),
        say("Resolutions: {names}.", names=_named(rules.resolutions, say)),
    ]
    if rules.longest is None:
        lines.append(say("Length: whatever a model can."))
    else:
        lines.append(
            say.many("Length: {number} second at most.", "Length: {number} seconds at most.", rules.longest)
        )
    return "\n".join(lines)


def _named(names: Iterable[str], say: Say) -> str:
    return say(", ").join(code(name, 60) for name in names) or say("all")


def nsfw(rules: ServerRules, say: Say) -> str:
    """Return how films that aren't for everybody are kept apart."""
    where = (
        say("Films are made and posted in age-restricted channels only.")
        if rules.age_restricted
        else say("Films are made in every channel.")
    )
    spoiler = (
        say("Films are hidden until somebody clicks on them.")
        if rules.spoiler
        else say("Films are shown at once.")
    )
    return f"{where}\n{spoiler}"


def strikes(rules: ServerRules, say: Say) -> str:
    """Return what follows refusals by moderation."""
    if not rules.strikes.refusals:
        return say("Nothing follows when a provider's content rules refuse films.")
    after = say.many(
        "Whom a provider's content rules refuse {number} film in a day must pause.",
        "Whom a provider's content rules refuse {number} films in a day must pause.",
        rules.strikes.refusals,
    )
    lengths = say(", ").join(length(each) for each in rules.strikes.pauses)
    then = say("The pause, which grows with each further refusal: {lengths}.", lengths=lengths)
    return f"{after}\n{then}"


def length(span: timedelta) -> str:
    """Return a length of time as it can be typed: `1d 12h`."""
    minutes = int(span.total_seconds()) // 60
    parts = ((minutes // 1440, "d"), (minutes // 60 % 24, "h"), (minutes % 60, "m"))
    return " ".join(f"{number}{unit}" for number, unit in parts if number) or "0m"


def words(rules: WordRules, say: Say) -> tuple[str, str | None]:
    """Return a server's lists of words as a message, and as a file where they don't fit into one."""
    lists = _lists(rules, say)
    if not any(found for _, found in lists):
        return say("There are no rules on words."), None
    told = "\n".join(_list(title, found, say) for title, found in lists if found)
    if width(told) <= _MOST:
        return told, None
    whole = "\n\n".join("\n".join([f"{title}:", *found]) for title, found in lists if found)
    return counts(rules, say), whole


def counts(rules: WordRules, say: Say) -> str:
    """Return how long a server's lists of words are."""
    return "\n".join(f"{title}: {len(found)}" for title, found in _lists(rules, say))


def _lists(rules: WordRules, say: Say) -> list[tuple[str, tuple[str, ...]]]:
    return [
        (say("Forbidden words"), rules.words),
        (say("Forbidden patterns"), rules.patterns),
        (say("Allowed all the same"), rules.allowed),
    ]


def _list(title: str, found: Sequence[str], say: Say) -> str:
    return f"**{title}** ({len(found)}): " + say(", ").join(code(each, 200) for each in found)


def word_list(title: str, found: Sequence[str], say: Say) -> str:
    """Return what was put on a list or taken off it."""
    told = f"{title} " + say(", ").join(code(each, 200) for each in found)
    return told if width(told) <= _MOST else told[: fitting(told, _MOST)] + "…"


def tested(rule: str | None, say: Say) -> str:
    """Return what becomes of a prompt."""
    if rule is None:
        return say("This prompt breaks no rule.")
    return say("This prompt breaks the rule {rule}.", rule=code(rule, 200))
