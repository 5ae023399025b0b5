"""What load balancers and monitors are told."""

from pathlib import Path

import httpx
import pytest

from likeness.app import build
from likeness.imaging.sandbox import Layer
from support.studio import studio

pytestmark = pytest.mark.anyio


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
    assert 'likeness_sandbox_layer{layer="seccomp"} 0.0' in reply.text


async def test_health_tells_the_level_of_the_sandbox(tmp_path: Path) -> None:
    """None before the picture processes have started, full on this machine then."""
    async with studio(tmp_path) as work:
        transport = httpx.ASGITransport(build(work.service))
        async with httpx.AsyncClient(transport=transport, base_url="http://x") as client:
            before = (await client.get("/healthz")).json()
            await work.service.engine.start()
            after = (await client.get("/healthz")).json()
            figures = (await client.get("/metrics")).text

    assert (before["status"], before["sandbox"]) == ("ok", "none")
    assert (after["sandbox"], set(after["layers"])) == ("full", set(Layer))
    assert 'likeness_sandbox_layer{layer="seccomp"} 1.0' in figures
