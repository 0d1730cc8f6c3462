"""What the buttons, menus and forms are called, where they stand and what they do: for docs/commands.md.

The exercises hold the labels to what Discord is really sent, in both languages.
"""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Thing:
    """A button, a menu or a form."""

    names: tuple[str, ...]
    """Its labels or titles, as the source has them; of a menu what stands on it while nothing is chosen."""
    where: str
    does: str
    parts: dict[str, str] = field(default_factory=dict)
    """Of a form: the label of each part, by its custom_id."""


def thing(*names, where, does, **parts):
    """Return a thing."""
    return Thing(names, where, does, parts)


FILM = "below a film, `/show`"
NOTICE = "below a film, the news that there is none, `/show`"
COUNTS = "against the limits of whoever presses"
OF_FILMS = {
    "after.Again": thing("Again", where=NOTICE, does=f"makes the same anew, {COUNTS}"),
    "after.Edit": thing("Edit", where=NOTICE, does="opens the form *Edit and make anew*"),
    "extending.Extend": thing(
        "Extend",
        "Extend the original again",
        where=FILM,
        does="opens the form *Extend this film*; below an extension also the way back to its original",
    ),
    "extending.LastFrame": thing(
        "Use last frame", where=FILM, does="opens the form *Begin with its last frame*"
    ),
    "after.Delete": thing(
        "Delete", where="below a film", does="removes the message; the film has counted all the same"
    ),
    "orders.Retry": thing(
        "Retry {changes}",
        where="below the news of a refusal",
        does=f"makes it with that one thing changed, {COUNTS}",
    ),
    "library.Cancel": thing(
        "Cancel",
        "{cancel} (counts in full)",
        where="on a card, in `/videos`, `/show` and `/usage`",
        does="ends what isn't made yet; where its provider doesn't stop, it asks first and counts in full",
    ),
}
OF_BOARDS = {
    "storyboard.Redo": thing(
        "Redo shot {number}",
        where="on a storyboard's card, below the news of a failed shot",
        does="opens the form *Redo shot*",
    ),
    "storyboard.Enough": thing(
        "Stop and join what is made",
        "Stop here",
        "Cancel",
        "{cancel} (counts in full)",
        where="on a storyboard's card, below the news of a failed shot",
        does="makes no more shots, and joins those that are made",
    ),
    "storyboard.Single": thing(
        "Single shots",
        where="on a storyboard's card, below its film",
        does="offers a menu of the shots that are made",
    ),
    "storyboard.Again": thing(
        "Again", where="below a storyboard's film", does="opens the form *Storyboard*, filled in"
    ),
}
OF_ANSWERS = {
    "orders.Confirm": thing(
        "Confirm", where="below the question before something dear", does="begins it, once"
    ),
    "orders.Drop": thing(
        "Cancel", where="below the question before something dear", does="forgets it and its files"
    ),
    "storyboard.Confirm": thing(
        "Confirm", where="below the question before a dear storyboard", does="begins it, once"
    ),
    "orders.Mend": thing(
        "Retry {changes}",
        where="below the refusal of a command",
        does="makes it with that one thing changed, once",
    ),
    "library.Get": thing(
        "Get", where="in `/videos` and `/show`", does="hands over a film that was posted nowhere"
    ),
    "library.Turn": thing("Newer", "Older", where="in `/videos`", does="turns the page"),
    "settings.Page": thing("More settings", "Back", where="in `/settings`", does="shows the other menus"),
    "settings.Clear": thing("Clear all", where="in `/settings`", does="leaves everything to the bot again"),
    "privacy.Forget": thing(
        "Delete everything", where="in `/privacy delete`", does="deletes what is held of whoever pressed"
    ),
    "queue.Turn": thing("From the oldest", "Later ones", where="in `/admin queue`", does="turns the page"),
    "queue.Decide": thing(
        "Cancel",
        "Ask again",
        "Take the film",
        "Go on",
        "Send again",
        "Give up",
        where="below one of `/admin queue`; what each means stands above it",
        does="decides about it; *Send again*, which may be paid twice, is for operators and asks first",
    ),
    "log.Earlier": thing("Older", where="in `/admin log`", does="shows what was done before"),
}
BUTTONS = OF_FILMS | OF_BOARDS | OF_ANSWERS
MENUS = {
    "after.More": thing("More", where=FILM, does="everything else that can be done with it: see below"),
    "after.Choose": thing(
        "Which ratio?",
        "Which provider and model?",
        where="the answer to *Other ratio*, and to *Another provider or model*",
        does=f"makes the film so, {COUNTS}; each entry says what it takes",
    ),
    "library.Filter": thing(where="in `/videos`", does="shows those that stand so: see below"),
    "library.Jump": thing(
        "Show one of these …", where="in `/videos`", does="shows one of the list, as `/show` does"
    ),
    "queue.Choose": thing(
        "Look at one of these …",
        where="in `/admin queue`",
        does="shows one, with what may be decided about it",
    ),
    "settings.Set": thing(where="in `/settings`", does="one menu for each setting: see below"),
    "storyboard.Get": thing(
        "Which shot?", where="the answer to *Single shots*", does="hands over that shot, privately"
    ),
}
FORMS = {
    "COMPOSED": thing(
        "Make a film",
        where="`/compose`",
        does="one picture itself starts to move; from more, or from a clip, a new film borrows",
        prompt="Prompt",
        files="Files",
        model="Model",
        ratio="Ratio",
        seconds="Length",
    ),
    "ANIMATED": thing(
        "Animate this",
        where="right-click, *Animate this*",
        does="a film that begins with the message's picture, and may end with another of its pictures",
        prompt="Prompt",
        first="First frame",
        last="Last frame",
        ratio="Ratio",
        seconds="Length",
    ),
    "BORROWED": thing(
        "Use as reference",
        where="right-click, *Use as reference*",
        does="a film that borrows from the message's pictures, clips and sounds; each may be left out",
        prompt="Prompt",
        borrowed="References",
        model="Model",
        ratio="Ratio",
        seconds="Length",
    ),
    "EDITED": thing(
        "Edit and make anew",
        where="the button *Edit*",
        does="filled in as the film was made; a prompt that is too long for one field has two",
        prompt="Prompt",
        prompt1="Prompt, continued",
        ratio="Ratio",
        seconds="Length",
        resolution="Resolution",
    ),
    "EXTENDED": thing(
        "Extend this film",
        "Begin with its last frame",
        where="the buttons *Extend* and *Use last frame*",
        does="a film whose first frame is the last one of this; *Extend* keeps the prompt",
        prompt="Prompt",
        seconds="Length",
    ),
    "REPORTED": thing(
        "Report this film",
        where="the menu entry *Report*",
        does="goes into `/admin log`, and to its channel if there is one",
        reason="What is wrong with it?",
    ),
    "ASKED": thing(
        "Storyboard",
        where="`/storyboard`, the button *Again* below a storyboard's film",
        does="a shot per line",
        shots="One shot per line, {least} to {most}",
    ),
    "REDONE": thing(
        "Redo shot {number}",
        where="the button *Redo shot*",
        does="the shot's words, to be made anew",
        shots="Prompt",
    ),
}
