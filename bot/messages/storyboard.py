"""A storyboard as messages: its one card, its film, the news of a shot that failed, its forms and buttons."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import discord

from bot import quotas
from bot.i18n import later, speaker
from bot.messages import buttons, phrases
from bot.messages.draft import CardFacts, Draft
from bot.messages.film import mention, requester_only
from bot.messages.text import ELLIPSIS, line, name
from bot.models import WITHOUT_FILM, Cost, Generation, Status
from bot.shots import FEWEST, MOST, BoardStatus, following, is_broken, is_made, is_under_way, is_waiting

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from bot.i18n import Say
    from bot.shots import Storyboard

__all__ = ["CardFacts", "Shown", "card", "film", "notice"]

REDO = r"matinee:shots:redo:(?P<id>[0-9a-f]{16}):(?P<shot>[1-6])(?::[0-9a-f]{16})?"
"""The last part, on a notice, is the generation that failed: by it the notice is found again."""
REDONE = r"matinee:shots:redone:(?P<id>[0-9a-f]{16}):(?P<shot>[1-6])"
"""Of the modal that Redo opens."""
ENOUGH = r"matinee:shots:enough:(?P<id>[0-9a-f]{16})(?P<full>:full)?"
"""`:full`: the button said that a shot counts in full."""
SINGLE = r"matinee:shots:single:(?P<id>[0-9a-f]{16})"
GET = r"matinee:shots:get:(?P<id>[0-9a-f]{16})"
"""The menu that Single shots answers with."""
AGAIN = r"matinee:shots:again:(?P<id>[0-9a-f]{16})"
CONFIRM = r"matinee:shots:confirm:(?P<order>[0-9a-f]{16}):(?P<continuous>[01])"
ASKED = r"matinee:shots:asked:(?P<options>.+)"
"""Of the modal that `/storyboard` opens; its options stand in the id, so that nothing needs to be kept."""
_TEXT = 4000
"""Characters that one field of a modal holds."""
_PROMPT = 120
_Style = discord.ButtonStyle

_STATES = {
    BoardStatus.JOINING: later("All shots are made, and are being joined."),
    BoardStatus.FAILED: later("The shots could not be joined. They are kept, and each can be had by itself."),
    BoardStatus.CANCELLED: later("Ended before any shot was made."),
}


@dataclass(frozen=True, slots=True)
class Shown:
    """One shot, and what its row doesn't say."""

    shot: Generation
    facts: CardFacts


# the card


def card(
    board: Storyboard,
    shown: Sequence[Shown],
    film: Generation | None,
    facts: CardFacts | None,
    *,
    charged: bool = False,
) -> Draft:
    """Return the card as it should stand now; `film` is the joined one, as soon as there is one.

    `charged`: giving up now counts a shot in full, so the button says so first.
    """
    say = speaker(board.place.locale)
    shots = [each.shot for each in shown]
    follows = following(board, shots)
    embed = discord.Embed(
        description="\n".join(_line(board, each, follows, say) for each in shown),
        colour=_colour(board, shots),
    )
    embed.add_field(name=say("State"), value=_state(board, shots, film, facts, say), inline=False)
    embed.add_field(name=say("Provider"), value=phrases.provider(shots[0].request))
    embed.add_field(name=say("Model"), value=phrases.model(shots[0]))
    options = [
        *phrases.options(shots[0].request, say),
        say("each begins with the last frame of the one before") if board.continuous else say("hard cuts"),
    ]
    embed.add_field(name=say("Options"), value=" · ".join(options), inline=False)
    embed.add_field(name=say("Cost"), value=cost(shots, say), inline=False)
    embed.set_footer(text=board.id)
    asked = say(
        "**{who}** asked for a film of {number} shots.",
        who=line(board.requester.name, 100) or "?",
        number=len(shots),
    )
    return Draft(content=asked, embed=embed, view=_of_card(board, shots, say, charged=charged))


def _line(board: Storyboard, shown: Shown, follows: Generation | None, say: Say) -> str:
    shot = shown.shot
    how = _of_shot(board, shown, follows, say)
    return f"**{shot.shot}.** {line(shot.asked.prompt, _PROMPT)}\n{_mark(shot)} {how}"


