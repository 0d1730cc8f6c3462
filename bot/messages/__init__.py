"""Everything that people read, as Discord messages: card, film, notice, and every error in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.messages import film as of_one
from bot.messages import storyboard
from bot.messages.card import card
from bot.messages.draft import CardFacts, Draft, card_digest
from bot.messages.words import words_for

if TYPE_CHECKING:
    from bot.models import Generation

__all__ = ["CardFacts", "Draft", "card", "card_digest", "film", "notice", "words_for"]


def film(generation: Generation, facts: CardFacts, link: str | None = None) -> Draft:
    """Return the message that brings a film, be it joined from shots or one of its own."""
    if generation.storyboard_id is not None:
        return storyboard.film(generation, link)
    return of_one.film(generation, facts, link)


def notice(generation: Generation, facts: CardFacts) -> Draft:
    """Return the news that there is no film: none of its own, or of a shot, or none joined from shots."""
    if generation.storyboard_id is not None:
        return storyboard.notice(generation)
    return of_one.notice(generation, facts)
