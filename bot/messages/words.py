"""Every error as what a person reads: what happened, what it cost, what next; never raw text."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from bot import errors
from bot.i18n import later, speaker
from bot.messages.phrases import KINDS, MODES, provider_name
from bot.messages.refusals import IN_BYTES, SENTENCES, WITHOUT_COST
from bot.messages.text import ELLIPSIS, beginning, code, line, moment, size, width
from bot.models import MediaKind, Mode

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from bot.i18n import Say

_MOST = 2000
"""Characters of a message."""
_NAMED = 3
"""Models that are named where several share a fate."""
_NOTHING_COUNTED = later("Nothing was sent, and nothing counted.")
_UNKNOWN = later("Something went wrong on our side.")
_LIMITS = {
    "user": later("Your limit is reached: {used} of {limit} {unit} used, {left} left; this needs {needed}."),
    "member": later(
        "Your limit on this server is reached: "
        "{used} of {limit} {unit} used, {left} left; this needs {needed}."
    ),
    "server": later(
        "This server's limit is reached: {used} of {limit} {unit} used, {left} left; this needs {needed}."
    ),
    "bot": later(
        "The bot's limit is reached: {used} of {limit} {unit} used, {left} left; this needs {needed}."
    ),
}
_UNITS = {"videos": later("videos"), "seconds": later("seconds"), "credits": later("credits")}
_STOPPED = {
    "stopping": later("The bot is about to restart and takes nothing new. Please try again in a minute."),
    "paused": later("The operator has paused the bot, so it takes nothing new. Please try again later."),
    "draining": later(
        "The bot only finishes what is under way just now and takes nothing new. Please try again later."
    ),
    "files_unavailable": later(
        "The bot can't reach the storage of its films and files just now. Please try again in a few minutes."
    ),
    "cannot_store": later("I can't store anything new just now, so I did not start this. Try again later."),
}
_OF_ERRORS: tuple[tuple[type[Exception], str], ...] = (
    (
        errors.ProviderUnavailable,
        later("{provider} is busy or out of order. Try another, or try again later."),
    ),
    (errors.NotSent, later("{provider} could not be reached. Try another, or try again later.")),
    (
        errors.OutcomeUnknown,
        later("{provider} gave no clear answer. We are checking, and will not send it twice."),
    ),
    (errors.InputRejected, later("{provider} could not use this prompt, these files or these settings.")),
    (errors.ModerationRejected, later("{provider} refused this under its content rules.")),
    (
        errors.CreditExhausted,
        later("The bot's balance at {provider} is used up. The operator has to top it up."),
    ),
    (errors.KeyRejected, later("{provider} does not accept the bot's key. The operator has to mend that.")),
    (errors.Rejected, later("{provider} did not accept this.")),
    (errors.TaskNotFound, later("{provider} does not know this film.")),
    (errors.ProviderError, later("{provider} could not do this.")),
    (errors.DownloadError, later("The film was made, but could not be fetched as a valid file.")),
    (
        errors.FilesUnavailable,
        later(
            "The bot can't reach the storage of its films and files just now. "
            "Please try again in a few minutes."
        ),
    ),
    (
        errors.StoreUnavailable,
        later("The bot can't reach its database just now, so nothing was begun. Please try again later."),
    ),
    (errors.Conflict, later("Somebody else was faster. Please try again.")),
    (errors.SettingsError, later("The bot is not set up for this. The operator has to mend that.")),
    (errors.NotFound, later("There is no such generation, or it isn't yours.")),
)


def words_for(error: BaseException, locale: str = "en-US", *, reference: str = "") -> str:
    """Return what a person may read about an error, at most 2000 characters.

    `reference` is the id under which the operator finds an unexpected error in the log.
    """
    say = speaker(locale)
    told = _words(error, say)
    if reference:
        told += " " + say("Ref {reference}.", reference=reference)
    return beginning(told, _MOST)


def _words(error: BaseException, say: Say) -> str:
    match error:
        case errors.NothingCovers():
            return _nothing_covers(error, say)
        case errors.ShotRefused():
            return say("Shot {number}: {why}", number=error.number, why=_words(error.reason, say))
        case errors.RequestRefused():
            cost = "" if error.code in WITHOUT_COST else "\n" + say(_NOTHING_COUNTED)
            return _refusal(error, say) + cost
        case errors.QuotaExceeded():
            return f"{_quota(error, say)}\n{say(_NOTHING_COUNTED)}"
        case errors.IntakeStopped():
            stopped = _STOPPED.get(error.code, _STOPPED["cannot_store"])
            return f"{say(stopped)}\n{say(_NOTHING_COUNTED)}"
        case errors.LimitReached():
            return _reached(error, say)
        case errors.MediaError():
            return say(_sentence(error.code), file=say("A file"))
        case _:
            return _other(error, say)


def _other(error: BaseException, say: Say) -> str:
    provider = provider_name(error.provider) if isinstance(error, errors.ProviderError) else ""
    sentence = next((words for kind, words in _OF_ERRORS if isinstance(error, kind)), _UNKNOWN)
    return say(sentence, provider=provider)


def _sentence(code: str) -> str:
    return SENTENCES.get(code, later("This can't be made as asked."))


def _refusal(error: errors.Refused, say: Say) -> str:
    facts = {name: _shown(fact, say, in_bytes=error.code in IN_BYTES) for name, fact in error.facts.items()}
    if error.facts.get("option"):
        facts["option"] = say.name("option", str(error.facts["option"]))
    return say(_sentence(error.code), **facts, where=_where(error, say))


def _where(error: errors.Refused, say: Say) -> str:
    """Say which models a rule is about: the one that is named, else all that there are."""
    model = line(str(error.facts.get("model") or ""), 400)
    provider = provider_name(str(error.facts.get("provider") or ""))
    match bool(model), bool(provider):
        case True, True:
            return say("{model} on {provider}", model=model, provider=provider)
        case True, False:
            return model
        case False, True:
            return say("any model on {provider}", provider=provider)
        case _:
            return say("any model here")


def _nothing_covers(error: errors.NothingCovers, say: Say) -> str:
    reasons = _by_rule(error.reasons, say)
    head = [say("No provider can make this as asked."), say(_NOTHING_COUNTED)]
    told = _fitting([_refusal(reason, say) for reason in reasons], _firsts(reasons), head)
    left_out = [ELLIPSIS] * (len(told) < len(reasons))
    return "\n".join([*head, *(f"- {reason}" for reason in [*told, *left_out])])


def _by_rule(reasons: Sequence[tuple[str, str, errors.Refused]], say: Say) -> list[errors.Refused]:
    """Join the models of a provider that the same rule keeps out; what is one provider's stays together."""
    models: dict[tuple[str, str, str], list[str]] = {}
    rules: dict[tuple[str, str, str], errors.Refused] = {}
    for provider, model, reason in sorted(reasons, key=_met_first(reasons)):
        rule = {name: fact for name, fact in reason.facts.items() if name != "model"}
        key = (provider, reason.code, repr(sorted(rule.items())))
        rules[key] = reason
        models.setdefault(key, []).append(model)
    every = Counter(provider for provider, _, _ in reasons)
    return [
        errors.Refused(reason.code, **{**reason.facts, "model": _models(models[key], every[key[0]], say)})
        for key, reason in rules.items()
    ]


