"""The secret key of an installation, and the digests under which its tokens and links are kept.

While a key is exchanged for another, what was kept under the one before is accepted as well.
"""

import hmac
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Keys:
    """The key in use, and the one before it for as long as that is accepted."""

    current: bytes = field(repr=False)
    old: bytes | None = field(default=None, repr=False)

    def digest(self, text: bytes) -> bytes:
        """What is kept of a secret text: its HMAC-SHA256 under the key in use."""
        return hmac.digest(self.current, text, "sha256")

    def old_digest(self, text: bytes) -> bytes | None:
        """What the key before would have kept of it; None where that is not accepted."""
        return None if self.old is None else hmac.digest(self.old, text, "sha256")
