"""Addresses of web servers: one form for each, and a sentence for what is none."""

import ipaddress
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from likeness.config.web_address import (
    host_in_url,
    is_any_address,
    is_this_machine,
    parse,
)

LABELS = st.from_regex(r"[a-z][a-z0-9-]{0,8}[a-z0-9]", fullmatch=True)
NAMES = st.lists(LABELS, min_size=1, max_size=3).map(".".join)
ADDRESSES = st.ip_addresses()
HOSTS = st.one_of(NAMES, ADDRESSES.map(str))
PATHS = st.lists(st.from_regex(r"[A-Za-z0-9_~-]{1,5}", fullmatch=True), max_size=3)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("https://photos.example.org", "https://photos.example.org"),
        ("https://photos.example.org/", "https://photos.example.org"),
        ("HTTPS://Photos.Example.ORG", "https://photos.example.org"),
        ("http://photos.lan:80", "http://photos.lan"),
        ("http://photos.lan:080/", "http://photos.lan"),
        ("https://photos.lan:443", "https://photos.lan"),
        ("https://photos.lan:", "https://photos.lan"),
        ("http://photos.lan:443", "http://photos.lan:443"),
        ("https://photos.lan:8443", "https://photos.lan:8443"),
        ("http://[::1]:8080", "http://[::1]:8080"),
        ("http://[2001:DB8:0::1]", "http://[2001:db8::1]"),
        ("http://127.0.0.1:8080", "http://127.0.0.1:8080"),
        ("https://bücher.example", "https://xn--bcher-kva.example"),
        ("https://BÜCHER.example", "https://xn--bcher-kva.example"),
        ("https://bücher。example", "https://xn--bcher-kva.example"),
        ("https://Straße.example", "https://xn--strae-oqa.example"),
        ("https://XN--BCHER-KVA.example", "https://xn--bcher-kva.example"),
        ("https://my_service", "https://my_service"),
        ("https://photos.example.org.", "https://photos.example.org."),
        ("https://cdn.example/likeness//", "https://cdn.example/likeness"),
        ("https://cdn.example/A%20b/c", "https://cdn.example/A%20b/c"),
    ],
)
def test_an_address_has_one_form(text: str, expected: str) -> None:
    """It is the one that browsers send; reading it again changes nothing."""
    assert expected == str(parse(text))
    assert expected == str(parse(expected))


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "must begin with"),
        ("photos.example.org", "must begin with"),
        ("ftp://photos.example.org", "must begin with"),
        ("//photos.example.org", "must begin with"),
        ("https://", "no host"),
        ("https:///photos", "no host"),
        ("https://:8080", "no host"),
        ("https://.", "no host"),
        ("https://a..b", "no host"),
        ("https://-a.example", "no host"),
        ("https://a%41.example", "no host"),
        ("https://[::1", "no host"),
        ("https://[::1]x", "no host"),
        ("https://::1", "no host"),
        ("https://a:b:1", "no host"),
        ("https://" + "a" * 64 + ".example", "no host"),
        ("https://u:open-sesame@photos.example.org", "a user or a password"),
        ("https://@photos.example.org", "a user or a password"),
        ("https://photos.example.org?a=b", r"a \? or #"),
        ("https://photos.example.org/?", r"a \? or #"),
        ("https://photos.example.org/#top", r"a \? or #"),
        ("https://photos .example.org", "a space"),
        (" https://photos.example.org", "a space"),
        ("https://photos.example.org\n", "a space"),
        ("https://photos.example.org\t", "a space"),
        ("https://photos.example.org\\evil", "a space, a backslash"),
        ("https://photos.example.org:0", "from 1 to 65535"),
        ("https://photos.example.org:65536", "from 1 to 65535"),
        ("https://photos.example.org:eighty", "no host"),
        ("https://127.1", "ends in a number"),
        ("https://1.2.3.256", "ends in a number"),
        ("https://[fe80::1%eth0]", "none of IPv6"),
        ("https://[127.0.0.1]", "none of IPv6|no host"),
        ("https://[beef]", "none of IPv6|no host"),
        ("https://☃.example", "write its ASCII form"),
        ("https://" + "ü" * 64 + ".example", "write its ASCII form"),
        ("https://a／b.example", "no host"),
        ("https://cdn.example/a/../b", "a path that no URL can have"),
        ("https://cdn.example/./b", "a path that no URL can have"),
        ("https://cdn.example//b", "a path that no URL can have"),
        ("https://cdn.example/é", "a path that no URL can have"),
        ('https://cdn.example/"', "a path that no URL can have"),
    ],
)
def test_what_is_no_address_is_told_in_a_sentence(text: str, sentence: str) -> None:
    """It says what was found and never repeats it, since a password may be in it."""
    with pytest.raises(ValueError, match=sentence) as caught:
        parse(text)

    assert "open-sesame" not in str(caught.value)


@given(
    scheme=st.sampled_from(["http", "https"]),
    host=HOSTS,
    port=st.none() | st.integers(1, 65535),
    path=PATHS,
)
def test_whatever_is_an_address_keeps_its_parts(
    scheme: str, host: str, port: int | None, path: list[str]
) -> None:
    """Python's own reader finds the same in the normal form, whatever capitals were typed."""
    shown = f"[{host}]" if ":" in host else host
    typed = f"{scheme.upper()}://{shown.upper()}{'' if port is None else f':{port}'}"

    read = urlsplit(str(parse("/".join([typed, *path]) + "/")))

    assert scheme == read.scheme
    assert (read.port or {"http": 80, "https": 443}[scheme]) == (
        port or {"http": 80, "https": 443}[scheme]
    )
    assert path == read.path.split("/")[1:]
    assert ":80" != read.netloc[-3:] or scheme == "https"
    try:
        assert ipaddress.ip_address(host) == ipaddress.ip_address(read.hostname or "")
    except ValueError:
        assert host == read.hostname


def form_or_sentence(text: str) -> str:
    """What becomes of a text."""
    try:
        return str(parse(text))
    except ValueError as error:
        return str(error)


@given(st.text())
def test_any_text_is_an_address_or_a_sentence(text: str) -> None:
    """Nothing else comes out, and an address is read again as itself."""
    for typed in (text, f"https://{text}"):
        told = form_or_sentence(typed)

        assert told.startswith(("must ", "has ")) or told == form_or_sentence(told)
        assert told.isascii()


@pytest.mark.parametrize(
    ("host", "shown", "is_any", "is_here"),
    [
        ("127.0.0.1", "127.0.0.1", False, True),
        ("127.9.9.9", "127.9.9.9", False, True),
        ("::1", "[::1]", False, True),
        ("localhost", "localhost", False, True),
        ("photos.localhost", "photos.localhost", False, True),
        ("unix:/run/likeness.sock", "unix:/run/likeness.sock", False, True),
        ("0.0.0.0", "0.0.0.0", True, False),
        ("::", "[::]", True, False),
        ("", "", True, False),
        ("10.0.0.5", "10.0.0.5", False, False),
        ("2001:db8::5", "[2001:db8::5]", False, False),
        ("photos.lan", "photos.lan", False, False),
    ],
)
def test_who_reaches_a_host_to_listen_on(
    host: str, shown: str, is_any: bool, is_here: bool
) -> None:
    """Every address of a machine is none that a browser can call."""
    assert (shown, is_any, is_here) == (
        host_in_url(host),
        is_any_address(host),
        is_this_machine(host),
    )