def _mark(shot: Generation) -> str:
    if is_made(shot):
        return "✅"
    if shot.status is Status.CANCELLED:
        return "⏹️"
    if is_broken(shot):
        return "⚠️"
    return "▫️" if is_waiting(shot) else "🎬"


def _of_shot(board: Storyboard, shown: Shown, follows: Generation | None, say: Say) -> str:
    shot = shown.shot
    if is_made(shot):
        return say("Made.")
    if not is_waiting(shot):
        return phrases.state(shot, shown.facts, say)
    if board.enough:
        return say("Not made any more.")
    if shot is follows:
        return say("Next.")
    return say("Waits for shot {number}.", number=(shot.shot or 0) - 1)


def _state(
    board: Storyboard,
    shots: Sequence[Generation],
    film: Generation | None,
    facts: CardFacts | None,
    say: Say,
) -> str:
    if board.status is BoardStatus.SHOOTING:
        return _shooting(board, shots, say)
    if film is None or facts is None or board.status is not BoardStatus.DELIVERED:
        going_on = film is not None and film.status in {Status.FETCHED, Status.POSTING, Status.PARKED}
        if going_on and film is not None and facts is not None:
            return phrases.state(film, facts, say)
        return say(_STATES[board.status])
    return phrases.state(film, facts, say)


def _shooting(board: Storyboard, shots: Sequence[Generation], say: Say) -> str:
    made = any(map(is_made, shots))
    if board.enough:
        return say("Being ended. What is made will be joined.") if made else say("Being cancelled.")
    going = [shot for shot in shots if is_under_way(shot)]
    if going:
        return say("Shot {number} of {all} is being made.", number=going[0].shot, all=len(shots))
    if following(board, shots):
        return say("The next shot is about to begin.")
    return _stuck(shots, say, made=made)


def _stuck(shots: Sequence[Generation], say: Say, *, made: bool) -> str:
    """Return who must do what: its member about what failed, the operator about what is parked."""
    failed = [str(shot.shot) for shot in shots if shot.status in WITHOUT_FILM]
    if failed:
        missing = say.many(
            "Shot {numbers} could not be made.",
            "Shots {numbers} could not be made.",
            len(failed),
            numbers=say(", ").join(failed),
        )
        redo_ = say("Press Redo, or stop and join what is made.") if made else say("Press Redo, or cancel.")
        return f"{missing}\n{redo_}"
    if any(shot.status is Status.PARKED for shot in shots):
        return say("The operator has to look at a shot; then it goes on.")
    return say("About to be joined.") if made else say("Being ended. What is made will be joined.")


def cost(shots: Sequence[Generation], say: Say) -> str:
    """Return what all shots take, or took, from their member's limits."""
    whole = total(shots)
    if not whole.videos:
        return say("Counts nothing against your limits.")
    taken = _amounts(shots, say)
    if all(is_made(shot) or shot.status in WITHOUT_FILM for shot in shots):
        return say("Counts {amounts}.", amounts=taken)
    return say("Reserved: {amounts}.", amounts=taken)


def _amounts(shots: Sequence[Generation], say: Say) -> str:
    return phrases.amounts(replace(shots[0], cost=total(shots), charged=None), say)


def total(shots: Sequence[Generation]) -> Cost:
    """Return what the shots that count cost together."""
    costs = [shot.cost for shot in shots if quotas.counts(shot)]
    return Cost(*(sum(getattr(cost, unit) for cost in costs) for unit in ("videos", "seconds", "credits")))


def _colour(board: Storyboard, shots: Sequence[Generation]) -> discord.Colour:
    if board.status is BoardStatus.DELIVERED:
        return discord.Colour.green()
    if board.status is BoardStatus.CANCELLED:
        return discord.Colour.light_grey()
    if board.status is BoardStatus.FAILED:
        return discord.Colour.red()
    stuck = any(map(is_broken, shots)) and not any(map(is_under_way, shots))
    return discord.Colour.orange() if stuck else discord.Colour.blurple()


