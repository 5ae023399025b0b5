"""The grammar of Gravatar's and Libravatar's requests: every rule, and any rubbish."""

from hashlib import md5, sha256
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from likeness.avatars.gravatar import wanted
from likeness.model import DefaultStyle, Format

MD5 = "5bfcf2d8e394674550332640d72db509"
SHA256 = sha256(b"ada@example.org").hexdigest()
ALLOWED = ("https://example.org/faces/", "http://plain.example")


@pytest.mark.parametrize(
    ("path", "form"),
    [
        (MD5, None),
        (SHA256, None),
        (MD5.upper(), None),
        (f"{MD5}/", None),
        (f"{MD5}.jpg", Format.JPEG),
        (f"{MD5}.jpeg", Format.JPEG),
        (f"{MD5}.JPG", Format.JPEG),
        (f"{MD5}.png", Format.PNG),
        (f"{SHA256}.gif", Format.GIF),
        (f"{SHA256}.webp", Format.WEBP),
        (f"{MD5}.png/", Format.PNG),
    ],
)
def test_a_hash_is_read_with_its_suffix(path: str, form: Format | None) -> None:
    """MD5 or SHA-256 by its length, capitals or not."""
    asked = wanted(path, b"")

    assert asked.digest == bytes.fromhex(path.split(".", maxsplit=1)[0].rstrip("/"))
    assert asked.seed == asked.digest.hex()
    assert asked.format is form


@pytest.mark.parametrize("path", ["", "/", "nobody", MD5[:-1], MD5 + "0", "x" * 32, "é", ".png"])
def test_what_is_no_hash_is_somebody_unknown(path: str) -> None:
    """Who still has a picture of their own: some programs put names there."""
    asked = wanted(path, b"s=40")

    assert asked.digest is None
    assert asked.side == 40
    assert len(asked.seed) == 32


def test_any_word_has_its_own_seed() -> None:
    """The MD5 of it."""
    assert wanted("nobody", b"").seed == md5(b"nobody", usedforsecurity=False).hexdigest()


@pytest.mark.parametrize(
    ("query", "side"),
    [
        (b"", 80),
        (b"s=1", 1),
        (b"s=2048", 2048),
        (b"size=200", 200),
        (b"s=100&size=200", 200),
        (b"size=200&s=100", 200),
        (b"s=2049", 2048),
        (b"s=999999999", 2048),
        (b"s=0", 80),
        (b"s=-5", 80),
        (b"s=abc", 80),
        (b"s=80.5", 80),
        (b"s=", 80),
        (b"s=" + "٤٢".encode(), 80),
        (b"s=9999999999999999", 2048),
        (b"s=" + b"9" * 4000, 2048),
        (b"s=40&s=50", 40),
        (b"version=3&s=40&domain=x", 40),
    ],
)
def test_the_side_is_what_was_asked_for(query: bytes, side: int) -> None:
    """What is none is 80, what is too large is as large as can be."""
    assert wanted(MD5, query).side == side


@pytest.mark.parametrize(
    ("default", "style"),
    [
        *((style.value, style) for style in DefaultStyle),
        ("mm", DefaultStyle.MP),
        ("mystery", DefaultStyle.MP),
        ("mysteryman", DefaultStyle.MP),
        ("IDENTICON", DefaultStyle.IDENTICON),
        ("pagan", DefaultStyle.MONSTERID),
        ("somethingnew", DefaultStyle.IDENTICON),
        ("", None),
        ("404", None),
        ("https%3A%2F%2Fevil.example%2Fx.png", None),
    ],
)
def test_the_style_has_gravatars_names(default: str, style: DefaultStyle | None) -> None:
    """Both names of the parameter; the longer one wins."""
    assert wanted(MD5, f"d={default}".encode()).style is style
    assert wanted(MD5, f"default={default}&d=retro".encode()).style is (
        style if default else DefaultStyle.RETRO
    )


def test_404_is_asked_for_by_its_number() -> None:
    """And means no style."""
    assert wanted(MD5, b"d=404").is_missing_404
    assert wanted(MD5, b"default=404").is_missing_404
    assert not wanted(MD5, b"d=4040").is_missing_404


@pytest.mark.parametrize(
    ("query", "forced"),
    [(b"f=y", True), (b"forcedefault=y", True), (b"f=Y", True), (b"f=n", False), (b"f=1", False)],
)
def test_the_default_can_be_forced(query: bytes, forced: bool) -> None:
    """By the letter y."""
    assert wanted(MD5, query).is_default_forced is forced


def test_names_and_initials_are_handed_on() -> None:
    """Bounded, since they come from anybody."""
    asked = wanted(MD5, b"d=initials&name=Ada+Lovelace&initials=AL")

    assert (asked.name, asked.initials) == ("Ada Lovelace", "AL")
    assert len(wanted(MD5, b"name=" + b"a" * 3000).name) == 200


@pytest.mark.parametrize(
    ("url", "location"),
    [
        ("https://example.org/faces/a.png", "https://example.org/faces/a.png"),
        ("https://example.org/faces/a.png?b=c&d=e", "https://example.org/faces/a.png?b=c&d=e"),
        ("https://example.org/faces/ä b.png", "https://example.org/faces/%C3%A4%20b.png"),
        ("http://plain.example/x.png", "http://plain.example/x.png"),
        ("http://example.org/faces/a.png", ""),
        ("https://example.org/other/a.png", ""),
        ("https://example.org/facesX/a.png", ""),
        ("https://example.org/faces/../a.png", ""),
        ("https://example.org/faces/%2e%2e/a.png", ""),
        ("https://example.org/faces/..\\a.png", ""),
        ("https://example.org@evil.example/faces/a.png", ""),
        ("https://example.org.evil.example/faces/a.png", ""),
        ("https://example.org:444/faces/a.png", ""),
        ("//example.org/faces/a.png", ""),
        ("javascript:alert(1)//example.org/faces/", ""),
        ("https://[broken/faces/", ""),
    ],
)
def test_a_default_may_lead_only_where_the_operator_allows(url: str, location: str) -> None:
    """Everything else is as if nothing had been said (CWE-601)."""
    quoted = quote(url, safe="")

    assert wanted(MD5, f"d={quoted}".encode(), ALLOWED).fallback_url == location
    assert wanted(MD5, f"d={quoted}".encode()).fallback_url == ""


def test_nothing_in_a_url_ends_a_header() -> None:
    """Line ends are written in percent signs, if they are not gone already."""
    location = wanted(MD5, b"d=https://example.org/faces/%0d%0aX:y", ALLOWED).fallback_url

    assert "\r" not in location
    assert "\n" not in location


def test_a_query_that_nobody_sends_is_ignored() -> None:
    """With too many parameters; what is too long is refused by the door."""
    assert wanted(MD5, b"&".join([b"a=b"] * 100) + b"&s=40") == wanted(MD5, b"")


@pytest.mark.parametrize("path", [f"/{MD5}", f"//{MD5}/", MD5.upper()])
def test_a_slash_too_many_changes_nothing(path: str) -> None:
    """Base URLs end with one as often as not; nor do capitals."""
    assert wanted(path, b"s=40") == wanted(MD5, b"s=40")


@given(path=st.text(max_size=100), query=st.binary(max_size=300))
def test_anything_at_all_asks_for_something(path: str, query: bytes) -> None:
    """No input is an error, and no number leaves its bounds."""
    asked = wanted(path, query, ALLOWED)

    assert 1 <= asked.side <= 2048
    assert int(asked.seed, 16) >= 0
    assert asked.fallback_url.isascii()
