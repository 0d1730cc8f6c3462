"""Laws of `bot.signatures`."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from bot.signatures import Signer

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
ID = "0123456789abcdef"


def test_a_callback_token_names_its_generation():
    """The provider that a token was made for gets the generation back."""
    signer = Signer(b"secret")

    assert signer.read_callback_token("maxapi", signer.callback_token("maxapi", ID)) == ID


def test_a_callback_token_is_for_one_provider():
    """A token of one provider opens nothing at another."""
    signer = Signer(b"secret")

    assert signer.read_callback_token("evolink", signer.callback_token("maxapi", ID)) is None


def test_a_callback_token_is_for_one_generation():
    """Whoever has one token can't make another's of it (T-01)."""
    signer = Signer(b"secret")
    token = signer.callback_token("maxapi", ID)
    other = ID[::-1] + token.removeprefix(ID)

    assert (len(token), None) == (len(other), signer.read_callback_token("maxapi", other))


@given(st.integers(0, 47), st.sampled_from("0123456789abcdefgG/"))
def test_a_changed_callback_token_is_nobodys(position, character):
    """One other character, and the token is not ours."""
    signer = Signer(b"secret")
    token = signer.callback_token("maxapi", ID)
    changed = token[:position] + character + token[position + 1 :]

    assert (signer.read_callback_token("maxapi", changed) == ID) == (changed == token)


@given(st.text())
def test_any_text_is_refused_as_token(text):
    """Whatever stands in the path, the check answers None and raises nothing."""
    assert Signer(b"secret").read_callback_token("maxapi", text) is None


def test_a_film_link_works_until_it_expires():
    """A link is good before its moment and dead from it on."""
    signer = Signer(b"secret")
    _, _, generation_id, moment, name = signer.film_path(ID, NOW).split("/")
    signature = name.removesuffix(".mp4")

    assert signer.film_link_is_good(generation_id, moment, signature, NOW - timedelta(seconds=1))
    assert not signer.film_link_is_good(generation_id, moment, signature, NOW)


@given(st.text(), st.text(), st.text())
def test_any_text_is_refused_as_film_link(generation_id, moment, signature):
    """Nothing that we didn't sign opens a film."""
    assert not Signer(b"secret").film_link_is_good(generation_id, moment, signature, NOW)


def test_a_pseudonym_says_nothing_of_the_user():
    """The same user has the same pseudonym, and another key another one."""
    assert Signer(b"a").pseudonym(1234567890) == Signer(b"a").pseudonym(1234567890)
    assert Signer(b"a").pseudonym(1234567890) != Signer(b"b").pseudonym(1234567890)
    assert "1234567890" not in Signer(b"a").pseudonym(1234567890)
