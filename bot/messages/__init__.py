"""Everything that people read, as Discord messages: card, film, notice, and every error in words."""

from bot.messages.card import card
from bot.messages.draft import CardFacts, Draft, card_digest
from bot.messages.film import film, notice
from bot.messages.words import words_for

__all__ = ["CardFacts", "Draft", "card", "card_digest", "film", "notice", "words_for"]
