"""The command picker shows a language's texts, and what is typed in them arrives by plain names."""

from __future__ import annotations

from bot.demo.translated import catalogue, plain_options

LEAF = {
    "name": "add",
    "description": "Add a word",
    "name_localizations": {"zh-CN": "添加"},
    "options": [
        {
            "name": "kind",
            "name_localizations": {"zh-CN": "种类"},
            "description": "Its kind",
            "description_localizations": {"zh-CN": "词的种类"},
            "choices": [
                {"name": "Plain", "value": "plain", "name_localizations": {"zh-CN": "普通"}},
                {"name": "Regex", "value": "regex"},
            ],
        },
        {"name": "word", "description": "The word"},
    ],
}
ROOT = {"id": "7", "name": "admin", "name_localizations": {"zh-CN": "管理"}, "options": [LEAF]}
SHOWN = {
    "fingerprint": "cf_1",
    "entries": [
        {
            "commandId": "7",
            "path": ["admin", "add"],
            "invocation": "admin add",
            "description": "Add a word",
            "options": [
                {
                    "name": "kind",
                    "description": "Its kind",
                    "choices": [{"name": "Plain", "value": "plain"}, {"name": "Regex", "value": "regex"}],
                },
                {"name": "word", "description": "The word", "choices": []},
            ],
        }
    ],
}


def test_names_descriptions_and_choices_are_translated() -> None:
    """What has no translation stays; the path, by which a command is found, stays too."""
    (entry,) = catalogue(SHOWN, [ROOT], "zh-CN")["entries"]
    assert entry == {
        "commandId": "7",
        "path": ["admin", "add"],
        "invocation": "管理 添加",
        "description": "Add a word",
        "options": [
            {
                "name": "种类",
                "description": "词的种类",
                "choices": [{"name": "普通", "value": "plain"}, {"name": "Regex", "value": "regex"}],
            },
            {"name": "word", "description": "The word", "choices": []},
        ],
    }


def test_a_language_without_texts_shows_the_plain_ones() -> None:
    """Only what tells the catalogues apart differs."""
    assert catalogue(SHOWN, [ROOT], "de") == {**SHOWN, "fingerprint": "cf_1:de"}


def test_values_arrive_by_plain_names() -> None:
    """An option may be given by its name in the language, or by its plain one."""
    assert plain_options({"种类": "plain", "word": "x"}, LEAF, "zh-CN") == {"kind": "plain", "word": "x"}
