"""What a refusal by a provider's content rules is about, as far as the provider says it."""

from __future__ import annotations

import re

SOUND = "moderation_sound"
"""The sound that was made: no fault of the prompt or of a file."""
MODERATION = frozenset({"moderation", "moderation_prompt", "moderation_file", "moderation_face", SOUND})
"""Reasons that are content rules, by culprit; the plain one where nobody said which it was."""

# ByteDance's own codes (Ark, error codes), which its resellers hand on as they are or in words.
# `PrivacyInformation` is a real person.
_CULPRITS: tuple[tuple[str, re.Pattern[str]], ...] = (
    (SOUND, re.compile(r"output_audio_(?:has_|may_contain_|contains_)?(?:sensitive|risk)")),
    ("moderation_face", re.compile(r"content_detected_privacy_information|real_(?:person|people)")),
    ("moderation_prompt", re.compile(r"input_text_(?:sensitive_content|risk)_?detect")),
    ("moderation_file", re.compile(r"input_(?:image|video|audio)_(?:sensitive_content|risk)_?detect")),
)
_OF_BYTEDANCE = re.compile(
    r"(?:Input|Output)(?:Text|Image|Video|Audio)(?:SensitiveContentDetected|RiskDetection)\b"
)


def plain(words: str) -> str:
    """Return a code in one spelling, whether its words stood apart, together or with hyphens."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])|[\s.-]+", "_", words).lower()


def culprit_of_words(words: str) -> str:
    """Return what a refusal by content rules is about, of our reasons; `moderation` where it isn't said."""
    spelled = plain(words)
    return next((reason for reason, pattern in _CULPRITS if pattern.search(spelled)), "moderation")


def names_culprit(words: str) -> bool:
    """Return whether a provider hands on one of ByteDance's own codes, wherever it stands."""
    return _OF_BYTEDANCE.search(words) is not None
