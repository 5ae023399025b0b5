"""Calls to the Web API in this process: the same method, limits and answers as for anybody."""

import pytest
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route, Router
from structlog.testing import capture_logs

from likeness.model import Secret
from likeness.site.api import Api
from support.browser import ADDRESS, Visitor
from support.pictures import jpeg

pytestmark = pytest.mark.anyio


async def test_a_call_is_one_that_any_client_could_make() -> None:
    """A POST with the token in its header, and no empty values."""
    seen: list[tuple[str, str, str, bytes]] = []

    async def answer(request: Request) -> Response:
        kind = request.headers["content-type"].partition(";")[0]
        authorization = request.headers["authorization"]
        seen.append((request.url.path, authorization, kind, await request.body()))
        return JSONResponse({"ok": True})

    api = Api(Router([Route("/api/{method:path}", answer, methods=["POST"])]))
    given = {"user": "", "photo": "7"}

    assert {"ok": True} == await api.call("users.restorePhoto", Secret("t"), given)
    await api.call("users.setPhoto", Secret("t"), given, b"picture")

    (plain, upload) = seen
    form = "application/x-www-form-urlencoded"
    assert plain == ("/api/users.restorePhoto", "Bearer t", form, b"photo=7")
    assert upload[:3] == ("/api/users.setPhoto", "Bearer t", "multipart/form-data")
    assert b"picture" in upload[3]
    assert b'name="user"' not in upload[3]


async def test_the_page_spends_the_calls_of_its_session(browser: Visitor) -> None:
    """Twenty photos a minute, as with any token; then the page says so, and the status too."""
    await browser.sign_in()
    token = await browser.token()
    for _ in range(20):
        answer = await browser.post("/", token=token, action="remove")
        assert answer.status_code == 303

    refused = await browser.post("/", jpeg(600, 600), token=token, action="remove")

    assert refused.status_code == 429
    assert (await browser.post("/", jpeg(600, 600), token=token)).status_code == 303


async def test_a_call_comes_from_whoever_asked_for_the_page() -> None:
    """With what a proxy says about them, so that the log names them."""
    seen: list[tuple[str, str | None]] = []

    async def answer(request: Request) -> Response:
        host = request.client.host if request.client else ""
        seen.append((host, request.headers.get("x-forwarded-for")))
        return JSONResponse({"ok": True})

    api = Api(Router([Route("/api/{method:path}", answer, methods=["POST"])]))
    raw = [(b"x-forwarded-for", b"203.0.113.9"), (b"x-forwarded-for", b"198.51.100.1")]
    proxied = Request({"type": "http", "headers": raw, "client": ("192.0.2.7", 1234)})
    direct = Request({"type": "http", "headers": [], "client": ("192.0.2.8", 1234)})
    nowhere = Request({"type": "http", "headers": [], "client": None})
    for request in (proxied, direct, nowhere):
        await api.on_behalf_of(request).call("users.deletePhoto", Secret("t"), {})

    assert seen == [
        ("192.0.2.7", "203.0.113.9, 198.51.100.1"),
        ("192.0.2.8", None),
        ("", None),
    ]


async def test_a_change_on_the_page_is_logged_once(browser: Visitor) -> None:
    """By the method that the page calls."""
    await browser.sign_in()
    token = await browser.token()
    with capture_logs() as lines:
        await browser.post("/", jpeg(600, 600), token=token)

    [told] = [line for line in lines if line["event"] == "photo_set"]
    assert told["user"] == told["by"]
    assert told["client"] == ADDRESS
