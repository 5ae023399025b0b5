"""What a server process that is about to stop tells everybody."""

from pathlib import Path

import httpx
import pytest

from likeness.app import build
from likeness.app.draining import Draining
from support.studio import studio

pytestmark = pytest.mark.anyio


async def test_everything_is_answered_and_connections_end(tmp_path: Path) -> None:
    """`/readyz` says no; photos, calls and the health of the process are as before."""
    draining = Draining()
    async with studio(tmp_path) as work:
        app = draining.around(build(work.service, draining))
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://x") as client:
            before = await client.get("/readyz")
            assert (before.status_code, before.headers.get("connection")) == (200, None)

            draining.begin()

            paths = ("/readyz", "/healthz", "/api/api.test", "/avatar/" + 32 * "0")
            replies = {path: await client.get(path) for path in paths}

    assert [503, 200, 200, 200] == [each.status_code for each in replies.values()]
    assert {"close"} == {each.headers["connection"] for each in replies.values()}
    assert replies["/readyz"].json() == {"status": "stopping"}
    assert int(replies["/readyz"].headers["retry-after"]) > 0
