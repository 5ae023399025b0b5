"""Calls to the Web API in this process: the same method, limits and answers as for anybody."""

import pytest
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route, Router

from likeness.model import Secret
from likeness.site.api import Api
from support.browser import Visitor
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
