"""The nouns of mail: neither shows what only a reader may know."""

from likeness.mail.port import Letter, Undelivered


def test_the_text_of_a_letter_is_not_shown() -> None:
    """It may have a code in it."""
    assert "code=1" not in repr(Letter("ada@example.org", "Sign in", "https://x/?code=1"))


def test_a_failure_says_whether_it_is_final() -> None:
    assert Undelivered("no such mailbox", is_final=True).is_final