def _of_card(
    board: Storyboard, shots: Sequence[Generation], say: Say, *, charged: bool
) -> discord.ui.View | None:
    items: list[buttons.Button] = []
    if board.status is BoardStatus.SHOOTING and not board.enough:
        items += [redo(shot, say) for shot in shots if shot.status in WITHOUT_FILM]
        items.append(enough(board.id, say, made=any(map(is_made, shots)), charged=charged))
    if any(map(is_made, shots)):
        items.append(buttons.single_shots(board.id, say))
    return buttons.row(*items) if items else None


# buttons


def redo(shot: Generation, say: Say, *, notice: bool = False) -> buttons.Button:
    """Return the button that makes a failed shot again; on its notice it names the generation that failed."""
    last = f":{shot.id}" if notice else ""
    return discord.ui.Button(
        style=_Style.primary,
        emoji="🔄",
        label=say("Redo shot {number}", number=shot.shot),
        custom_id=f"matinee:shots:redo:{shot.storyboard_id}:{shot.shot}{last}",
    )


def enough(id: str, say: Say, *, made: bool | None, charged: bool) -> buttons.Button:  # noqa: A002 -- the domain's word
    """Return the button that ends a storyboard half-way; its label says if a shot then counts in full.

    `made`: whether anything is, None: nobody knows by the time it is pressed.
    """
    words = say("Stop here") if made is None else say("Stop and join what is made") if made else say("Cancel")
    if charged:
        words = say("{cancel} (counts in full)", cancel=words)
    return discord.ui.Button(
        style=_Style.secondary,
        label=words[:80],
        custom_id=f"matinee:shots:enough:{id}{':full' if charged else ''}",
    )


def choice(id: str, shots: Sequence[Generation], say: Say) -> Draft:  # noqa: A002
    """Return the question which of the made shots somebody wants."""
    options = [
        discord.SelectOption(label=f"{shot.shot}. {name(shot.asked.prompt, 90)}"[:100], value=str(shot.shot))
        for shot in shots
        if is_made(shot)
    ]
    menu: discord.ui.Select[discord.ui.View] = discord.ui.Select(
        custom_id=f"matinee:shots:get:{id}", placeholder=say("Which shot?")[:150], options=options
    )
    return Draft(content=say("Which shot would you like?"), view=buttons.row(menu))


# the film, and the news of none


def film(generation: Generation, link: str | None = None) -> Draft:
    """Return the message that brings the joined film, or a link to it; it mentions the requester alone."""
    say = speaker(generation.place.locale)
    prompts = generation.asked.prompt.split("\n")[:MOST]
    told = [
        say("{who} your film of several shots is ready.", who=mention(generation)),
        *(f"> {number}. {line(prompt, _PROMPT) or ELLIPSIS}" for number, prompt in enumerate(prompts, 1)),
        "-# "
        + " · ".join(
            [
                phrases.provider(generation.request),
                phrases.model(generation),
                *phrases.options(generation.request, say),
            ]
        ),
    ]
    if link:
        told += [say("Too large to be attached here, so as a link:"), link]
    view = buttons.of_film(generation, say)
    return Draft(content="\n".join(told), view=view, allowed_mentions=requester_only(generation))


def notice(generation: Generation) -> Draft:
    """Return the news of a shot that could not be made, or of shots that could not be joined."""
    say = speaker(generation.place.locale)
    if generation.shot is None:
        told = [say(_STATES[BoardStatus.FAILED])]
        view = buttons.row(buttons.single_shots(generation.id, say))
    else:
        told = [
            say("Shot {number} of your storyboard could not be made.", number=generation.shot),
            phrases.reason(generation, say),
            phrases.cost(generation, say),
            say("Redo it, with other words if you like: the other shots stay."),
            say("Or stop here, and what is made is joined. If you do neither, that happens in a week."),
        ]
        stop = enough(generation.storyboard_id or "", say, made=None, charged=False)
        view = buttons.row(redo(generation, say, notice=True), stop)
    return Draft(
        content=f"{mention(generation)} " + "\n".join(told),
        embed=discord.Embed(description=line(generation.asked.prompt, 200) or ELLIPSIS),
        view=view,
        allowed_mentions=requester_only(generation),
    )


