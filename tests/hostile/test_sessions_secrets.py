"""No code of a link, no session and no secret of the provider's leaves its place."""

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import anyio
import pytest

from support import web
from support.live import LiveServer, add_person, free_port
from support.pictures import jpeg

SECRET = "the-secret-of-the-client-0123456789"


@pytest.fixture(params=["json", "console"])
def server(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[LiveServer]:
    """A service with a provider that is down, whose log is read to the last line."""
    settings = {
        "LOG_FORMAT": str(request.param),
        "OIDC_ISSUER": f"http://127.0.0.1:{free_port()}",
        "OIDC_CLIENT_ID": "likeness",
        "OIDC_CLIENT_SECRET": SECRET,
    }
    with LiveServer(tmp_path / "data", settings) as live:
        yield live


def code_for(server: LiveServer, email: str) -> str:
    """A fresh link's code."""

    async def work() -> str:
        service = server.service()
        try:
            issued = await service.sessions.issue_link(email, timedelta(minutes=1))
            return issued.code.reveal()
        finally:
            await service.close()

    return anyio.run(work)


def test_neither_codes_nor_sessions_are_in_a_log_or_a_file(server: LiveServer) -> None:
    """Whatever is done with them, rightly and wrongly."""
    add_person(server)
    used, unused = [code_for(server, "ada@example.org") for _ in range(2)]
    with web.Client(base_url=server.url, headers={"Origin": server.url}) as browser:
        for code in (used, unused):
            browser.get("/sign-in", params={"code": code})
        for _ in range(2):
            browser.post("/sign-in", data={"code": used})
        page = browser.get("/").text
        found = re.search(r'name="token" value="([^"]+)"', page)
        assert found
        token = found[1]
        browser.post("/", data={"token": token}, files={"image": jpeg(512, 512)})
        browser.post("/", data={"token": token}, files={"image": b"no picture"})
        browser.post("/", data={"token": token}, headers={"Origin": "https://evil.example"})
        browser.get("/", params={"user": token, "done": token})
        browser.get("/sign-in/oidc")
        browser.get("/sign-in/oidc/callback", params={"code": used, "state": token})
        browser.post("/sign-out", data={"token": token})
        figures = browser.get("/metrics").text
    files = b"".join(path.read_bytes() for path in server.data.rglob("*") if path.is_file())

    assert "provider_unavailable" in server.log()
    for secret in (used, unused, token[5:], SECRET):
        for place in (server.log(), figures):
            assert secret not in place
        assert secret.encode() not in files