def _met_first(
    reasons: Sequence[tuple[str, str, errors.Refused]],
) -> Callable[[tuple[str, str, errors.Refused]], int]:
    providers = [provider for provider, _, _ in reasons]
    return lambda reason: providers.index(reason[0])


def _models(models: Sequence[str], of: int, say: Say) -> str:
    """Name the models as shortly as is true, where the provider has `of` in question."""
    if 1 < len(models) == of:
        return say("any model")
    named = say(", ").join(models[:_NAMED])
    more = len(models) - _NAMED
    return named if more <= 0 else say("{models} and {more} more", models=named, more=more)


def _firsts(reasons: Sequence[errors.Refused]) -> list[int]:
    """Return the places of the first reason of each provider."""
    seen = [reason.facts.get("provider") for reason in reasons]
    return [place for place, provider in enumerate(seen) if provider not in seen[:place]]


def _fitting(lines: Sequence[str], before_others: Sequence[int], head: Sequence[str]) -> list[str]:
    """Return the lines that fit into one message, in their order; some are sure of a place before others."""
    left = _MOST - sum(width(line) + 1 for line in head) - len(f"- {ELLIPSIS}\n")
    kept: set[int] = set()
    for place in [*before_others, *(set(range(len(lines))) - set(before_others))]:
        room = width(lines[place]) + len("- \n")
        if room <= left:
            left -= room
            kept.add(place)
    return [line for place, line in enumerate(lines) if place in kept]


def _quota(error: errors.QuotaExceeded, say: Say) -> str:
    facts = error.facts
    if error.code in {"at_once", "at_once_here"} and facts.get("limit") == 0:
        return say("0 at once is the limit here: no film can be made.")
    if error.code == "at_once":
        return say(
            "You have {used} under way, and {limit} at once is the limit. `/videos` shows them; "
            "a place is free again when the provider is done.",
            used=facts.get("used"),
            limit=facts.get("limit"),
        )
    if error.code == "at_once_here":
        return say(
            "This server has {used} under way, and {limit} at once is its limit. "
            "A place is free again when a provider is done.",
            used=facts.get("used"),
            limit=facts.get("limit"),
        )
    sentence = _LIMITS.get(str(facts.get("scope")), _LIMITS["user"])
    whole = 1_000_000 if facts.get("unit") == "credits" else 1
    shown = {name: _amount(fact, whole, say) for name, fact in facts.items()}
    unit = say(_UNITS.get(str(facts.get("unit")), _UNITS["videos"]))
    told = say(sentence, **{**shown, "unit": unit})
    return told if error.resets is None else f"{told} " + say("More {when}.", when=moment(error.resets))


def _amount(fact: object, whole: int, say: Say) -> str:
    return f"{fact / whole:g}" if isinstance(fact, int) else _shown(fact, say)


def _reached(error: errors.LimitReached, say: Say) -> str:
    unit = say(_UNITS.get(error.unit, _UNITS["videos"]))
    return say("A limit is reached: {used} of {limit} {unit}.", used=error.used, limit=error.limit, unit=unit)


def _shown(fact: object, say: Say, *, in_bytes: bool = False) -> str:
    match fact:
        case MediaKind():
            return say(KINDS[fact])
        case Mode():
            return say(MODES[fact])
        case str():
            return code(fact, 100)
        case datetime():
            return moment(fact)
        case ():
            return say("nothing, so leave it out")
        case Iterable():
            return say(", ").join(_shown(item, say, in_bytes=in_bytes) for item in fact)
        case _:
            return _measured(fact, say, in_bytes=in_bytes)


def _measured(fact: object, say: Say, *, in_bytes: bool) -> str:
    match fact:
        case timedelta():
            return say("{seconds} s", seconds=f"{fact.total_seconds():.4g}")
        case int() if in_bytes:
            return size(fact)
        case float():
            return f"{fact:.4g}"
        case None:
            return ELLIPSIS
        case _:
            return str(fact)