# forms and private answers


def asking_modal(options: str, say: Say, prompts: Sequence[str] = ()) -> discord.ui.Modal:
    """Return the form of a storyboard: one field, a shot per line. `options` come back with it."""
    field = discord.ui.TextInput[discord.ui.Modal](
        style=discord.TextStyle.paragraph,
        custom_id="shots",
        default="\n".join(prompts)[:_TEXT] or None,
        placeholder=say("A paper boat sets sail\nThe boat in a storm\nThe boat lands on an island")[:100],
        max_length=_TEXT,
    )
    text = say("One shot per line, {least} to {most}", least=FEWEST, most=MOST)
    cost_ = say("Each shot is a film of its own, and counts against your own limits.")
    return _modal(say("Storyboard"), f"matinee:shots:asked:{options}", text, cost_, field)


def redo_modal(shot: Generation, say: Say) -> discord.ui.Modal:
    """Return the form that makes a failed shot again, filled in with its words."""
    field = discord.ui.TextInput[discord.ui.Modal](
        style=discord.TextStyle.paragraph,
        custom_id="shots",
        default=shot.asked.prompt[:_TEXT],
        max_length=_TEXT,
    )
    title = say("Redo shot {number}", number=shot.shot)
    cost_ = say("It is made anew, which counts against your own limits.")
    id_ = f"matinee:shots:redone:{shot.storyboard_id}:{shot.shot}"
    return _modal(title, id_, say("Prompt"), cost_, field)


def _modal(
    title: str, custom_id: str, text: str, description: str, field: discord.ui.Item[Any]
) -> discord.ui.Modal:
    modal = discord.ui.Modal(title=title[:45], custom_id=custom_id)
    modal.add_item(discord.ui.Label(text=text[:45], description=description[:100], component=field))
    modal.stop()
    return modal


def written(data: Mapping[str, Any]) -> str:
    """Return the text from a submitted form's data."""
    fields: Iterator[Mapping[str, Any]] = (row.get("component", {}) for row in data.get("components", []))
    return "".join(str(field.get("value") or "") for field in fields)


def begun(shots: Sequence[Generation], say: Say) -> str:
    """Return what is said when a storyboard has been written down: who makes it, and the whole price."""
    what = say(
        "{number} shots, one after the other, at {provider}, {model}.",
        number=len(shots),
        provider=phrases.provider(shots[0].request),
        model=phrases.model(shots[0]),
    )
    return f"{what}\n{cost(shots, say)}"


def question(shots: Sequence[Generation], say: Say) -> str:
    """Return what is asked before something dear is begun: what it will be, and the whole price."""
    return "\n".join(
        [
            *(f"> {shot.shot}. {line(shot.asked.prompt, _PROMPT)}" for shot in shots),
            f"{phrases.provider(shots[0].request)} · {phrases.model(shots[0])}",
            say("It takes {amounts} from your limits.", amounts=_amounts(shots, say)),
            say("Shall it be made? Nothing has been sent yet."),
        ]
    )


def confirmation(order_id: str, say: Say, *, continuous: bool) -> discord.ui.View:
    """Return the button that begins what was asked about."""
    return buttons.row(
        discord.ui.Button(
            style=_Style.primary,
            label=say("Confirm"),
            custom_id=f"matinee:shots:confirm:{order_id}:{int(continuous)}",
        )
    )


def redone(shot: Generation, say: Say) -> str:
    """Return what is said when a shot is to be made again."""
    told = say("Shot {number} is being made again; the card shows it.", number=shot.shot)
    return f"{told}\n{phrases.cost(shot, say)}"


def ended(say: Say, *, made: bool, in_full: bool) -> str:
    """Return what is said to a wish to end half-way."""
    told = say("No more shots are made; what is made is joined.") if made else say("It is being ended.")
    return f"{told} " + say("The shot at the provider counts in full.") if in_full else told
