"""Hostile words in every place that takes any, through every message that the bot can make of them."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from itertools import chain
from random import Random
from typing import TYPE_CHECKING, Any

import pytest

from bot import errors
from bot.i18n import languages, speaker
from bot.members.presets import LONGEST_NAME
from bot.messages import (
    CardFacts,
    admin_log,
    admin_people,
    admin_rules,
    card,
    compose,
    deliveries,
    details,
    film,
    library,
    modals,
    money,
    notice,
    operations,
    orders,
    settings,
    storyboard,
    words_for,
)
from bot.messages.draft import Draft
from bot.messages.film import copy
from bot.messages.refusals import SENTENCES
from bot.messages.text import visible
from bot.models import MediaKind, Mode, Notice, Place, Requester, Status, TaskStatus
from bot.orders import Offered
from bot.preferences import Preferences, Preset
from bot.providers.capabilities import CAPABILITIES
from bot.providers.health import Health
from bot.servers import REPORT, WORD_RULE, Block, Deed, ServerRules
from bot.shots import BoardStatus, film_of
from bot.wording import WordRules
from tests.bot.messages.test_messages import NOW, file, generation
from tests.bot.store.test_storyboards import board, shot
from tests.fakes import a_film, a_request
from tests.faults.figures import named, pieces
from tests.faults.harmless import embed_is_short, faults, hostile

if TYPE_CHECKING:
    from collections.abc import Iterator

LINK = "https://bot.example/films/0123456789abcdef"
CALLED = r"<@42>|<@1001>|<#7>|<#500>"
"""Whom and what our own sentences name: the requester, the channel where it was asked."""
MODELS = [model for models in CAPABILITIES.values() for model in models.values()]
ANSWERS = [
    *(errors.ProviderUnavailable, errors.NotSent, errors.OutcomeUnknown, errors.InputRejected),
    *(errors.ModerationRejected, errors.CreditExhausted, errors.KeyRejected, errors.TaskNotFound),
]
REASONS = ["moderation_prompt", "moderation_file", "input", "key", "attachment_expired", "provider", "a code"]


class Words:
    """Hostile texts, and how many were handed out."""

    def __init__(self, seed: int) -> None:
        self.dice = Random(seed)
        self.count = 0

    def __call__(self, most: int = 6000) -> str:
        """Return another one, as long as the place that it goes to takes."""
        self.count += 1
        return hostile(self.dice)[:most]

    def row(self, **fields: Any):
        """Return a generation that is hostile wherever others have a say in it."""
        media = tuple(replace(file(self(80)), kind=kind) for kind in self.dice.choices(list(MediaKind), k=4))
        status = self.dice.choice(list(Status))
        asked = a_request(prompt=self(), media=media[: self.dice.randrange(5)], mode=Mode.REFERENCE)
        place = Place(7, self.dice.choice([8, None]), locale=self.dice.choice(["en-US", "zh-CN", self(9)]))
        made = {
            "request": asked,
            "place": place,
            "requester": Requester(42, self(32), "en-US"),
            "used_model": self(),
            "reason": self.dice.choice(REASONS),
            "task_status": self.dice.choice([None, *TaskStatus]),
            "film": a_film() if self.dice.random() < 0.5 else None,
            "message_id": self.dice.choice([None, 5]),
            "notice": Notice.NONE,
        }
        row = replace(generation(status), **(made | fields))
        routed = replace(row.request, ratio=self(30), resolution=self(30), model=self(60), provider=self(30))
        return replace(row, request=routed) if self.dice.random() < 0.5 else row

    def refusal(self):
        """Return a refusal with hostile facts."""
        facts = {name: self() for name in ("value", "file", "why", "provider", "model")}
        facts |= {"option": "ratio", "allowed": tuple(self() for _ in range(self.dice.randrange(30)))}
        numbers = dict.fromkeys(["length", "most", "least", "count", "width", "height", "number"], 7)
        more = {"until": NOW, "reference": self(), "kind": MediaKind.IMAGE, "mode": Mode.TEXT, "files": 3}
        return errors.RequestRefused(self.dice.choice([*SENTENCES, self()]), **facts, **numbers, **more)


def out_of_order() -> Health:
    """Return the health of providers none of which takes anything."""
    health = Health(lambda: NOW)
    health.healthy = lambda _: False  # type: ignore[method-assign]
    return health


def said(content: str | None) -> dict[str, Any]:
    """Return a message of words alone."""
    return {"content": content}


def sent(draft: Draft) -> dict[str, Any]:
    """Return a draft as it goes to Discord."""
    embeds = [draft.embed.to_dict()] if draft.embed else []
    view = draft.view.to_components() if draft.view else []
    return {
        "content": draft.content,
        "embeds": embeds,
        "components": view,
        "allowed_mentions": draft.allowed_mentions.to_dict(),
    }


def films(words: Words) -> Iterator[Any]:
    """Make every message about one film."""
    say, row = speaker("en-US"), words.row()
    facts = CardFacts(NOW, place=2, film_link=LINK, continues=f"[a film]({LINK})")
    yield card(row, facts)
    yield film(words.row(storyboard_id=None), facts, LINK)
    yield copy(row, facts, 42, say)
    yield notice(words.row(), facts)
    yield details.details(words.row(), facts, say)
    for change in (deliveries.from_elsewhere, deliveries.instead):
        yield change(film(words.row(card_id=9), facts), row)
    yield deliveries.smaller(film(words.row(), facts), words.row(film=a_film(10**8)))
    entry = library.Entry(words.row(), place=3, link=LINK, kept=True)
    yield library.one(entry, NOW, say, elsewhere=LINK, too_large=10**8)
    yield said(library.cancelled(words.row(), say, in_full=True))
    yield said(orders.held_up(words.row(), out_of_order(), say))
    yield said(orders.question(words.row(), (timedelta(1), timedelta(2)), "", say))
    yield {"choices": [{"name": library.choice(words.row()), "value": row.id}]}


def lists(words: Words) -> Iterator[Any]:
    """Make every list: a member's own, an operator's, an admin's log and blocks."""
    say = speaker("en-US")
    rows = [words.row(id=f"{number:016x}") for number in range(8)]
    sought = library.Sought(library.Shown.ALL, library.searchable(words()))
    yield library.page([library.Entry(row, link=LINK) for row in rows], say, sought, older=True, newer=True)
    yield library.page([], say, sought)
    yield operations.queue(rows, say, NOW, everywhere=True, first=True)
    yield operations.one(words.row(status=Status.PARKED), ["ask", "give_up"], say, NOW)
    yield operations.sure(words.row(status=Status.PARKED), "send", say)
    presets = [preset(words) for _ in range(20)]
    yield settings.presets(presets, 20, say)
    yield said(settings.preset(presets[0], say))
    texts = {name: words(60) for name in ("provider", "model", "ratio", "resolution", "deliver", "language")}
    own = Preferences(**texts, seconds=5, sound=True)
    offered = dict.fromkeys(settings.NAMES, ("5", "1"))
    yield from (settings.page(number, own, offered, languages(), say) for number in (0, 1))
    deeds = [
        Deed(str(n), 400, NOW, 42, words(), words.dice.choice([REPORT, WORD_RULE, words(60)]), words())
        for n in range(8)
    ]
    yield Draft(admin_log.page(deeds, say, told_in=500, everywhere=True)[0])
    yield said(admin_log.told(42, words(60), words(), say))
    blocks = [Block(400, 42, NOW, words(200), 42, NOW) for _ in range(40)]
    yield said(admin_people.listed(blocks, say, most=30)[0])
    yield said(admin_rules.words(WordRules(*(tuple(words(60) for _ in range(40)) for _ in range(3))), say)[0])
    yield said(admin_rules.tested(words(60), say))
    yield said(
        admin_rules.models(
            ServerRules(models=tuple(words(60) for _ in range(9)), providers=(words(30),)), say
        )
    )
    yield said(money.refunded(words.row(), say))


