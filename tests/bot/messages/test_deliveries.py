"""Laws of `bot.messages.deliveries`, and of what a card says of where its film went."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.i18n import speaker
from bot.messages import CardFacts, card, deliveries, film, phrases
from bot.models import Place, Status
from tests.bot.test_quotas import GENERATION
from tests.fakes import NOON

LINK = "https://bot.example/films/x/y"
KEPT = CardFacts(now=NOON, film_link=LINK)
DONE = replace(GENERATION, status=Status.DELIVERED, place=Place(5, 8), message_id=None, posting_place="kept")


def state(generation):
    """Return what the card says of how it stands."""
    return phrases.state(generation, KEPT, speaker("en-US"))


def placed(**place):
    """Return the same film, asked for elsewhere or otherwise."""
    return replace(DONE, place=replace(DONE.place, **place))


@pytest.mark.parametrize(
    ("generation", "words", "link"),
    [
        (DONE, "could not be posted", f"\n{LINK}"),
        (placed(spoiler=True), "could not be posted", f"\n||{LINK}||"),
        (placed(age_restricted=True), "could not be posted", ""),
        (placed(deliver="dm"), "takes no direct messages", ""),
        (placed(member_only=True), "takes no direct messages", ""),
    ],
)
def test_a_card_gives_everybody_no_link_to_a_film_that_is_not_for_everybody(generation, words, link):
    """Kept: a link where the film could have been, hidden where the film would be."""
    said = state(generation)

    assert words in said
    assert link == said.partition("`/videos`.")[2]


@pytest.mark.parametrize(
    ("place", "rung", "expected"),
    [
        ({}, "channel", "Done: [here is the film](https://discord.com/channels/8/6/9)."),
        ({"film_channel_id": 6}, "gallery", "Done: [here is the film](https://discord.com/channels/8/6/9)."),
        ({"thread": True}, "thread", "Done: [here is the film](https://discord.com/channels/8/6/9)."),
        ({"deliver": "dm"}, "dm", "Done: the film went to its requester by direct message."),
        ({}, "dm", "Done: the film went to its requester by direct message; it could not be posted here."),
        ({"guild_id": None}, "channel", "Done: [here is the film](https://discord.com/channels/@me/6/9)."),
    ],
)
def test_a_card_leads_to_the_film_wherever_it_went(place, rung, expected):
    """Only nobody else can follow into a direct message."""
    there = replace(placed(**place), message_id=9, message_channel_id=6, posting_place=rung)

    assert expected == state(there)


def test_a_prompt_that_the_card_cuts_is_whole_in_details_and_the_card_says_so():
    """Four thousand characters of stars, escaped, are within what Discord takes."""
    short, long = card(GENERATION, KEPT), card(asking("*" * 4000), KEPT)

    assert "Details" not in short.embed.description
    assert long.embed.description.endswith("-# The whole prompt: right-click here, Apps, Details.")
    assert len(long.embed.description) <= 4096


def asking(prompt):
    """Return a generation with another prompt."""
    return replace(GENERATION, asked=replace(GENERATION.asked, prompt=prompt))


def test_a_film_elsewhere_leads_back_to_its_card_if_there_is_one():
    """In a gallery and in person."""
    draft = film(DONE, KEPT)

    assert draft == deliveries.from_elsewhere(draft, DONE)
    led = deliveries.from_elsewhere(draft, replace(DONE, card_id=7))
    assert led.content.endswith("\n-# Asked for here: https://discord.com/channels/8/5/7")


def test_the_plain_form_has_no_word_of_a_members():
    """A mention, and the link where there is no file."""
    draft = deliveries.plain(asking("forbidden word"), LINK)

    assert draft.content == f"<@{GENERATION.requester.user_id}> your film is ready.\n{LINK}"
    assert (None, None) == (draft.embed, draft.view)
    assert [GENERATION.requester.user_id] == [each.id for each in draft.allowed_mentions.users]
