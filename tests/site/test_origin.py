"""Where forms come from, by what browsers say."""

import pytest
from starlette.requests import Request

from likeness.config import load
from likeness.errors import NotAdmitted
from likeness.site.origin import OwnOrigin

HOME = "https://photos.example.org"
ORIGIN = OwnOrigin(HOME)


def sent(**headers: str) -> Request:
    """A request with headers; `_` in their names stands for `-`."""
    raw = [(n.replace("_", "-").encode(), v.encode("latin-1")) for n, v in headers.items()]
    return Request({"type": "http", "method": "POST", "headers": raw})


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

    OwnOrigin(config.base_url).check(sent(origin=origin))


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
