"""Laws of `cogs.pointing`."""

from types import SimpleNamespace

import discord
import pytest

from bot.models import MediaKind
from cogs.pointing import found, generation_id, is_ours

ID = "0123456789abcdef"


def attachment(filename, content_type=None):
    """Return what somebody attached."""
    return SimpleNamespace(
        filename=filename, content_type=content_type, url=f"https://cdn.discordapp.com/{filename}", size=9
    )


def message(*names, embeds=(), stickers=(), forwarded=(), components=()):
    """Return a message as discord.py shows it."""
    return SimpleNamespace(
        attachments=[attachment(*([name] if isinstance(name, str) else name)) for name in names],
        embeds=list(embeds),
        stickers=list(stickers),
        message_snapshots=list(forwarded),
        components=list(components),
    )


def picture_of(url, proxy_url):
    """Return an embed with a picture."""
    return discord.Embed.from_dict({"image": {"url": url, "proxy_url": proxy_url}})


def sticker(kind):
    """Return a sticker."""
    return SimpleNamespace(name="wave", url=f"https://media.discordapp.net/{kind}", format=kind)


@pytest.mark.parametrize(
    ("holds", "kinds"),
    [
        (message("a.PNG", "b.mov", "c.mp3"), [MediaKind.IMAGE, MediaKind.VIDEO, MediaKind.AUDIO]),
        (message(("a", "image/webp"), ("b.png", "video/mp4")), [MediaKind.IMAGE, MediaKind.VIDEO]),
        (message("notes.txt", ("x", "application/pdf"), "noending"), []),
        (message(forwarded=[message("a.png")]), [MediaKind.IMAGE]),
        (message("a.png", forwarded=[message("a.png")]), [MediaKind.IMAGE]),
        (message(stickers=[sticker(discord.StickerFormatType.png)]), [MediaKind.IMAGE]),
        (message(stickers=[sticker(discord.StickerFormatType.lottie)]), []),
    ],
)
def test_what_people_see_is_found(holds, kinds):
    """Attached, forwarded or a sticker, each once, by name or by what Discord says of it."""
    assert kinds == [each.kind for each in found(holds)]


@pytest.mark.parametrize(
    ("url", "proxy_url", "names"),
    [
        ("https://evil.example/a%20b.png?x=1", "https://images-ext-1.discordapp.net/1", ["a b.png"]),
        ("https://evil.example/", "https://media.discordapp.net/1", ["picture"]),
        ("https://evil.example/a.png", "https://evil.example/a.png", []),
        ("https://evil.example/a.png", "https://discordapp.net.evil.example/a.png", []),
        ("https://evil.example/a.png", None, []),
    ],
)
def test_linked_pictures_are_discords_own_copies(url, proxy_url, names):
    """Nothing is loaded from where a link leads."""
    offered = [each.offered for each in found(message(embeds=[picture_of(url, proxy_url)]))]

    assert names == [one.name for one in offered]
    assert [proxy_url] * len(names) == [one.url for one in offered]


def row(*custom_ids):
    """Return a row of buttons."""
    return SimpleNamespace(children=[SimpleNamespace(custom_id=one) for one in custom_ids])


@pytest.mark.parametrize(
    ("shows", "expected"),
    [
        (message(f"matinee-{ID}.mp4"), ID),
        (message(f"SPOILER_matinee-{ID}.mp4"), ID),
        (message(f"my-matinee-{ID}.mp4"), None),
        (message(embeds=[discord.Embed().set_footer(text=ID)]), ID),
        (message(embeds=[discord.Embed(description=ID).set_footer(text=f"by {ID}")]), None),
        (message(components=[row(f"matinee:again:{ID}", None)]), ID),
        (message(components=[row(f"matinee:delete:{ID}:1001")]), ID),
        (message(components=[row(f"matinee:confirm:{ID}")]), None),
        (message(components=[SimpleNamespace()]), None),
        (message(), None),
    ],
)
def test_a_message_of_ours_says_which_film_it_is_about(shows, expected):
    """By what we put there: the film's name, the card's foot, the buttons."""
    assert expected == generation_id(shows)


def test_only_the_bot_speaks_for_the_bot():
    """Before it is logged in, nothing is its own."""
    written = SimpleNamespace(author=SimpleNamespace(id=1))
    assert is_ours(written, SimpleNamespace(user=SimpleNamespace(id=1)))
    assert not is_ours(written, SimpleNamespace(user=SimpleNamespace(id=2)))
    assert not is_ours(written, SimpleNamespace(user=None))
