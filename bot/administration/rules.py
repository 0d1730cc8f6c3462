"""What a server's admins may decide: each change is checked, then made, however many are made at once."""

from __future__ import annotations

import asyncio
import contextlib
import re
from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from bot.admission import LONGEST_PAUSE, narrowed
from bot.disguises import normalised
from bot.errors import Conflict, RequestRefused
from bot.servers import FilmPlace, ServerRules, Strikes
from bot.wording import WordRules, check_pattern

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from datetime import datetime

    from bot.models import Capabilities
    from bot.servers import Deed
    from bot.store.servers import Servers

_TRIES = 10
"""Each failed one means that another admin's change was made meanwhile."""
MOST_CHANNELS = 50
MOST_PAUSES = 10
LONGEST_WORD = 100
"""Characters of a word or phrase."""
_SHORTEST_PAUSE = timedelta(minutes=1)
_UNITS = {
    "m": timedelta(minutes=1), "分": timedelta(minutes=1), "h": timedelta(hours=1), "小": timedelta(hours=1),
    "时": timedelta(hours=1), "d": timedelta(days=1), "天": timedelta(days=1), "日": timedelta(days=1),
    "w": timedelta(weeks=1), "周": timedelta(weeks=1),
}  # fmt: skip
_LENGTH = re.compile(
    r"([0-9]{1,5})\s*(m(?:in(?:ute)?s?)?|h(?:ours?)?|d(?:ays?)?|w(?:eeks?)?|分钟?|小时|时|天|日|周)\s*"
)


class WordKind(StrEnum):
    """Which of a server's lists of words."""

    WORD = "word"
    PATTERN = "pattern"
    ALLOWED = "allowed"


MOST_WORDS = {WordKind.WORD: 500, WordKind.PATTERN: 50, WordKind.ALLOWED: 500}
_LISTS = {WordKind.WORD: "words", WordKind.PATTERN: "patterns", WordKind.ALLOWED: "allowed"}


@dataclass(frozen=True, slots=True)
class Rules:
    """One server's rules at a time. Everything raises `StoreUnavailable` when the store can't be had."""

    servers: Servers
    capabilities: Callable[[], Sequence[Capabilities]]
    clock: Callable[[], datetime]

    async def of(self, guild_id: int) -> ServerRules:
        """Return what a server's admins decided."""
        return await self.servers.rules(guild_id)

    async def change(
        self, guild_id: int, change: Callable[[ServerRules], ServerRules], deed: Deed | None = None
    ) -> ServerRules:
        """Change a server's rules, write down who did, and return them.

        Another admin's change that comes in between stays: this one is made again on top of it, so it
        must be a function of what it finds. Raises what `change` raises.
        """
        for _ in range(_TRIES):
            with contextlib.suppress(Conflict):
                return await self.servers.change(guild_id, change, self.clock(), deed)
        return await self.servers.change(guild_id, change, self.clock(), deed)

    async def allow_models(
        self,
        guild_id: int,
        *,
        providers: Sequence[str] | None = None,
        models: Sequence[str] | None = None,
        resolutions: Sequence[str] | None = None,
        longest: int | None = None,
        deed: Deed | None = None,
    ) -> ServerRules:
        """Decide what films may be made with; None leaves as it is, nothing (or 0) allows everything.

        Raises `RequestRefused` for a name that there isn't, and where no model would be left.
        """
        known = self.capabilities()
        _check_names("provider", providers, (each.provider for each in known))
        _check_names("model", models, (each.model for each in known))
        _check_names("resolution", resolutions, (name for each in known for name in each.resolutions))

        def change(rules: ServerRules) -> ServerRules:
            after = replace(
                rules,
                providers=rules.providers if providers is None else tuple(dict.fromkeys(providers)),
                models=rules.models if models is None else tuple(dict.fromkeys(models)),
                resolutions=rules.resolutions if resolutions is None else tuple(dict.fromkeys(resolutions)),
                longest=rules.longest if longest is None else longest or None,
            )
            narrow = narrowed(replace(after, paused_providers=()))
            if not any(narrow(model) for model in known):
                raise RequestRefused("nothing_would_be_left")
            return after

        return await self.change(guild_id, change, deed)

    async def add_words(
        self, guild_id: int, kind: WordKind, words: Sequence[str], deed: Deed | None = None
    ) -> ServerRules:
        """Put words, patterns or allowed phrases on a server's list. Raises `RequestRefused`."""
        for each in words:
            if kind is WordKind.PATTERN:
                await asyncio.to_thread(check_pattern, each)
            elif len(each) > LONGEST_WORD:
                raise RequestRefused("word_long", value=each, most=LONGEST_WORD)
            elif not any(letter.isalnum() for letter in normalised(each)):
                raise RequestRefused("word_empty", value=each)

        def change(rules: ServerRules) -> ServerRules:
            after = tuple(dict.fromkeys([*listed(rules.words, kind), *words]))
            if len(after) > MOST_WORDS[kind]:
                raise RequestRefused("words_many", most=MOST_WORDS[kind])
            return replace(rules, words=_relisted(rules.words, kind, after))

        return await self.change(guild_id, change, deed)

    async def remove_word(
        self, guild_id: int, kind: WordKind, word: str, deed: Deed | None = None
    ) -> ServerRules:
        """Take one off a server's list. Raises `RequestRefused` if it isn't there."""

        def change(rules: ServerRules) -> ServerRules:
            before = listed(rules.words, kind)
            if word not in before:
                raise RequestRefused("word_unknown", value=word)
            after = tuple(each for each in before if each != word)
            return replace(rules, words=_relisted(rules.words, kind, after))

        return await self.change(guild_id, change, deed)


