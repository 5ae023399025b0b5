"""Names as they are kept, whatever somebody typed or sent."""

from unicodedata import category

import pytest
from hypothesis import given
from hypothesis import strategies as st

from likeness.names import NAME_LENGTH_MAX, domain_of, is_alike, kept_name, printable


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("Ada Lovelace", "Ada Lovelace"),
        ("  Ada\t\r\n Lovelace\x00", "Ada Lovelace"),
        ("Ada\u2028Lovelace\u3000King", "Ada Lovelace King"),
        ("\x1b[31mAda\x9b0m", "[31mAda 0m"),
        ("\u202eadA\u202c \u2066x\u2069\u200b\ufeff", "adA x"),
        ("Ada\u00adLovelace", "AdaLovelace"),
        ("Ada\ud800", "Ada"),
        ("می\u200cخواهم", "می\u200cخواهم"),
        ("\u200d👩\u200d🚀\u200c", "👩\u200d🚀"),
        ("日本 😀", "日本 😀"),
        ("Zoe\u0308", "Zoe\u0308"),
        ("\u200b\n", ""),
    ],
)
def test_a_text_is_one_line_that_can_be_seen(text: str, kept: str) -> None:
    """Letters of every script stay as they are, joiners inside of words too."""
    assert kept == printable(text)


@given(st.text())
def test_nothing_is_left_that_cannot_be_seen_and_cleaning_again_changes_nothing(text: str) -> None:
    """Whatever the text."""
    kept = printable(text)

    assert kept == printable(kept) == kept.strip()
    hidden = {letter for letter in kept if category(letter)[0] in "CZ"}
    assert hidden <= {" ", "\u200c", "\u200d"}
    kept.encode()


@pytest.mark.parametrize(
    ("name", "domain"),
    [
        ("Globex Inc. & Co.", "globex-inc-co"),
        ("--4 you--", "4-you"),
        ("Ärzte", "aerzte"),
        ("A\u0308rzte", "aerzte"),
        ("STRASSE Straße", "strasse-strasse"),
        ("Zoë's", "zoe-s"),
        ("Łódź", "lodz"),
        ("Ørsted ÅÆ", "oersted-aae"),
        ("x²", "x2"),
        ("日本語", ""),
        ("日本 Ltd", ""),
        ("Ωmega", ""),
        ("!!!", ""),
        ("", ""),
    ],
)
def test_a_domain_says_the_whole_name_in_ascii_or_nothing(name: str, domain: str) -> None:
    """Half of a name would be that of another one too."""
    assert domain == domain_of(name)


@given(st.text())
def test_a_domain_is_made_of_small_letters_digits_and_single_hyphens(name: str) -> None:
    """Whatever the name."""
    domain = domain_of(name)

    assert domain.isascii()
    assert domain == domain_of(domain)
    assert all(part.isalnum() for part in domain.split("-")) or not domain


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("Ärzte", "A\N{COMBINING DIAERESIS}RZTE", True),
        ("Straße", "STRASSE", True),
        ("が", "か\N{COMBINING KATAKANA-HIRAGANA VOICED SOUND MARK}", True),
        ("Пример", "пример", True),
        ("Acme", "Acme 2", False),
        ("か", "が", False),
    ],
)
def test_names_that_nobody_tells_apart_are_alike(one: str, other: str, *, expected: bool) -> None:
    """Whichever way their letters are written."""
    assert is_alike(one, other) is expected
    assert is_alike(other, one) is expected


def test_as_much_of_a_name_is_kept_as_there_is_room_for() -> None:
    """Without a space at its end, so that what is kept is kept again as it is."""
    long = "n" * (NAME_LENGTH_MAX - 1) + " " + "n" * 50

    assert kept_name(long) == "n" * (NAME_LENGTH_MAX - 1) == kept_name(kept_name(long))
    assert kept_name(" Ada\t\x00Lovelace ") == "Ada Lovelace"
