"""What keeps other people's words from calling, linking and hiding."""

from __future__ import annotations

from tests.faults.mutation.defence import defence

WORDS = (
    defence(
        "nobody is mentioned but where it is said (T-23)",
        "bot/messages/draft.py",
        "discord.AllowedMentions = field(default_factory=discord.AllowedMentions.none)",
        "discord.AllowedMentions = field(default_factory=discord.AllowedMentions.all)",
        "tests/bot/messages/test_messages.py::test_a_copy_mentions_nobody_and_is_its_readers",
    ),
    defence(
        "a film calls its requester and nobody else (T-23)",
        "bot/messages/film.py",
        ("discord.AllowedMentions(everyone=False, roles=False, users=[requester], replied_user=False)"),
        ("discord.AllowedMentions(everyone=True, roles=True, users=[requester], replied_user=False)"),
        "tests/bot/messages/test_messages.py::test_a_film_mentions_its_requester_alone",
    ),
    defence(
        "the client mentions nobody by itself (T-23)",
        "bot/client.py",
        ("            allowed_mentions=discord.AllowedMentions.none(),\n            allowed_contexts"),
        "            allowed_contexts",
        "tests/bot/test_client.py::test_the_client_mentions_nobody_by_itself",
    ),
    defence(
        "markdown in other people's words is escaped (T-23)",
        "bot/messages/text.py",
        'r"[\\\\*_~|`\\[\\]<>#]"',
        'r"[\\\\]"',
        "tests/bot/messages/test_text.py::test_every_markdown_sign_is_escaped",
    ),
    defence(
        "links in other people's words are no links (T-23, T-36)",
        "bot/messages/text.py",
        'r"(?<=:)/(?=/)|(?<=discord',
        'r"(?<=discord',
        "tests/bot/messages/test_text.py::test_safe_text_pings_links_and_hides_nothing",
    ),
    defence(
        "everyone and here are broken up (T-23)",
        "bot/messages/text.py",
        'return _EVERYBODY.sub("@\\u200b", _NUMBERED',
        "return str(_NUMBERED",
        "tests/bot/messages/test_text.py::test_safe_text_pings_links_and_hides_nothing",
    ),
    defence(
        "direction marks and unseen signs are stripped (T-23)",
        "bot/messages/text.py",
        '_INVISIBLE = frozenset({"Cc", "Cf", ',
        '_INVISIBLE = frozenset({"Cc", ',
        "tests/bot/messages/test_text.py::test_safe_text_pings_links_and_hides_nothing",
    ),
    defence(
        "stacked marks are thinned out (T-23)",
        "bot/messages/text.py",
        '_STACKED_MARKS.sub(r"\\1", ',
        "str(",
        "tests/bot/messages/test_text.py::test_stacked_marks_are_thinned",
    ),
    defence(
        "nothing is longer than Discord takes, escaped and counted as Discord counts (T-23)",
        "bot/messages/text.py",
        ("    if width(whole) <= most:\n        return whole"),
        ("    if len(text) <= most:\n        return whole"),
        "tests/bot/messages/test_text.py::test_safe_text_is_never_longer_than_asked",
    ),
    defence(
        "forbidden words are found however they are dressed up (T-24)",
        "bot/wording.py",
        "self.normalised = normalised(self.plain)",
        "self.normalised = self.plain",
        "tests/bot/test_wording.py::test_no_dress_hides_a_word",
    ),
)
