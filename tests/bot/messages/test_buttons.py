"""Laws of `bot.messages.buttons`."""

from dataclasses import replace

from bot.messages import film
from tests.bot.messages.test_messages import FACTS, generation


def test_a_film_has_its_buttons():
    """Each carries the generation in its id, and Delete its owner too: nothing lives in memory."""
    parts = film(generation(), FACTS).view.children

    assert [(str(part.emoji), part.label, part.custom_id) for part in parts[:5]] == [
        ("🔄", "Again", "matinee:again:0123456789abcdef"),
        ("✏️", "Edit", "matinee:edit:0123456789abcdef"),
        ("⏩", "Extend", "matinee:extend:0123456789abcdef"),
        ("🖼️", "Use last frame", "matinee:frame:0123456789abcdef"),
        ("🗑️", "Delete", "matinee:delete:0123456789abcdef:42"),
    ]
    assert [part.custom_id for part in parts[5:]] == ["matinee:more:0123456789abcdef"]


def test_a_films_menu_has_what_makes_sense():
    """What is as sharp as can be isn't offered sharper, and what is silent not silent."""
    everything = generation()
    request = replace(everything.request, resolution="1080p", sound=False)
    least = replace(everything, request=request)
    told = [
        [option.value for option in film(row, FACTS).view.children[5].options] for row in (everything, least)
    ]

    assert told == [
        ["ratio", "resolution", "silent", "maker", "dm", "link", "details", "report"],
        ["ratio", "maker", "dm", "link", "details", "report"],
    ]
