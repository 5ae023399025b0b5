"""Secrets that nobody keeps, as the packages of others believe them."""

from dataclasses import replace
from datetime import timedelta

from likeness.elsewhere import Target
from likeness.keys import Keys
from likeness.targets.signing import (
    OVERLAP,
    as_slack_secret,
    as_webhook_secret,
    signing_secrets,
    slack_signature,
    webhook_signature,
)
from support.rows import NOW

KEYS = Keys(b"k" * 32)
HOOK = Target("tg1", "hook", "webhook", "https://hook.example.org/", NOW)


def test_a_secret_is_of_its_target_generation_and_key() -> None:
    [secret] = signing_secrets(KEYS, HOOK, NOW)

    assert len(secret) == 32
    assert signing_secrets(KEYS, HOOK, NOW) == (secret,)
    for other in (replace(HOOK, id="tg2"), replace(HOOK, generation=2)):
        assert secret not in signing_secrets(KEYS, other, NOW)
    assert secret not in signing_secrets(Keys(b"x" * 32), HOOK, NOW)


def test_the_secret_before_counts_for_a_day() -> None:
    turned = replace(HOOK, generation=2, rotated_at=NOW)

    new, old = signing_secrets(KEYS, turned, NOW)

    assert (old,) == signing_secrets(KEYS, HOOK, NOW)
    assert signing_secrets(KEYS, turned, NOW + OVERLAP) == (new,)
    assert len(signing_secrets(KEYS, turned, NOW + OVERLAP - timedelta(seconds=1))) == 2


def test_secrets_as_they_are_written_down() -> None:
    assert as_webhook_secret(b"\0" * 24) == "whsec_" + "A" * 32
    assert as_slack_secret(bytes(range(32))) == "000102030405060708090a0b0c0d0e0f"


def test_signatures_of_both_kinds() -> None:
    """The value of the second is that of Slack's own page, whose secret is a text as well."""
    two = webhook_signature((b"a" * 32, b"b" * 32), "msg_1", 1, b"{}")
    assert [each[:3] for each in two.split(" ")] == ["v1,", "v1,"]
    assert slack_signature(b"a" * 32, 1, b"{}").startswith("v0=")
