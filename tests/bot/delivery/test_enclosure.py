"""A film is open while it is sent, and no longer."""

from __future__ import annotations

import pytest

from bot.delivery.enclosure import Enclosure


@pytest.mark.parametrize(("spoiler", "name"), [(False, "film.mp4"), (True, "SPOILER_film.mp4")])
def test_a_film_has_the_name_that_it_is_sent_with(tmp_path, spoiler, name):
    """Discord hides what is called so."""
    (tmp_path / "0123.mp4").write_bytes(b"film")
    enclosure = Enclosure(tmp_path / "0123.mp4", filename="film.mp4", spoiler=spoiler)
    enclosure.close()
    assert name == enclosure.filename


def test_only_whoever_enclosed_it_closes_it(tmp_path):
    """Whoever has sent it closes it too, but a second try needs it; discord.py leaves it to us."""
    (tmp_path / "0123.mp4").write_bytes(b"film")
    enclosure = Enclosure(tmp_path / "0123.mp4", filename="film.mp4", spoiler=False)
    enclosure.fp.close()
    enclosure.reset(seek=1)
    assert (b"film", False) == (enclosure.fp.read(), enclosure.fp.closed)
    enclosure.close()
    assert enclosure.fp.closed
    enclosure.close()


def test_a_film_that_nobody_sends_is_closed_all_the_same(tmp_path):
    """discord.py may turn a message down before it has looked at its file."""
    (tmp_path / "0123.mp4").write_bytes(b"film")
    film = Enclosure(tmp_path / "0123.mp4", filename="film.mp4", spoiler=False).fp
    assert film.closed


def test_what_cannot_be_opened_is_an_error_and_nothing_else(tmp_path):
    """There is nothing to close then."""
    with pytest.raises(FileNotFoundError):
        Enclosure(tmp_path / "0123.mp4", filename="film.mp4", spoiler=False)
