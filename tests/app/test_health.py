"""What load balancers and monitors are told."""

from pathlib import Path

import httpx
import pytest
from structlog.testing import capture_logs

from likeness.app.web import build
from likeness.imaging.sandbox import Layer
from likeness.version import VERSION
from support.studio import studio

pytestmark = pytest.mark.anyio

HERE = "http://127.0.0.1:8080"
TOKEN = "0123456789abcdef"


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
        async with httpx.AsyncClient(transport=transport, base_url=HERE) as client:
            await client.post("/api/api.test")
            reply = await client.get("/metrics")

    assert reply.headers["content-type"].startswith("text/plain; version=")
    assert "likeness_calls_total" in reply.text
    assert "likeness_pictures_total" in reply.text
    assert 'likeness_sandbox_layer{layer="seccomp"} 0.0' in reply.text


async def test_health_tells_the_version_and_the_level_of_the_sandbox(tmp_path: Path) -> None:
    """None before the picture processes have started, full on this machine then."""
    async with studio(tmp_path) as work:
        transport = httpx.ASGITransport(build(work.service))
        async with httpx.AsyncClient(transport=transport, base_url=HERE) as client:
            before = (await client.get("/healthz")).json()
            await work.service.engine.start()
            after = (await client.get("/healthz")).json()
            figures = (await client.get("/metrics")).text

    assert (before["status"], before["version"], before["sandbox"]) == ("ok", VERSION, "none")
    assert f'likeness_build_info{{version="{VERSION}"}} 1.0' in figures
    assert (after["sandbox"], set(after["layers"])) == ("full", set(Layer))
    assert 'likeness_sandbox_layer{layer="seccomp"} 1.0' in figures


@pytest.mark.parametrize(
    ("settings", "headers", "status"),
    [
        ({}, {}, 403),
        ({"metrics_token": TOKEN}, {}, 403),
        ({"metrics_token": TOKEN}, {"Authorization": f"Bearer {TOKEN}"}, 200),
        ({"metrics": "open"}, {}, 200),
        ({"metrics": "off", "metrics_token": TOKEN}, {"Authorization": f"Bearer {TOKEN}"}, 404),
    ],
)
async def test_strangers_learn_neither_figures_nor_walls(
    tmp_path: Path, settings: dict[str, str], headers: dict[str, str], status: int
) -> None:
    """Nor does a proxy that asks for them; that the process answers is for everybody."""
    async with studio(tmp_path, **settings) as work:
        transport = httpx.ASGITransport(build(work.service), client=("192.0.2.1", 50_000))
        async with httpx.AsyncClient(transport=transport, base_url=HERE) as client:
            figures = await client.get("/metrics", headers=headers)
            alive = await client.get("/healthz", headers=headers)

    assert status == figures.status_code
    assert ("likeness_calls" in figures.text) == (status == 200)
    assert ("LIKENESS_METRICS_TOKEN" in figures.text) == (status == 403)
    assert (alive.status_code, alive.json()["status"]) == (200, "ok")
    assert {"layers", "version"} & alive.json().keys() == (
        {"layers", "version"} if status == 200 else set()
    )


async def test_a_store_that_is_away_is_told_of_once_a_minute(
    tmp_path: Path,
) -> None:
    """Anybody may ask whether we are ready, as often as they like."""
    async with studio(tmp_path) as work:
        transport = httpx.ASGITransport(build(work.service))
        (work.service.config.data / "blobs").rename(tmp_path / "away")
        (work.service.config.data / "blobs").write_text("no folder")
        async with httpx.AsyncClient(transport=transport, base_url=HERE) as client:
            with capture_logs() as told:
                assert {503} == {(await client.get("/readyz")).status_code for _ in range(5)}

    assert ["store_away", "not_ready"] == [line["event"] for line in told]
