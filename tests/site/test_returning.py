"""The page that somebody wanted before they had to sign in: kept, and never another site's."""

from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.requests import Request
from starlette.responses import Response

from likeness.site.cookies import Cookie
from likeness.site.returning import ReturnPath
from support.browser import Visitor

COOKIE = Cookie("likeness_return", is_https=False)
RETURNING = ReturnPath(COOKIE)


def request(path: str, query: str = "", cookie: str | None = None) -> Request:
    """A request for a page, with what the browser keeps."""
    kept = [] if cookie is None else [(b"cookie", f"{COOKIE.name}={cookie}".encode("latin-1"))]
    return Request(
        {
            "type": "http",
            "method": "GET",
            "path": path,
            "query_string": query.encode(),
            "headers": [(b"host", b"likeness.invalid"), *kept],
        }
    )


def kept(path: str, query: str = "", cookie: str | None = None) -> str | None:
    """What a browser that asked for a page keeps; "" where it is to forget; None: not told."""
    response = Response()
    RETURNING.keep(request(path, query, cookie), response)
    told = response.headers.get("set-cookie")
    return None if told is None else told.partition(";")[0].partition("=")[2]


@pytest.mark.parametrize(
    ("path", "query", "expected"),
    [
        ("/", "user=U123", "/?user=U123"),
        ("/", "user=ada@example.org", "/?user=ada%40example.org"),
        ("/", "done=set&user=U1&next=//evil.example", "/?user=U1"),
        ("/explain", "", "/explain"),
        ("/explain", "user=U1", "/explain?user=U1"),
        ("/", "user=//evil.example", "/?user=%2F%2Fevil.example"),
        ("/", "user=%E2%82%AC%0d%0aSet-Cookie:x", "/?user=%E2%82%AC%0D%0ASet-Cookie%3Ax"),
    ],
)
def test_the_page_and_whose_it_is_are_kept(path: str, query: str, expected: str) -> None:
    """Nothing else of the address is."""
    cookie = kept(path, query)

    assert cookie is not None
    assert RETURNING.path(request("/", cookie=cookie)) == expected


@pytest.mark.parametrize(
    ("path", "query"),
    [
        ("/", ""),
        ("/", "done=set"),
        ("//evil.example", ""),
        ("/a/b", ""),
        ("/", "user=" + "x" * 1100),
    ],
)
def test_other_pages_are_not_kept(path: str, query: str) -> None:
    """And one from before is forgotten: the last one counts."""
    assert kept(path, query) is None
    assert kept(path, query, "/explain") == '""'


@pytest.mark.parametrize(
    "cookie",
    [
        "",
        "https://evil.example/",
        "//evil.example",
        "/\\evil.example",
        "/%2Fevil.example",
        "/?user=x&next=y",
        "/?user=",
        "/?user=x#y",
        "/?user=a b",
        "/../x",
        "javascript:alert(1)",
        "/?user=" + "x" * 1100,
    ],
)
def test_what_is_no_page_of_ours_leads_home(cookie: str) -> None:
    """Whoever put it there."""
    assert RETURNING.path(request("/", cookie=quote(cookie, safe="/:?=&#%\\ "))) == "/"


@given(cookie=st.text(st.characters(codec="latin-1"), max_size=40))
def test_whatever_is_kept_leads_to_this_site(cookie: str) -> None:
    """One slash, and no other site after it."""
    path = RETURNING.path(request("/", cookie=cookie))

    assert path.startswith("/")
    assert path.isascii()
    assert not path.startswith(("//", "/\\"))


@pytest.mark.anyio
async def test_whoever_comes_by_a_link_is_led_to_the_page_that_they_wanted(
    browser: Visitor,
) -> None:
    """Once; the cookie says nothing to scripts."""
    wanted = f"/?user={browser.work.bob.id}"
    asked = await browser.get(wanted)
    there = await browser.post("/sign-in", code=await browser.link())
    again = await browser.post("/sign-in", code=await browser.link())

    assert "httponly" in asked.headers["set-cookie"].lower()
    assert [wanted, "/"] == [each.headers["location"] for each in (there, again)]
    assert "likeness_return" not in browser.cookies
