"""Cookies: what browsers are told to keep, and from whom."""

import pytest
from starlette.requests import Request
from starlette.responses import Response

from likeness.site.cookies import Cookie

BY_HTTP = Cookie("likeness_session", is_https=False)
BY_HTTPS = Cookie("likeness_session", is_https=True)


def set_by(cookie: Cookie, value: str = "v") -> str:
    """The header that has a browser keep a value."""
    response = Response()
    cookie.write(response, value, 60)
    return response.headers["set-cookie"]


def sent(header: str) -> Request:
    """A request with a cookie header."""
    return Request({"type": "http", "headers": [(b"cookie", header.encode("latin-1"))]})


def test_by_https_no_neighbour_and_no_network_can_set_or_see_it() -> None:
    """The prefix makes browsers insist on Secure, on Path=/ and on no Domain."""
    parts = {part.strip().lower() for part in set_by(BY_HTTPS).split(";")}

    assert parts == {
        "__host-likeness_session=v",
        "httponly",
        "max-age=60",
        "path=/",
        "samesite=lax",
        "secure",
    }


def test_by_http_it_is_still_kept_from_scripts_and_foreign_forms() -> None:
    """Secure would have the browser throw it away."""
    text = set_by(BY_HTTP).lower()

    assert text.startswith("likeness_session=v")
    assert "httponly" in text
    assert "samesite=lax" in text
    assert "secure" not in text


@pytest.mark.parametrize("cookie", [BY_HTTP, BY_HTTPS])
def test_it_is_forgotten_in_the_way_it_was_set(cookie: Cookie) -> None:
    """Else browsers keep a cookie of that prefix."""
    response = Response()

    cookie.clear(response)

    text = response.headers["set-cookie"].lower()
    assert "max-age=0" in text
    assert "path=/" in text
    assert ("secure" in text) == ("__host-" in text)


@pytest.mark.parametrize(
    ("header", "value"),
    [
        ("", ""),
        ("likeness_session=abc", "abc"),
        ("x=1; likeness_session=abc; y=2", "abc"),
        ("likeness_session", ""),
        ("=; ;;; a=b=c; likeness_session=abc", "abc"),
        ('$Version=1; likeness_session="abc"', "abc"),
        ("other=1", ""),
        ("likeness_session=\xff\xfe", "\xff\xfe"),
    ],
)
def test_what_browsers_send_is_read_whatever_stands_beside_it(header: str, value: str) -> None:
    """Rubbish in front of our cookie does not hide it."""
    assert value == BY_HTTP.read(sent(header))


def test_each_reads_its_own_name_only() -> None:
    """A cookie without the prefix, which a neighbour can set, counts for nothing by https."""
    assert "" == BY_HTTPS.read(sent("likeness_session=abc"))
    assert "" == BY_HTTP.read(sent("__Host-likeness_session=abc"))


def test_values_cannot_make_a_header_of_their_own() -> None:
    """The standard library refuses or quotes what would end the line or the value."""
    response = Response()

    BY_HTTP.write(response, "a; Domain=evil.example", 60)

    assert "domain" not in response.headers["set-cookie"].replace('"a\\073 Domain', "").lower()
