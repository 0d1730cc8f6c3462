"""Laws of `bot.providers.moderation`."""

import pytest

from bot.providers.moderation import MODERATION, culprit_of_words, names_culprit


@pytest.mark.parametrize(
    ("words", "culprit"),
    [
        ("OutputAudioSensitiveContentDetected", "moderation_sound"),
        ("HTTP 422: None: Output audio has sensitive content", "moderation_sound"),
        ("400: InputImageSensitiveContentDetected.PrivacyInformation: no", "moderation_face"),
        ("InputVideoSensitiveContentDetected.PrivacyInformation", "moderation_face"),
        ("the input image may contain real person", "moderation_face"),
        ("InputTextSensitiveContentDetected", "moderation_prompt"),
        ("InputTextRiskDetection", "moderation_prompt"),
        ("InputImageRiskDetection", "moderation_file"),
        ("OutputImageRiskDetection", "moderation"),
        ("content_policy_violation", "moderation"),
        ("the privacy of a sound", "moderation"),
    ],
)
def test_content_rules_name_their_culprit(words, culprit):
    """What ByteDance's own codes say, and nothing where they say nothing."""
    assert culprit == culprit_of_words(words)
    assert culprit in MODERATION


@pytest.mark.parametrize(
    ("words", "named"),
    [
        ("failed (OutputAudioSensitiveContentDetected)", True),
        ("InputImageSensitiveContentDetected.PrivacyInformation: no", True),
        ("InputTextRiskDetection", True),
        ("the output audio is sensitive", False),
        ("SensitiveContentDetected", False),
    ],
)
def test_only_their_own_code_is_proof(words, named):
    """Words alone may be about anything."""
    assert named is names_culprit(words)
