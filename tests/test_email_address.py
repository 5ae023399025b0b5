"""One mailbox, one text; and never one text for the mailboxes of two."""

import unicodedata
from unicodedata import normalize

import idna
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from likeness.email_address import (
    EMAIL_LENGTH_MAX,
    ascii_email,
    email_in,
    is_same_email,
    normal_domain,
    normal_email,
)
from likeness.errors import Mistake


def is_plain(character: str) -> bool:
    """Whether an address may have it: it is ASCII, or has nothing to do with ASCII."""
    return character.isascii() or not any(map(str.isascii, normalize("NFKC", character)))


CHARACTERS = st.characters(exclude_categories=("C", "Z"), exclude_characters="@").filter(is_plain)
WORDS = st.characters(categories=("Ll", "Lo", "Nd", "Mn")).filter(is_plain)
PARTS = st.text(CHARACTERS, min_size=1, max_size=12) | st.text(WORDS, min_size=1, max_size=12)
ANYTHING = st.builds("{}@{}.{}".format, PARTS, PARTS, PARTS)

UMLAUT = "ida@bücher.example"


def normal(text: str) -> str:
    """The normal form of a text that has one."""
    try:
        return normal_email(text)
    except Mistake:
        assume(False)
        raise


@pytest.mark.parametrize(
    "written",
    [
        UMLAUT,
        "ida@xn--bcher-kva.example",
        " Ida@Bücher.Example\n",
        "IDA@BÜCHER.EXAMPLE",
        "ida@XN--BCHER-KVA.example",
        "ida@bu\u0308cher.example",
    ],
)
def test_one_address_in_all_its_ways(written: str) -> None:
    """Capitals, spaces around it, Unicode or punycode, and an accent apart from its letter."""
    assert UMLAUT == normal_email(written) == email_in(written)
    assert is_same_email(written, UMLAUT)
    assert "ida@xn--bcher-kva.example" == ascii_email(normal_email(written))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("ada@example.org", "ada@example.com"),
        ("ada+x@example.org", "ada@example.org"),
        ("ada@faß.example", "ada@fass.example"),
        ("é@example.org", "e@example.org"),
        ("é@example.org", "É@example.org"),
        ("ada@i\u0307.example", "ada@i.example"),
        ("аda@example.org", "ada@example.org"),
        ("ada@xn--ada-.example", "ada@ada.example"),
    ],
)
def test_two_addresses_stay_two(one: str, other: str) -> None:
    """Also where an older rule, or an eye, takes them for one; there is Cyrillic in one."""
    assert normal_email(one) != normal_email(other)
    assert not is_same_email(one, normal_email(other))


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("\u212aate@example.org", r"KELVIN SIGN \(U\+212A\)"),
        ("\u017fam@example.org", "LATIN SMALL LETTER LONG S"),
        ("ａda@example.org", "FULLWIDTH LATIN SMALL LETTER A"),
        ("ada＠example.org", "FULLWIDTH COMMERCIAL AT"),
        ("ada@example．org", "FULLWIDTH FULL STOP"),
        ("ﬁona@example.org", "LATIN SMALL LIGATURE FI"),
        ("ada@\u212aelvin.example", "KELVIN SIGN"),
        ("ada\u00b2@example.org", "SUPERSCRIPT TWO"),
    ],
)
def test_what_only_looks_like_ascii_is_refused(text: str, named: str) -> None:
    """By its name, since it cannot be told by looking at it."""
    with pytest.raises(Mistake, match=named):
        normal_email(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "ada",
        "@",
        "ada@",
        "@example.org",
        "a@b@c.example",
        "a b@example.org",
        "a\x00@example.org",
        "a\u200d@example.org",
        "\ud800@example.org",
        "a@b\u202e.example",
        f"{'l' * 65}@example.org",
        f"a@{'d' * 256}",
        "e\u0301" * 40 + "@" + "e\u0301" * 150,
    ],
)
def test_what_is_no_address_is_refused(text: str) -> None:
    """The last one would fit into a column, but not what was typed."""
    with pytest.raises(Mistake, match="is no e-mail address"):
        normal_email(text)
    assert email_in(text) == ""
    assert not is_same_email(text, "ada@example.org")
    assert not is_same_email(text, "")


def test_a_refusal_repeats_no_more_than_an_address_can_have() -> None:
    """Whoever sends a novel does not get it back."""
    with pytest.raises(Mistake) as caught:
        normal_email("x" * 100_000)

    assert len(str(caught.value)) < EMAIL_LENGTH_MAX + 50


@pytest.mark.parametrize(
    "domain",
    ["localhost", "my_host", "[192.0.2.1]", "example.org.", "💩.example", "xn--ls8h.example",
     "xn--", "-ü-.example", f"{'ü' * 70}.example", "a..b"],
)  # fmt: skip
def test_a_domain_that_idna_does_not_know_stays_as_it_is(domain: str) -> None:
    """Such as the name of a machine, an address in numbers, or an emoji, in either way."""
    assert domain == normal_domain(domain)
    assert f"ada@{domain}" == normal_email(f"ada@{domain}") == ascii_email(f"ada@{domain}")


@given(ANYTHING)
def test_the_normal_form_of_a_normal_form_is_itself(text: str) -> None:
    """So that it can be looked for, whoever made it."""
    made = normal(text)

    assert made == normal_email(made)


@given(ANYTHING)
def test_composed_or_not_and_in_ascii_capitals_or_not_it_is_one(text: str) -> None:
    """Where both ways of writing it are short enough."""
    made = normal(text)

    assert made == normal(normalize("NFD", made))
    assert made == normal(normalize("NFC", text))
    if text.isascii():
        assert made == normal(text.upper()) == text.strip().lower() or "xn--" in made


@given(ANYTHING)
def test_nothing_beyond_ascii_becomes_ascii(text: str) -> None:
    """Nobody gets at an address in plain letters by any other character."""
    made = normal(text)

    assert not made.isascii() or text.strip().isascii()


@settings(suppress_health_check=[HealthCheck.filter_too_much])
@given(PARTS, st.lists(st.text(WORDS, min_size=1, max_size=12), min_size=1, max_size=3))
def test_a_domain_in_unicode_and_in_punycode_is_one(local: str, labels: list[str]) -> None:
    """Wherever IDNA 2008 has both."""
    made = normal(f"{local}@{'.'.join(labels)}")
    domain = made.rpartition("@")[2]
    try:
        sent = idna.encode(domain).decode()
    except idna.IDNAError:
        assume(False)
        raise

    assert ascii_email(made).rpartition("@")[2] == sent
    assert made == normal_email(ascii_email(made))
    assert made == normal_email(f"{local}@{sent.upper()}")
    assert domain == normal_domain(sent) == normal_domain(domain)


def test_every_character_that_becomes_ascii_is_refused() -> None:
    """All of Unicode, each before the @ and in the domain."""
    for number in range(0x80, 0x110000):
        character = chr(number)
        if any(map(str.isascii, normalize("NFKC", character))) or character.lower().isascii():
            for text in (f"a{character}a@x.example", f"a@x{character}x.example"):
                with pytest.raises(Mistake):
                    normal_email(text)
    assert unicodedata.unidata_version >= "14"
