"""One short scenario for each command, menu entry, button and form: who may use it, and what it touches.

`tests/cogs/test_every_command.py` runs each as every right person and as every wrong one, in both
languages, and holds the table against what the bot really has.
"""

from dataclasses import dataclass

EVERYBODY = "everybody"
OWNER = "its member"
MODERATED = "its member, moderators"
ADMIN = "admins"
OPERATOR = "operators"

RIGHT = {
    EVERYBODY: ("ben",),
    OWNER: ("ann",),
    MODERATED: ("ann", "mod"),
    ADMIN: ("admin", "boss"),
    OPERATOR: ("boss",),
}
"""Those who may: of a film of Ann's, of a server that admin manages, of a bot that boss runs."""
WRONG = {
    EVERYBODY: {},
    OWNER: {"ben": "not_found"},
    MODERATED: {"ben": "not_yours"},
    ADMIN: {"shown": "not_admin", "stranger": "not_admin"},
    OPERATOR: {"admin": "not_operator", "shown": "not_admin"},
}
"""Those who may not, and the refusal's code: a member who is shown /admin, another server's admin."""
NOTHING = "nothing"
SOMETHING = "something"
"""Instead of a code: nothing is offered, or all the same what is no secret."""


@dataclass(frozen=True)
class Exercise:
    """A scenario: an async function of the stage, whose last step is what the wrong person is refused."""

    run: object
    touches: frozenset[str]
    """As `surface.touched` names what reaches the bot."""
    who: str
    wrong: dict[str, str]
    travels: bool = True
    """Whether it can be tried from another server: none of its options is a channel or role of this one."""

    @property
    def name(self):
        """Return what it is called."""
        return f"{self.run.__module__.rpartition('.')[2]}.{self.run.__name__}"


EXERCISES = []


def exercise(*touches, who=EVERYBODY, makes=False, travels=True, **wrong):
    """Register a scenario.

    `touches`: `/command: option option`, `/command? option` where the option is completed, `> Menu entry`,
    `Button`, `Menu: value`, `FORM: part part`. With `makes` it makes a film, which somebody blocked can't;
    `wrong` adds or changes whom it refuses, with the code.
    """

    def register(run):
        persons = WRONG[who] | ({"blocked": "blocked"} if makes else {}) | wrong
        EXERCISES.append(Exercise(run, frozenset(_spelled(touches)), who, persons, travels))
        return run

    return register


def _spelled(touches):
    for each in touches:
        thing, colon, parts = each.partition(": ")
        yield thing
        if colon:
            yield from (f"{thing}: {part}" for part in parts.split())
