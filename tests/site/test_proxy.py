"""Whose word counts about who is signed in."""

from collections.abc import AsyncIterator
from ipaddress import ip_network
from pathlib import Path

import httpx
import pytest
from starlette.requests import Request

from likeness.errors import NotAdmitted
from likeness.site.proxy import Proxies
from support.browser import ADDRESS, Visitor, visitor
from support.live import LiveServer, add_person

HEADER = "X-Forwarded-Email"
NETWORKS = [ip_network(text) for text in ("192.0.2.0/28", "2001:db8::/64")]
PROXIES = Proxies(HEADER, NETWORKS)


def sent(host: str, *values: str, name: str = HEADER) -> Request:
    """A request from an address, with the header as often as there are values."""
    raw = [(name.lower().encode(), value.encode("latin-1")) for value in values]
    return Request({"type": "http", "headers": raw, "client": (host, 1234) if host else None})


@pytest.mark.parametrize("host", ["192.0.2.7", "::ffff:192.0.2.7", "2001:db8::1"])
def test_a_proxy_of_ours_names_somebody(host: str) -> None:
    """By either kind of address, also by one that is written as the other."""
    assert "ada@example.org" == PROXIES.user(sent(host, " ada@example.org "))


def test_a_name_is_read_as_utf_8() -> None:
    """Which is what proxies write."""
    written = "ida@bücher.example".encode().decode("latin-1")

    assert "ida@bücher.example" == PROXIES.user(sent("192.0.2.7", written))
    with pytest.raises(NotAdmitted, match="UTF-8"):
        PROXIES.user(sent("192.0.2.7", "ida@bücher.example"))


@pytest.mark.parametrize(
    "host", ["192.0.2.16", "203.0.113.1", "2001:db8:1::1", "::ffff:203.0.113.1", "unix", ""]
)
def test_anybody_else_names_nobody(host: str) -> None:
    """Also who comes by no address at all."""
    assert "" == PROXIES.user(sent(host, "ada@example.org"))


@pytest.mark.parametrize("values", [(), ("",), ("  ",), ("ada@x.org", "eve@x.org")])
def test_a_header_that_is_absent_empty_or_there_twice_names_nobody(values: tuple[str, ...]) -> None:
    """Of two, one may be what the visitor sent."""
    assert "" == PROXIES.user(sent("192.0.2.7", *values))


def test_without_a_header_in_the_settings_nobody_is_believed() -> None:
    """Which is how it is unless somebody asks for it."""
    assert "" == Proxies("", NETWORKS).user(sent("192.0.2.7", "ada@example.org"))
    assert "" == Proxies("", NETWORKS).user(sent("192.0.2.7", "ada@example.org", name=""))


@pytest.fixture
async def behind(tmp_path: Path) -> AsyncIterator[Visitor]:
    """A browser whose requests come by a proxy that is believed."""
    settings = {"proxy_user_header": HEADER, "proxy_addresses": f"{ADDRESS},127.0.0.1"}
    async with visitor(tmp_path, **settings) as opened:
        yield opened


@pytest.mark.anyio
async def test_whoever_the_proxy_names_is_signed_in_and_stays_so(behind: Visitor) -> None:
    """With one session for all requests, found by any capitals."""
    behind.client.headers[HEADER] = "Ada@Example.org"

    first, cookies = await behind.get("/"), behind.cookies
    second = await behind.get("/")

    assert behind.work.ada.real_name in first.text
    assert "set-cookie" not in second.headers
    assert cookies == behind.cookies


@pytest.mark.anyio
async def test_the_proxy_wins_over_a_session_of_somebody_else(behind: Visitor) -> None:
    """Who signs out there and in as another must not see the one before; that session ends."""
    await behind.sign_in(behind.work.bob)
    bobs = await behind.token()
    behind.client.headers[HEADER] = "ada@example.org"

    page = await behind.get("/")
    answer = await behind.client.post("/api/auth.test", headers={"Authorization": f"Bearer {bobs}"})

    assert "ada" in page.text
    assert answer.json()["error"] == "token_revoked"


@pytest.mark.anyio
async def test_somebody_new_is_added(behind: Visitor) -> None:
    """To the only workspace there is, and once."""
    behind.client.headers[HEADER] = "eve@example.org"

    for _ in range(2):
        assert (await behind.get("/")).status_code == 200

    users = await behind.work.service.accounts.users(behind.work.ada.team_id, "", 10)
    assert 1 == [user.email for user in users.users].count("eve@example.org")


@pytest.mark.anyio
async def test_a_form_is_sent_with_the_session_of_the_page(behind: Visitor) -> None:
    """As without a proxy."""
    behind.client.headers[HEADER] = "ada@example.org"

    assert (await behind.change(action="remove")).headers["location"] == "/?done=remove"
    assert (await behind.post("/", token="x", action="remove")).status_code == 403


@pytest.mark.anyio
@pytest.mark.parametrize(
    "named",
    [b"no address", b"a@b@c", b"eve@" + b"x" * 300, b"\xff", "\u212aate@example.org".encode()],
)
async def test_a_name_that_is_no_address_stays_out(behind: Visitor, named: bytes) -> None:
    """With a page that says so."""
    behind.client.headers = httpx.Headers([(HEADER.encode(), named)])

    answer = await behind.get("/")

    assert answer.status_code == 403
    assert "text/html" in answer.headers["content-type"]


@pytest.mark.anyio
async def test_whoever_left_stays_out(behind: Visitor) -> None:
    """Whatever the proxy says."""
    await behind.work.service.accounts.deactivate("ada@example.org")
    behind.client.headers[HEADER] = "ada@example.org"

    assert (await behind.get("/")).status_code == 403


@pytest.mark.parametrize(("trusted", "is_in"), [("127.0.0.0/8", True), ("192.0.2.0/24", False)])
def test_the_address_is_that_of_the_socket(tmp_path: Path, trusted: str, is_in: bool) -> None:
    """Not one that a header claims, which anybody can send."""
    settings = {"PROXY_USER_HEADER": HEADER, "PROXY_ADDRESSES": trusted}
    claims = {
        HEADER: "ada@example.org",
        "X-Forwarded-For": "192.0.2.7",
        "X-Real-IP": "192.0.2.7",
        "Forwarded": "for=192.0.2.7",
    }
    with LiveServer(tmp_path / "data", settings) as live:
        add_person(live)
        page = httpx.get(live.url, headers=claims)

    assert is_in == ('name="token"' in page.text)
    assert is_in == ("set-cookie" in page.headers)