def preset(words: Words) -> Preset:
    """Return a preset as it is kept."""
    name = " ".join(visible(words(), 9000).split())[:LONGEST_NAME] or "x"
    return Preset(name, words(2000), words(30), words(60), words(20), words(20), 15, sound=True)


def boards(words: Words) -> Iterator[Any]:
    """Make every message about a storyboard."""
    say, facts = speaker("en-US"), CardFacts(NOW)
    statuses = words.dice.choices(list(Status), k=6)
    some = [
        shot(
            n,
            status=status,
            film=a_film(),
            asked=a_request(prompt=words()),
            requester=Requester(1001, words(32)),
        )
        for n, status in enumerate(statuses, 1)
    ]
    owner = board(status=words.dice.choice(list(BoardStatus)), requester=Requester(1001, words(32)))
    joined = replace(film_of(owner, some, NOW), used_model=words(), film=a_film())
    shown = [storyboard.Shown(one, facts) for one in some]
    yield storyboard.card(owner, shown, joined, facts)
    yield storyboard.film(joined, LINK)
    yield storyboard.notice(joined)
    yield storyboard.notice(some[0])
    yield storyboard.choice(owner.id, some, say)
    yield said(storyboard.begun(some, say))
    yield said(storyboard.question(some, say))
    yield said(storyboard.redone(some[0], say))


