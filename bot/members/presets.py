"""Members' presets: named options, and words that are put before every prompt."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from bot.errors import RequestRefused
from bot.members.preferences import OPTIONS
from bot.messages.text import visible
from bot.models import Mode, VideoRequest
from bot.preferences import Preset

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from bot.models import Generation
    from bot.store.members import Members

MOST = 20
"""Presets of one member."""
LONGEST_NAME = 50
"""Characters: a name is also a choice in a list."""
LONGEST_PROMPT = 2000
_ENDLESS = 10_000
"""Characters: more than an option of a command holds."""


@dataclass(frozen=True, slots=True)
class Presets:
    """What members save under a name, and use again."""

    members: Members
    clock: Callable[[], datetime]

    async def save(self, user_id: int, preset: Preset) -> Preset:
        """Save a preset, in place of the one of its name. Raises `RequestRefused`.

        Spaces around the name and in a row don't count, nor does what nobody sees.
        """
        kept = replace(preset, name=_seen(preset.name), prompt=preset.prompt.strip())
        if not kept.name:
            raise RequestRefused("preset_nameless")
        if len(kept.name) > LONGEST_NAME:
            raise RequestRefused("preset_name_long", length=len(kept.name), most=LONGEST_NAME)
        if len(kept.prompt) > LONGEST_PROMPT:
            raise RequestRefused("preset_prompt_long", length=len(kept.prompt), most=LONGEST_PROMPT)
        if kept == Preset(kept.name):
            raise RequestRefused("preset_empty")
        if not await self.members.put_preset(user_id, kept, self.clock(), most=MOST):
            raise RequestRefused("presets_many", most=MOST)
        return kept

    async def find(self, user_id: int, name: str) -> Preset:
        """Return a member's preset. Raises `RequestRefused` where they have none of this name."""
        preset = await self.members.preset(user_id, _seen(name))
        if preset is None:
            raise RequestRefused("preset_unknown", value=name)
        return preset

    async def every(self, user_id: int) -> tuple[Preset, ...]:
        """Return a member's presets, by name."""
        return await self.members.presets(user_id)

    async def delete(self, user_id: int, name: str) -> None:
        """Delete a member's preset. Raises `RequestRefused` where they have none of this name."""
        if not await self.members.delete_preset(user_id, _seen(name)):
            raise RequestRefused("preset_unknown", value=name)


def _seen(name: str) -> str:
    """Return a name as people see it: two that look the same are the same."""
    return " ".join(visible(name, _ENDLESS).split())


def of_film(generation: Generation, name: str, prompt: str) -> Preset:
    """Return a preset with a film's own options, as it was made; `prompt` is put before others."""
    made = generation.request
    values = {option: getattr(made, option) for option in OPTIONS}
    return Preset(name, prompt, **values)


def over(below: Preset, said: Preset) -> Preset:
    """Return a preset with what is said in place of what stands below it."""
    values = {option: getattr(said, option) for option in OPTIONS if getattr(said, option) is not None}
    return replace(below, **values)


def request(preset: Preset, prompt: str, mode: Mode = Mode.TEXT) -> VideoRequest:
    """Return what is asked with a preset: its words, then the member's."""
    values = {option: getattr(preset, option) for option in OPTIONS}
    words = f"{preset.prompt} {prompt.strip()}".strip()
    return VideoRequest(words, mode, **values)
