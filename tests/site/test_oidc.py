"""A provider that is away, slow, or speaks of something else: the visitor is told, no more."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

from likeness.errors import ServiceUnavailable
from likeness.model import Secret
from likeness.site import oidc
from likeness.site.oidc import Provider, ProviderSettings
from support.browser import visitor
from support.live import free_port

pytestmark = pytest.mark.anyio


def document(issuer: str, **changes: Any) -> dict[str, Any]:
    """A discovery document."""
    return {
        "issuer": issuer,
        "authorization_endpoint": f"{issuer}/auth",
        "token_endpoint": f"{issuer}/token",
        "jwks_uri": f"{issuer}/jwks",
        **changes,
    }


def settings(issuer: str, secret: str | None = None) -> ProviderSettings:
    """A provider by its address; with a secret unless one is given, which may be empty."""
    proof = Secret("s" if secret is None else secret)
    return ProviderSettings(issuer, "likeness", proof, "http://likeness.invalid/back")


@asynccontextmanager
async def answering(
    head: str, body: str, *, is_silent: bool = False
) -> AsyncIterator[tuple[str, list[str]]]:
    """A socket that answers everything in one way, or never; its address, and the first lines."""
    seen: list[str] = []

    under_way: set[asyncio.Task[Any]] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task
        under_way.add(task)
        request = await reader.readuntil(b"\r\n\r\n")
        seen.append(request.decode().partition("\r\n")[0])
        if is_silent:
            await reader.read()
        text = body.replace("ISSUER", issuer)
        writer.write(f"{head}\r\nContent-Length: {len(text)}\r\n\r\n{text}".encode())
        writer.close()
        with suppress(ConnectionError):
            await writer.wait_closed()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    issuer = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield issuer, seen
    finally:
        server.close()
        await asyncio.gather(*under_way)


OK = "HTTP/1.1 200 OK\r\nContent-Type: application/json"


@pytest.mark.parametrize(
    ("head", "body"),
    [
        ("HTTP/1.1 500 Oops", "{}"),
        ("HTTP/1.1 404 Not Found", "{}"),
        (OK, "<html>"),
        (OK, "[]"),
        (OK, "{}"),
        (OK, '{"issuer": "ISSUER"}'),
        (OK, json.dumps(document("https://evil.example"))),
        (OK, json.dumps(document("ISSUER", token_endpoint="ftp://x"))),
        (OK, json.dumps(document("ISSUER", authorization_endpoint="javascript:alert(1)"))),
    ],
)
async def test_a_provider_that_talks_nonsense_is_unavailable(head: str, body: str) -> None:
    """Whatever it says."""
    async with answering(head, body) as (issuer, _):
        with pytest.raises(ServiceUnavailable, match="cannot be reached now"):
            await Provider(settings(issuer)).begin()


async def test_a_redirect_is_not_followed() -> None:
    """It could lead to any machine that this one reaches."""
    async with answering(OK, "{}") as (inside, seen_inside):
        head = f"HTTP/1.1 302 Found\r\nLocation: {inside}/secret"
        async with answering(head, "") as (issuer, seen):
            with pytest.raises(ServiceUnavailable):
                await Provider(settings(issuer)).begin()

    assert seen == ["GET /.well-known/openid-configuration HTTP/1.1"]
    assert seen_inside == []


async def test_a_silent_provider_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """After seconds, for all that one step asks."""
    monkeypatch.setattr(oidc, "VISIT_TIMEOUT_S", 0.2)
    async with answering(OK, "{}", is_silent=True) as (issuer, _):
        with pytest.raises(ServiceUnavailable):
            await Provider(settings(issuer)).begin()


async def test_what_a_provider_says_of_itself_is_kept_for_an_hour(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """One request for many visitors; a failure is kept for nobody."""
    async with answering(OK, json.dumps(document("ISSUER"))) as (issuer, seen):
        known = Provider(settings(issuer))
        for _ in range(3):
            url, _ = await known.begin()
        monkeypatch.setattr(oidc, "KEPT_S", -1.0)
        await known.begin()

    assert url.startswith(f"{issuer}/auth?")
    assert 2 == len(seen)


async def test_options_of_the_client_are_not_the_providers_to_set() -> None:
    """Authlib hands what a document says to its HTTP client."""
    odd = document("ISSUER", verify=False, follow_redirects=True, proxy="http://127.0.0.1:1")
    async with answering(OK, json.dumps(odd)) as (issuer, _):
        known = Provider(settings(issuer))
        await known.begin()

    assert {"verify", "follow_redirects", "proxy"}.isdisjoint(known._known.server_metadata)


@pytest.mark.parametrize(
    ("secret", "offered", "expected"),
    [
        ("s", None, "client_secret_basic"),
        ("s", ["client_secret_post"], "client_secret_post"),
        ("s", ["client_secret_post", "client_secret_basic"], "client_secret_basic"),
        ("", ["client_secret_basic"], "none"),
    ],
)
async def test_we_prove_ourselves_as_the_provider_wants(
    secret: str, offered: list[str] | None, expected: str
) -> None:
    """A client without a secret is a public one."""
    ways = {"token_endpoint_auth_methods_supported": offered} if offered else {}
    async with answering(OK, json.dumps(document("ISSUER", **ways))) as (issuer, _):
        known = Provider(settings(issuer, secret))
        await known.begin()

    assert expected == known._known.server_metadata["token_endpoint_auth_method"]


async def test_only_keys_that_the_provider_alone_has_sign(tmp_path: Path) -> None:
    """Not our secret, which is also known to us, and not nothing."""
    offered = ["none", "HS256", "RS256", "ES256"]
    odd = document("ISSUER", id_token_signing_alg_values_supported=offered)
    async with answering(OK, json.dumps(odd)) as (issuer, _):
        known = Provider(settings(issuer))
        await known.begin()

    used = known._known.server_metadata["id_token_signing_alg_values_supported"]
    assert ["RS256", "ES256"] == used


async def test_a_provider_that_is_down_is_a_page(tmp_path: Path) -> None:
    """With the status that says so; the other ways in go on."""
    issuer = f"http://127.0.0.1:{free_port()}"
    async with visitor(tmp_path, oidc_issuer=issuer, oidc_client_id="likeness") as browser:
        answer = await browser.get("/sign-in/oidc")
        await browser.sign_in()

        assert answer.status_code == 503
        assert "cannot be reached now" in answer.text
        assert "Traceback" not in answer.text
