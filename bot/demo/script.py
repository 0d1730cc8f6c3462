"""What the scripted members ask for: every provider in every mode it has, drawn from its capabilities."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from bot.demo import samples
from bot.models import ADAPTIVE, Capabilities, MediaKind, Mode

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from random import Random

    from bot.demo.samples import Sample

Files = tuple["Sample", ...]

LONGEST: Final = 5
"""Seconds: the script takes no longer film than it must."""
WHO: Final = ("a fox", "an old tram", "a paper boat", "two cranes", "a lighthouse", "a brass band", "a kite")
WHAT: Final = ("crosses a frozen lake", "waits for the storm", "wakes at dawn", "drifts over the hills")
HOW: Final = ("slow dolly in", "handheld, warm light", "one long take", "as a woodcut", "seen from above")
MENTIONS: Final = {Mode.REFERENCE: " in the manner of @1"}
WIRED: Final = {"evolink": ("@1", "image 1")}
"""How a provider wants to be told of a file, where it isn't as the member wrote it."""


@dataclass(frozen=True, slots=True)
class Use:
    """One way to use a provider."""

    name: str
    mode: Mode
    fits: Callable[[Capabilities], bool]
    files: Callable[[Capabilities, Random], Files]


@dataclass(frozen=True, slots=True)
class Ask:
    """One command of a member's. None: left to the bot."""

    take: int
    """Unique: every prompt begins with it."""
    use: str
    mode: Mode
    provider: str
    model: str
    prompt: str
    ratio: str
    seconds: int
    resolution: str | None = None
    sound: bool | None = None
    files: Files = ()

    @property
    def command(self) -> tuple[str, dict[str, Any]]:
        """The slash command and its options."""
        names = (
            [f"file{at}" for at in range(1, 13)] if self.mode is Mode.REFERENCE else ["image", "last_image"]
        )
        attached = {name: (file.name, file.data) for name, file in zip(names, self.files, strict=False)}
        chosen = {name: getattr(self, name) for name in ("resolution", "sound")}
        options = {name: value for name, value in chosen.items() if value is not None}
        said = {name: getattr(self, name) for name in ("prompt", "provider", "model", "ratio", "seconds")}
        return "reference" if self.mode is Mode.REFERENCE else "video", {**said, **options, **attached}

    @property
    def file_name(self) -> str:
        """What its film is called when it is kept."""
        return f"{self.take:02d}-{self.provider}-{re.sub(r'[^a-z]+', '-', self.use)}.mp4"

    @property
    def wire_prompt(self) -> str:
        """The prompt as the provider must receive it."""
        return self.prompt.replace(*WIRED.get(self.provider, ("", "")))


def _takes(mode: Mode) -> Callable[[Capabilities], bool]:
    return lambda model: mode in model.modes


def _takes_all_kinds(model: Capabilities) -> bool:
    return Mode.REFERENCE in model.modes and set(MediaKind) <= model.media.keys()


def _pictures(count: int) -> Callable[[Capabilities, Random], Files]:
    return lambda _, chance: tuple(
        samples.picture(f"still-{at}.{chance.choice(('png', 'jpg', 'webp'))}", chance)
        for at in range(1, count + 1)
    )


def _references(model: Capabilities, chance: Random) -> Files:
    return _pictures(max(model.fewest_pictures_alone, chance.choice((1, 2))))(model, chance)


def _one_of_each(model: Capabilities, chance: Random) -> Files:
    return (
        *_pictures(1)(model, chance),
        samples.clip("pan.mp4", chance),
        samples.sound("melody.wav", chance),
    )


USES: Final = (
    Use("text", Mode.TEXT, _takes(Mode.TEXT), lambda _model, _chance: ()),
    Use("first frame", Mode.FIRST_FRAME, _takes(Mode.FIRST_FRAME), _pictures(1)),
    Use("first and last frame", Mode.FIRST_LAST_FRAME, _takes(Mode.FIRST_LAST_FRAME), _pictures(2)),
    Use("pictures", Mode.REFERENCE, _takes(Mode.REFERENCE), _references),
    Use("picture, clip, sound", Mode.REFERENCE, _takes_all_kinds, _one_of_each),
)


def write(capabilities: Sequence[Capabilities], chance: Random) -> tuple[Ask, ...]:
    """Draw one command for each provider and each way to use it, over as many models as there are ways."""
    asks: list[Ask] = []
    for provider in dict.fromkeys(model.provider for model in capabilities):
        own = [model for model in capabilities if model.provider == provider]
        for use in USES:
            fitting = [model for model in own if use.fits(model)]
            if fitting:
                used = [ask.model for ask in asks if ask.provider == provider]
                model = min(fitting, key=lambda each: used.count(each.model))
                asks.append(_ask(len(asks) + 1, use, model, chance))
    return tuple(asks)


def deal(asks: Sequence[Ask], members: Sequence[str]) -> dict[str, tuple[Ask, ...]]:
    """Give each member the same number of commands, as far as it goes, of different providers."""
    return {member: tuple(asks[at :: len(members)]) for at, member in enumerate(members)}


def _ask(take: int, use: Use, model: Capabilities, chance: Random) -> Ask:
    scene = f"Take {take}: {chance.choice(WHO)} {chance.choice(WHAT)}, {chance.choice(HOW)}"
    return Ask(
        take=take,
        use=use.name,
        mode=use.mode,
        provider=model.provider,
        model=model.model,
        prompt=scene + MENTIONS.get(use.mode, ""),
        ratio=chance.choice([ratio for ratio in model.ratios if ratio != ADAPTIVE]),
        seconds=chance.choice(list(_short(model.seconds))),
        resolution=_resolution(model.resolutions, chance),
        sound=chance.choice((True, False)) if model.sound else None,
        files=use.files(model, chance),
    )


def _short(seconds: Iterable[int]) -> Iterator[int]:
    return (length for length in seconds if length <= LONGEST)


def _resolution(resolutions: Sequence[str], chance: Random) -> str | None:
    """Take the lowest mostly: sharp films cost the script its time."""
    if not resolutions:
        return None
    return chance.choices(resolutions, weights=[6] + [1] * (len(resolutions) - 1))[0]