def listed(words: WordRules, kind: WordKind) -> tuple[str, ...]:
    """Return one of a server's lists."""
    found: tuple[str, ...] = getattr(words, _LISTS[kind])
    return found


def _relisted(words: WordRules, kind: WordKind, after: tuple[str, ...]) -> WordRules:
    return replace(words, **{_LISTS[kind]: after})


def _check_names(option: str, said: Sequence[str] | None, known: Iterable[str]) -> None:
    names = tuple(dict.fromkeys(known))
    for each in said or ():
        if each not in names:
            raise RequestRefused("not_here", option=option, value=each, allowed=names)


def with_channels(
    rules: ServerRules, *, allow: int | None = None, forbid: int | None = None, anywhere: bool = False
) -> ServerRules:
    """Change where the bot may be used. Raises `RequestRefused` where it could be used nowhere any more.

    Forbidding a channel takes it off the list of allowed ones, so it must be on it.
    """
    channels = () if anywhere else rules.channels
    if allow is not None:
        channels = tuple(dict.fromkeys([*channels, allow]))
    if forbid is not None:
        if forbid not in channels:
            raise RequestRefused("channel_not_listed")
        channels = tuple(each for each in channels if each != forbid)
        if not channels:
            raise RequestRefused("no_channel_left")
    if len(channels) > MOST_CHANNELS:
        raise RequestRefused("channels_many", most=MOST_CHANNELS)
    return replace(rules, channels=channels)


def with_films(
    rules: ServerRules, *, films: FilmPlace | None = None, gallery: int | None = None
) -> ServerRules:
    """Change where films go; naming a gallery means it. Raises `RequestRefused` for a gallery without one."""
    place = films or (rules.film_place if gallery is None else FilmPlace.GALLERY)
    gallery = rules.gallery_id if gallery is None else gallery
    if place is FilmPlace.GALLERY and gallery is None:
        raise RequestRefused("gallery_missing")
    return replace(rules, film_place=place, gallery_id=gallery)


def with_strikes(
    rules: ServerRules, *, refusals: int | None = None, pauses: Sequence[timedelta] | None = None
) -> ServerRules:
    """Change what follows refusals by moderation; 0 refusals: nothing. Raises `RequestRefused`."""
    before = rules.strikes
    after = before.pauses if pauses is None else tuple(pauses)
    if not after or len(after) > MOST_PAUSES:
        raise RequestRefused("pauses_many", most=MOST_PAUSES)
    if not all(_SHORTEST_PAUSE <= each <= LONGEST_PAUSE for each in after):
        raise RequestRefused("pause_length")
    return replace(rules, strikes=Strikes(before.refusals if refusals is None else refusals, after))


def length_of(text: str) -> timedelta:
    """Return a length of time as people write it: `90m`, `2h`, `1d 12h`. Raises `RequestRefused`."""
    said = text.strip().lower()
    if not re.fullmatch(f"(?:{_LENGTH.pattern})+", said):
        raise RequestRefused("length_unreadable", value=text)
    return sum((int(number) * _UNITS[unit[0]] for number, unit in _LENGTH.findall(said)), timedelta())


def split(text: str) -> tuple[str, ...]:
    """Return what stands between commas, of any script."""
    return tuple(part for each in re.split(r"[,，、;；\n]", text) if (part := " ".join(each.split())))
