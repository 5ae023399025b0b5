"""Whose word counts about who is signed in."""

from collections.abc import AsyncIterator
from ipaddress import ip_network
from pathlib import Path

import httpx
import pytest
from sqlalchemy import func, select
from starlette.requests import Request
from structlog.testing import capture_logs

from likeness.db import schema
from likeness.errors import NotAdmitted
from likeness.site.proxy import Proxies
from support import web
from support.browser import ADDRESS, Visitor, field_of, visitor
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


FOR = "X-Forwarded-For"


@pytest.mark.parametrize(
    ("host", "said", "client"),
    [
        ("192.0.2.7", ["198.51.100.1"], "198.51.100.1"),
        ("192.0.2.7", ["203.0.113.9, 198.51.100.1"], "198.51.100.1"),
        ("192.0.2.7", ["203.0.113.9", "2001:db8:2::1"], "2001:db8:2::1"),
        ("192.0.2.7", ["unknown"], "192.0.2.7"),
        ("192.0.2.7", [], "192.0.2.7"),
        ("203.0.113.1", ["198.51.100.1"], "203.0.113.1"),
        ("", ["198.51.100.1"], ""),
    ],
)
def test_a_client_is_who_a_proxy_of_ours_says(host: str, said: list[str], client: str) -> None:
    """The last of several, which the proxy has added itself. Nobody else is believed."""
    assert client == PROXIES.client(sent(host, *said, name=FOR))


def test_without_a_header_in_the_settings_nobody_is_believed() -> None:
    """Which is how it is unless somebody asks for it."""
    assert "" == Proxies("", NETWORKS).user(sent("192.0.2.7", "ada@example.org"))
    assert "" == Proxies("", NETWORKS).user(sent("192.0.2.7", "ada@example.org", name=""))


def test_a_header_from_elsewhere_is_told_of_once_a_minute() -> None:
    """Anybody can send it as often as they like."""
    proxies = Proxies(HEADER, NETWORKS)
    with capture_logs() as told:
        for _ in range(100):
            proxies.user(sent("203.0.113.1", "ada@example.org"))

    assert ["proxy_header_ignored"] == [line["event"] for line in told]


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


def tokens(behind: Visitor) -> int:
    """How many there are in the database."""
    with behind.work.service.database._read() as connection:
        return connection.execute(select(func.count()).select_from(schema.tokens)).scalar_one()


@pytest.mark.anyio
@pytest.mark.parametrize("cookie", ["", "x", "xoxp-" + "0" * 49])
async def test_requests_without_a_session_share_one(behind: Visitor, cookie: str) -> None:
    """Of a program that keeps no cookies, or makes them up; each gets a page that works."""
    headers = {HEADER: "ada@example.org", "Cookie": f"likeness_session={cookie}"}
    shown = set()
    for _ in range(20):
        behind.client.cookies.clear()
        shown.add(field_of((await behind.client.get("/", headers=headers)).text, "token"))

    assert 1 == tokens(behind) == len(shown)
    call = {"Authorization": f"Bearer {shown.pop()}"}
    assert (await behind.client.post("/api/auth.test", headers=call)).json()["user"] == "ada"


@pytest.mark.anyio
async def test_asking_for_headers_opens_no_session_and_adds_nobody(behind: Visitor) -> None:
    """Monitors do that."""
    for email in ("ada@example.org", "eve@example.org"):
        answer = await behind.client.head("/", headers={HEADER: email})
        assert answer.status_code == 200
        assert "set-cookie" not in answer.headers

    users = await behind.work.service.accounts.users(behind.work.ada.team_id, "", 10)
    assert 0 == tokens(behind)
    assert 2 == len(users.users)


@pytest.mark.anyio
async def test_new_sessions_do_not_give_new_limits(behind: Visitor) -> None:
    """Who signs in again and again has called as often as if they had not."""
    errors = []
    for _ in range(30):
        opened = await behind.work.service.sessions.open(behind.work.ada)
        headers = {"Authorization": f"Bearer {opened.secret.reveal()}"}
        answer = await behind.client.post("/api/users.deletePhoto", headers=headers)
        errors.append(answer.json().get("error"))

    assert errors[:20] == [None] * 20
    assert "ratelimited" in errors


@pytest.mark.anyio
@pytest.mark.parametrize("by", ["header", "cookie"])
async def test_nobody_is_told_who_they_are_by_another_name(behind: Visitor, by: str) -> None:
    """A page of that name would read it: DNS rebinding. The page says what to open instead."""
    if by == "cookie":
        await behind.sign_in()
        headers = {"Cookie": f"likeness_session={await behind.token()}"}
    else:
        headers = {HEADER: "ada@example.org"}
    before = tokens(behind)

    answer = await behind.client.get("/", headers={"Host": "evil.example", **headers})

    assert answer.status_code == 403
    assert "http://likeness.invalid" in answer.text
    assert 'name="token"' not in answer.text
    assert before == tokens(behind)


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
    await behind.work.service.people.deactivate("ada@example.org")
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
        page = web.get(live.url, headers=claims)

    assert is_in == ('name="token"' in page.text)
    assert is_in == ("set-cookie" in page.headers)
