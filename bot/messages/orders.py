"""What is said before anything is spent: the question, and what one press may change."""

from __future__ import annotations

from typing import TYPE_CHECKING

import discord

from bot.i18n import later
from bot.messages import phrases
from bot.messages.buttons import row
from bot.messages.text import ELLIPSIS, line, name, span
from bot.models import Mode
from bot.providers.mends import written

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import timedelta

    from bot.i18n import Say
    from bot.messages.buttons import Button
    from bot.models import Generation
    from bot.providers.health import Health
    from bot.providers.mends import Mend

CONFIRM = r"matinee:confirm:(?P<id>[0-9a-f]{16})"
DROP = r"matinee:drop:(?P<id>[0-9a-f]{16})"
MEND = r"matinee:mend:(?P<id>[0-9a-f]{16}):(?P<mend>[a-z0-9_=:;.-]{1,68})"
"""Of an order that we refused: its id, and what to change."""
RETRY = r"matinee:retry:(?P<id>[0-9a-f]{16}):(?P<mend>[a-z0-9_=:;.-]{1,68})"
"""Of a generation that its provider refused or that failed."""
_LONGEST = 68
"""Characters that a custom_id has left for what to change."""
_MODES = {
    Mode.TEXT: later("from words alone"),
    Mode.FIRST_FRAME: later("as first frame"),
    Mode.FIRST_LAST_FRAME: later("as first and last frame"),
    Mode.REFERENCE: later("as references"),
}
_SWITCHES: dict[tuple[str, object], str] = {
    ("sound", False): later("without sound"),
    ("sound", True): later("with sound"),
    ("sound", None): later("with whatever sound it makes"),
    ("fallback", None): later("without another model"),
    ("web_search", None): later("without web search"),
}
_Style = discord.ButtonStyle


def held_up(generation: Generation, health: Health, say: Say) -> str:
    """Return what is said besides of one whose provider takes nothing just now, and of others nothing."""
    if health.healthy(generation.request.provider or ""):
        return ""
    return say(
        "{provider} is busy or out of order just now, so it waits. Until it is sent, a cancel costs nothing.",
        provider=phrases.provider(generation.request),
    )


def question(quoted: Generation, times: tuple[timedelta, timedelta], today: str, say: Say) -> str:
    """Return what is asked before something dear is begun: what it will be, what it takes, what is left.

    `today` tells what is left of the limits.
    """
    what = [phrases.provider(quoted.request), phrases.model(quoted), *phrases.options(quoted.request, say)]
    lines = [
        f"> {line(quoted.asked.prompt, 300) or ELLIPSIS}",
        " · ".join(what),
        say("It takes {amounts} from your limits.", amounts=phrases.amounts(quoted, say)),
        expected(times, say),
        today,
        say("Shall it be made? Nothing has been sent yet."),
    ]
    if not phrases.price(quoted, say):
        lines.insert(3, say("What it costs there isn't known here."))
    return "\n".join(lines)


def expected(times: tuple[timedelta, timedelta], say: Say) -> str:
    """Return how long it takes from the moment when its provider has it."""
    usual, worst = times
    return say(
        "Once it is sent it usually takes {usual}, at worst {worst}.",
        usual=span(usual, say),
        worst=span(worst, say),
    )


def answers(order_id: str, say: Say) -> discord.ui.View:
    """Return the buttons that answer the question."""
    yes: Button = discord.ui.Button(
        style=_Style.primary, label=say("Confirm"), custom_id=f"matinee:confirm:{order_id}"
    )
    no: Button = discord.ui.Button(
        style=_Style.secondary, label=say("Cancel"), custom_id=f"matinee:drop:{order_id}"
    )
    return row(yes, no)


def mends(order_id: str, offered: Iterable[Mend], say: Say) -> discord.ui.View:
    """Return the buttons below a refusal of ours: each makes it with something changed."""
    return row(*_buttons("mend", order_id, offered, say))


def retries(generation_id: str, offered: Iterable[Mend], say: Say) -> list[Button]:
    """Return the buttons below a provider's refusal, at the presser's cost."""
    return _buttons("retry", generation_id, offered, say)


def _buttons(kind: str, id_: str, offered: Iterable[Mend], say: Say) -> list[Button]:
    return [
        discord.ui.Button(
            style=_Style.primary, label=_label(mend, say), custom_id=f"matinee:{kind}:{id_}:{written(mend)}"
        )
        for mend in offered
        if 0 < len(written(mend)) <= _LONGEST
    ]


def _label(mend: Mend, say: Say) -> str:
    changes = say(", ").join(_change(option, value, say) for option, value in mend)
    return name(say("Retry {changes}", changes=changes), 80)


def _change(option: str, value: object, say: Say) -> str:
    if (option, value) in _SWITCHES:
        return say(_SWITCHES[option, value])
    match option:
        case "mode":
            return say(_MODES[Mode(str(value))])
        case "seconds":
            return say("with {seconds} s", seconds=value)
        case "ratio" | "resolution":
            return say("in {form}", form=say.name("choice", str(value)))
        case "provider":
            return say("with {maker}", maker=phrases.PROVIDERS.get(str(value), str(value)))
        case _:
            return say("with {maker}", maker=value)
