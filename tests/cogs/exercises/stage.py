"""A server on which one person does something, and everything is noted that they and others then read."""

import sqlite3
from contextlib import closing
from dataclasses import dataclass, field
from io import BytesIO

import discord
from PIL import Image

from bot.demo.amendments import amend
from bot.i18n import speaker
from tests.cogs.exercises import surface
from tests.cogs.posting import post, screened

OTHER = {"en-US": "zh-CN", "zh-CN": "en-US"}
SECRET = "zeugma"
"""A word that only this server's admins should read."""
WORDS = {"en-US": "a paper boat", "zh-CN": "一只纸船"}


@dataclass
class Notes:
    """What the person's steps brought about."""

    results: list = field(default_factory=list)
    """Answers, each with the message that was pressed on, if one was."""
    touched: set = field(default_factory=set)
    shown: set = field(default_factory=set)
    """Forms and their parts."""
    labels: list = field(default_factory=list)
    """What was pressed, and the forms and parts that were shown, with what stood on them."""
    refusals: list = field(default_factory=list)
    offered: list | None = None
    """While an option was typed."""


class Stage:
    """A server, the person on it, and what happened.

    The person reads one language and the server speaks the other, so that none is taken for the other.
    """

    def __init__(self, home, person, language, clip):
        self.home, self.house, self.channel, self.clip = home, home.house, home.channel, clip
        self.language, self.public_language = language, OTHER[language]
        self.say, self.public_say = speaker(language), speaker(self.public_language)
        self.words, self.secret = WORDS[language], SECRET
        self.amendments = amend(home.env.backend)
        home.env.backend.get_guild(home.guild.id).preferred_locale = self.public_language
        self.people = self._people()
        for each in self.people.values():
            self.amendments.languages[each.id] = language
        self.person, self.who = person, self.people[person]
        self.ann, self.admin = home.ann, home.admin
        self.notes, self.log, self.before = Notes(), None, None
        self.posted, self.forged, self.typed = set(), set(), set()
        self._listen()

    def _people(self):
        """Return everybody by what they are."""
        home, env = self.home, self.home.env
        home.other = env.create_guild()
        role = home.other.create_role("Admins", permissions=discord.Permissions(manage_guild=True))
        home.far = home.other.create_text_channel("far")
        stranger, boss = env.create_user("stranger"), env.create_user("boss")
        abroad = home.other.add_member(stranger, roles=[role])
        self.ann_abroad = home.other.add_member(home.ann.user)
        home.other.add_member(boss, roles=[role])
        people = {
            "ann": home.ann,
            "ben": home.ben,
            "mod": home.mod,
            "admin": home.admin,
            "shown": home.ben,
            "blocked": home.guild.add_member(env.create_user("blocked")),
            "stranger": home.guild.add_member(stranger),
            "abroad": abroad,
            "boss": home.guild.add_member(boss),
        }
        command = env.backend.find_command("admin", None)
        seeing = {people[name]: True for name in ("shown", "stranger", "boss")}
        home.guild.set_command_permissions(int(command["id"]), seeing)
        home.client.operators = frozenset({boss.id})
        return people

    def _listen(self):
        client, tell = self.home.client, self.home.client.tell

        async def note(interaction):
            if interaction.user.id == self.who.id:
                self.notes.touched |= surface.touched(interaction)

        async def noted(interaction, error):
            self.notes.refusals.append(getattr(error, "original", error))
            await tell(interaction, error)

        client.add_listener(note, "on_interaction")
        client.tell = noted

    async def prepare(self):
        """Keep whoever is blocked from making films."""
        people = self.house.people
        await people.block(
            self.people["blocked"].id, self.home.guild.id, by=self.admin.id, length=None, reason=""
        )

    @property
    def whom(self):
        """Return Ann, as the person may name her in an option."""
        return self.ann_abroad if self.who is self.people["abroad"] else self.ann

    @property
    def refusals(self):
        """Return what the person was refused so far."""
        return self.notes.refusals

    def _begin(self):
        """Note how everything stood on the server before the person's own first step."""
        if self.before is None and self.who is self.people[self.person]:
            self.before = state(self)

    def _here(self):
        """Return where the person is: whoever manages another server is there."""
        return self.home.far if self.who is self.people["abroad"] else self.channel

    # what the person does

    async def slash(self, command, **options):
        """Give a command."""
        self._begin()
        self.typed |= set(map(str, options.values()))
        self.house.clock.forward(seconds=1)
        return self._noted(await self.who.slash(self._here(), command, **options))

    async def complete(self, command, option, current="", **others):
        """Begin to type an option; return what is offered."""
        self._begin()
        offered = await self.who.autocomplete(self._here(), command, option, current, **others)
        self.notes.offered = [each["value"] for each in offered]
        return self.notes.offered

    async def menu(self, entry, message):
        """Choose an entry of a message's right-click menu."""
        return self._noted(await self.who.context_menu(self.channel, entry, message))

    async def press(self, message, starts):
        """Press the button whose custom_id starts so."""
        self._begin()
        custom_id, label = found(message, starts)
        self.notes.labels.append((surface.item(self.home.client, custom_id), label))
        return self._noted(await self.who.click(message, custom_id=custom_id), message)

    async def choose(self, message, starts, *values):
        """Choose in the menu whose custom_id starts so."""
        self._begin()
        custom_id, label = found(message, starts)
        if label:
            self.notes.labels.append((surface.item(self.home.client, custom_id), label))
        return self._noted(await self.who.select(message, list(values), custom_id=custom_id), message)

    async def fill(self, form, **values):
        """Send a form, if there is one: who is refused it, can't."""
        if form.modal is not None:
            return self._noted(await self.who.submit_modal(form, values))
        return None

    def _noted(self, result, message=None):
        self.notes.results.append((result, message))
        if result.modal:
            labels = surface.parts(self.home.client, result.modal)
            self.notes.shown |= {name for name, _ in labels}
            self.notes.labels += labels
        return result

    # what is there already

    async def as_(self, person, step, *args, **options):
        """Let somebody do a step beforehand, of which nothing is noted."""
        kept = self.who, self.notes
        self.who, self.notes = self.people[person], Notes()
        try:
            return await step(*args, **options)
        finally:
            self.who, self.notes = kept

    async def within_reach(self, answer, of=None):
        """Return a private answer to Ann, or to somebody, as the person can press on it.

        Others can't see it; who sends Discord its buttons' ids all the same gets hold of them so.
        """
        if self.who.id == (of or self.ann).id:
            return answer.response
        view = discord.ui.View.from_message(answer.response.message, timeout=None)
        view.stop()
        channel = self.home.client.get_channel(self._here().id)
        message = await channel.send("1", view=view)
        self.posted.add(message.id)
        self.forged.add(message.id)
        return message

    async def log_channel(self):
        """Have a channel in which everything is told that admins do."""
        self.log = self.home.guild.create_text_channel("log")
        await self.as_("admin", self.slash, "admin log", channel=self.log)
        return self.log

    async def film(self, **said):
        """Return a film of Ann's and its message, as they stand after the delivery."""
        row, message = await screened(self.home, self.clip, **{"prompt": self.words, **said})
        self.posted.add(message.id)
        return row, message

    async def post(self, draft):
        """Post a draft publicly."""
        message = await post(self.home, draft)
        self.posted.add(message.id)
        return message


