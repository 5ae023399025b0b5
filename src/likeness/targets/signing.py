"""Secrets that we sign with: derived from the key of the service, and kept nowhere.

So a database that was stolen has none of them, as it has no tokens. Who loses the key has new ones.
"""

import base64
import hmac
from datetime import datetime, timedelta
from typing import Final

from likeness.elsewhere import Target
from likeness.keys import Keys

OVERLAP: Final = timedelta(hours=24)
"""How long the secret before a rotation counts as well."""


def signing_secrets(keys: Keys, target: Target, now: datetime) -> tuple[bytes, ...]:
    """The 32 bytes that a target knows us by, and those before while they count, newest first."""
    is_turning = target.rotated_at is not None and now < target.rotated_at + OVERLAP
    generations = [target.generation, *([target.generation - 1] if is_turning else [])]
    return tuple(_secret(keys, target.id, each) for each in generations)


def _secret(keys: Keys, target_id: str, generation: int) -> bytes:
    return keys.digest(f"target:{target_id}:{generation}".encode())


def as_webhook_secret(secret: bytes) -> str:
    """A secret as Standard Webhooks write it down."""
    return "whsec_" + base64.b64encode(secret).decode()


def as_slack_secret(secret: bytes) -> str:
    """A secret as Slack's apps know one, 32 hex digits, which are signed with as they stand."""
    return secret[:16].hex()


def webhook_signature(secrets: tuple[bytes, ...], message_id: str, second: int, body: bytes) -> str:
    """The header `webhook-signature`: one signature for each secret."""
    signed = f"{message_id}.{second}.".encode() + body
    digests = (hmac.digest(secret, signed, "sha256") for secret in secrets)
    return " ".join("v1," + base64.b64encode(digest).decode() for digest in digests)


def slack_signature(secret: bytes, second: int, body: bytes) -> str:
    """The header `X-Slack-Signature`, of which there can be only one."""
    signed = f"v0:{second}:".encode() + body
    return "v0=" + hmac.digest(as_slack_secret(secret).encode(), signed, "sha256").hex()
