"""Where forms come from, and by which name somebody came, by what browsers say."""

import re

import pytest
from starlette.requests import Request

from likeness.config import load
from likeness.errors import NotAdmitted
from likeness.site.origin import OwnOrigin

HOME = "https://photos.example.org"
ORIGIN = OwnOrigin(HOME)


def sent(*, host: str = "photos.example.org", **headers: str) -> Request:
    """A request with headers; `_` in their names stands for `-`."""
    all_ = {"host": host, **headers}
    raw = [(n.replace("_", "-").encode(), v.encode("latin-1")) for n, v in all_.items()]
    return Request({"type": "http", "method": "POST", "headers": raw})


def came_by(*hosts: str) -> Request:
    """A request with that many Host headers."""
    return Request({"type": "http", "headers": [(b"host", host.encode()) for host in hosts]})


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": HOME},
        {"sec_fetch_site": "same-origin"},
        {"sec_fetch_site": "same-origin", "origin": "null"},
        {"sec_fetch_site": "same-origin", "origin": HOME},
    ],
)
def test_our_own_pages_are_let_in(headers: dict[str, str]) -> None:
    """By either header; the newer one cannot be forged by a page."""
    ORIGIN.check(sent(**headers))


@pytest.mark.parametrize(
    ("typed", "origin"),
    [
        ("http://photos.lan:80", "http://photos.lan"),
        ("HTTP://Photos.LAN/", "http://photos.lan"),
        ("https://photos.lan:443", "https://photos.lan"),
        ("http://[0:0::1]:8080", "http://[::1]:8080"),
        ("https://bücher.example", "https://xn--bcher-kva.example"),
    ],
)
def test_a_public_address_is_known_however_it_is_typed(typed: str, origin: str) -> None:
    """Browsers send its one normal form, without Sec-Fetch-Site where there is no TLS."""
    config = load({"LIKENESS_PUBLIC_URL": typed})

    OwnOrigin(config.base_url).check(sent(origin=origin, host=origin.partition("//")[2]))


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"origin": ""},
        {"origin": "null"},
        {"origin": "https://evil.example"},
        {"origin": "http://photos.example.org"},
        {"origin": f"{HOME}:8443"},
        {"origin": f"{HOME}.evil.example"},
        {"origin": f"{HOME}/"},
        {"origin": HOME, "sec_fetch_site": "cross-site"},
        {"origin": HOME, "sec_fetch_site": "same-site"},
        {"origin": HOME, "sec_fetch_site": "none"},
        {"referer": f"{HOME}/"},
    ],
)
def test_everybody_else_is_not(headers: dict[str, str]) -> None:
    """Neighbouring names and ports are other people's as well; the message says what ours is."""
    with pytest.raises(NotAdmitted, match=HOME):
        ORIGIN.check(sent(**headers))


def test_a_form_that_was_sent_by_another_name_is_not_ours() -> None:
    """Whatever else the browser says, as a page that has led its name here could make it."""
    with pytest.raises(NotAdmitted, match=r"by the name 'evil\.example'"):
        ORIGIN.check(sent(host="evil.example", sec_fetch_site="same-origin"))


@pytest.mark.parametrize(
    ("public_url", "host"),
    [
        (HOME, "photos.example.org"),
        (HOME, "PHOTOS.example.org:443"),
        (HOME, "photos.example.org:8080"),
        ("https://bücher.example", "xn--bcher-kva.example"),
        ("https://xn--bcher-kva.example", "xn--bcher-kva.example"),
        ("http://192.0.2.1:8080", "192.0.2.1:8080"),
        ("http://[2001:DB8::1]:8080", "[2001:db8::1]:8080"),
        ("http://127.0.0.1:8080", "127.0.0.1:8080"),
        ("http://127.0.0.1:8080", "localhost:8080"),
        ("http://localhost:8080", "[::1]:8080"),
        ("http://[::1]:8080", "localhost"),
        ("http://0.0.0.0:8080", "127.0.0.1:8080"),
        ("http://[::]:8080", "localhost:8080"),
        ("http://:::8080", "localhost:8080"),
    ],
)
def test_whoever_comes_by_our_name_is_told_who_they_are(public_url: str, host: str) -> None:
    """By any port, since proxies leave it out; this machine has several names for itself."""
    OwnOrigin(public_url).check_host(came_by(host))


@pytest.mark.parametrize(
    ("public_url", "hosts"),
    [
        (HOME, ["evil.example"]),
        (HOME, ["photos.example.org.evil.example"]),
        (HOME, ["evil.example:photos.example.org"]),
        (HOME, ["evil.example@photos.example.org"]),
        (HOME, ["photos.example.org/"]),
        (HOME, ["photos.example.org."]),
        (HOME, [" photos.example.org"]),
        (HOME, ["localhost"]),
        (HOME, ["127.0.0.1:8080"]),
        (HOME, [""]),
        (HOME, []),
        (HOME, ["photos.example.org", "photos.example.org"]),
        ("http://127.0.0.1:8080", ["evil.example:8080"]),
        ("http://127.0.0.1:8080", ["[::1"]),
        ("http://127.0.0.1:8080", ["[::1]x"]),
        ("http://0.0.0.0:8080", ["192.0.2.1:8080"]),
        ("http://192.0.2.1:8080", ["localhost:8080"]),
        ("http://localhost.evil.example", ["localhost"]),
    ],
)
def test_any_other_name_is_not_ours(public_url: str, hosts: list[str]) -> None:
    """Nor no name, or two; the message says which one is."""
    with pytest.raises(NotAdmitted, match=re.escape(public_url)):
        OwnOrigin(public_url).check_host(came_by(*hosts))


def test_a_long_name_is_not_repeated_whole() -> None:
    """Anybody can send one."""
    with pytest.raises(NotAdmitted) as caught:
        ORIGIN.check_host(came_by("x" * 5000))

    assert len(str(caught.value)) < 500