def found(message, starts):
    """Return custom_id and label of the part of a message whose custom_id starts so."""
    rows = [row if isinstance(row, dict) else row.to_dict() for row in message.components]
    parts = [
        (part["custom_id"], part.get("label") or part.get("placeholder"))
        for row in rows
        for part in row["components"]
        if part.get("custom_id", "").startswith(f"matinee:{starts}")
    ]
    assert parts, f"nothing in {message} begins with {starts}"
    return parts[0]


def state(stage):
    """Return what is written down of the server: its rules, blocks, grants, films and log."""
    path = next(stage.house.keepsakes.hosting.films_dir.parent.glob("*.db"))
    with closing(sqlite3.connect(path)) as connection:
        return {
            table: sorted(
                connection.execute(f"SELECT * FROM {table} WHERE guild_id = ?", (stage.home.guild.id,)),
                key=repr,
            )
            for table in ("servers", "blocks", "grants", "generations", "audit")
        }


def picture(name="a.png"):
    """Return a picture that every provider takes."""
    drawn = BytesIO()
    Image.new("RGB", (640, 360), "navy").save(drawn, "PNG")
    return name, drawn.getvalue()


def read(results):
    """Return every text of private answers and forms, piece by piece."""
    for result, _ in results:
        for message in [result.response, *result.followups]:
            if message is not None:
                yield from of_message(message)
        if result.modal:
            yield from _strings(result.modal)


def of_message(message):
    """Return every text of a message."""
    yield message.content or ""
    for embed in message.embeds:
        yield from _strings(embed.to_dict())
    for row in message.components:
        yield from _strings(row if isinstance(row, dict) else row.to_dict())


def _strings(payload):
    """Return the texts that people read in a payload."""
    if isinstance(payload, dict):
        for key, value in payload.items():
            if key in {"label", "title", "description", "placeholder", "text", "name"} and isinstance(
                value, str
            ):
                yield value
            elif key == "value" and "name" in payload and isinstance(value, str):
                yield value  # an embed's field
            elif key != "emoji":
                yield from _strings(value)
    elif isinstance(payload, list):
        for each in payload:
            yield from _strings(each)
