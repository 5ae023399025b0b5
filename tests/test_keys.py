"""The digests under which tokens and links are kept."""

import hmac

from likeness.keys import Keys


def test_a_digest_is_that_of_the_key_in_use_and_the_one_before_has_its_own() -> None:
    """HMAC-SHA256; without a key before there is no second one."""
    keys = Keys(b"n" * 32, b"o" * 32)

    assert keys.digest(b"text") == hmac.digest(b"n" * 32, b"text", "sha256")
    assert keys.old_digest(b"text") == hmac.digest(b"o" * 32, b"text", "sha256")
    assert Keys(b"n" * 32).old_digest(b"text") is None


def test_keys_do_not_show_themselves() -> None:
    """Not even in a traceback."""
    assert repr(Keys(b"secret", b"older")) == "Keys()"
