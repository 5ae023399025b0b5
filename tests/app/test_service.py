"""The composition root: the secret, health, and a life from start to end."""

import asyncio
from pathlib import Path

import httpx
import pytest

from likeness.app import METHODS, build, create, open_service
from likeness.app.secret import digest_key
from likeness.config import load
from support.live import LiveServer
from support.studio import studio

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> str:
    """Granian runs asyncio, so that is what counts."""
    return "asyncio"


async def test_the_secret_is_made_once_and_is_private(tmp_path: Path) -> None:
    """Another start finds the same key; nobody else may read it."""
    config = load({"LIKENESS_DATA": str(tmp_path)})

    keys = await asyncio.gather(*(asyncio.to_thread(digest_key, config) for _ in range(8)))

    assert len(set(keys)) == 1
    assert len(keys[0]) == 32
    assert (tmp_path / "secret.key").stat().st_mode & 0o777 == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["secret.key"]


async def test_a_secret_that_is_set_is_used(tmp_path: Path) -> None:
    """No file is made for it."""
    config = load({"LIKENESS_DATA": str(tmp_path), "LIKENESS_SECRET_KEY": "k" * 32})

    assert digest_key(config) == b"k" * 32
    assert list(tmp_path.iterdir()) == []


async def test_health_follows_the_stores(tmp_path: Path) -> None:
    """Alive is alive; ready needs the store, and says when to ask again."""
    async with studio(tmp_path) as work:
        transport = httpx.ASGITransport(build(work.service))
        async with httpx.AsyncClient(transport=transport, base_url="http://x") as client:
            well = [(await client.get(path)).status_code for path in ("/healthz", "/readyz")]
            blobs = work.service.config.data / "blobs"
            blobs.rename(blobs.with_name("away"))
            blobs.write_text("no folder")
            ill = await client.get("/readyz")

            assert well == [200, 200]
            assert (await client.get("/healthz")).status_code == 200
            assert ill.status_code == 503
            assert int(ill.headers["retry-after"]) > 0


async def test_metrics_are_in_the_prometheus_format(tmp_path: Path) -> None:
    """With our own counters among them."""
    async with studio(tmp_path) as work:
        transport = httpx.ASGITransport(build(work.service))
        async with httpx.AsyncClient(transport=transport, base_url="http://x") as client:
            await client.post("/api/api.test")
            reply = await client.get("/metrics")

    assert reply.headers["content-type"].startswith("text/plain; version=")
    assert "likeness_calls_total" in reply.text
    assert "likeness_pictures_total" in reply.text


async def test_unknown_paths_are_404_and_never_a_redirect(tmp_path: Path) -> None:
    """A trailing slash is another path."""
    async with studio(tmp_path) as work:
        transport = httpx.ASGITransport(build(work.service))
        async with httpx.AsyncClient(transport=transport, base_url="http://x") as client:
            for path in ("/nothing", "/healthz/", "/avatars"):
                assert (await client.get(path)).status_code == 404


async def test_the_openapi_document_lists_every_method(tmp_path: Path) -> None:
    """It is made from the same table that routes."""
    async with studio(tmp_path) as work:
        transport = httpx.ASGITransport(build(work.service))
        async with httpx.AsyncClient(transport=transport, base_url="http://x") as client:
            document = (await client.get("/openapi.json")).json()

    assert {path.removeprefix("/api/") for path in document["paths"]} == set(METHODS)


async def test_the_factory_reads_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What Granian and uvicorn are given builds an application from settings."""
    monkeypatch.setenv("LIKENESS_DATA", str(tmp_path / "deep" / "data"))

    application = create()

    assert application.routes
    assert (tmp_path / "deep" / "data" / "secret.key").is_file()


async def test_two_services_may_share_one_folder(tmp_path: Path) -> None:
    """The command line works beside a running server."""
    async with studio(tmp_path) as work:
        other = open_service(load({"LIKENESS_DATA": str(tmp_path)}))
        try:
            assert [team.name for team in await other.accounts.teams()] == ["Acme"]
            await other.accounts.deactivate("bob@example.org")
        finally:
            await other.close()

        assert (await work.again(work.bob)).deleted_at is not None


def test_the_server_answers_after_a_stop_and_a_start(tmp_path: Path) -> None:
    """SIGTERM ends it cleanly; the same folder and port serve again."""
    server = LiveServer(tmp_path)
    with server:
        first = httpx.get(f"{server.url}/readyz").status_code
    with pytest.raises(httpx.ConnectError):
        httpx.get(f"{server.url}/readyz")
    with server:
        second = httpx.get(f"{server.url}/readyz").status_code

    assert (first, second) == (200, 200)