def forms(words: Words) -> Iterator[Any]:
    """Open every form; what is filled in stands there as it was written, for its own writer alone."""
    say, row = speaker("en-US"), words.row()
    choices = compose.Choices(MODELS, Preferences(model=words(60), ratio=words(20)))
    offered = [Offered(words(), LINK, 9) for _ in range(10)]
    made = [
        modals.edit_modal(row, say, MODELS[0]),
        modals.extend_modal(row.id, words(), (5, 10), 5, say),
        modals.report_modal(row.id, say),
        compose.compose(choices, say),
        compose.animate("f" * 16, offered, choices, say),
        compose.borrow("f" * 16, [(each, MediaKind.IMAGE) for each in offered], choices, say),
        storyboard.asking_modal("1:16x9:5", say, [words() for _ in range(6)]),
        storyboard.redo_modal(shot(1, asked=a_request(prompt=words())), say),
    ]
    for form in made:
        yield {"data": form.to_dict()}


def refusals(words: Words) -> Iterator[Any]:
    """Say no in every way, to hostile options and with a provider's own words at hand."""
    for kind in ANSWERS:
        yield said(words_for(kind(words.dice.choice([words(60), "maxapi"]), words())))
    several = [(words(30), words(60), words.refusal()) for _ in range(12)]
    yield said(words_for(errors.NothingCovers(several), "zh-CN"))
    for each in (words.refusal(), errors.ShotRefused(3, words.refusal()), errors.MediaError(words())):
        yield said(words_for(each, words.dice.choice(["en-US", "zh-CN", words(9)]), reference="7F3K"))
    for each in (OSError(words()), errors.StoreUnavailable(words()), errors.DownloadError(words())):
        yield said(words_for(each, "en-US", reference="7F3K"))


@pytest.mark.parametrize("piece", pieces(40, each=20), ids=named)
def test_no_text_of_others_does_harm(piece):
    """No ping, link, mask, hidden or stacked sign, and nothing over its limit: 10,000 texts (T-23, T-36)."""
    used = 0
    for seed in piece:
        words = Words(seed)
        for made in chain.from_iterable(make(words) for make in (films, lists, boards, forms, refusals)):
            payload = sent(made) if isinstance(made, Draft) else made
            assert [] == faults(payload, called=CALLED), seed
            assert embed_is_short(payload), seed
            calls = payload.get("allowed_mentions", {"parse": []})
            assert [] == calls["parse"]
            assert set(calls.get("users", [])) <= {42, 1001}
        used += words.count
    assert used >= 500 * len(piece)
