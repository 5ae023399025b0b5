"""The door of photos around a service: the settings are in force, and changes are seen."""

from hashlib import sha256
from pathlib import Path

import httpx
import pytest

from likeness.app.explaining import nothing_else
from likeness.app.photo_door import photo_door
from support.pictures import jpeg
from support.studio import Studio, studio

pytestmark = pytest.mark.anyio

PATH = f"/avatar/{sha256(b'ada@example.org').hexdigest()}"


async def asked(work: Studio, query: str) -> list[httpx.Response]:
    """What Ada's hash gives before she has a photo, and after."""
    door = httpx.ASGITransport(photo_door(work.service, nothing_else))
    async with httpx.AsyncClient(transport=door, base_url="http://photos") as client:
        before = await client.get(PATH + query)
        await work.service.photos.set(work.ada, jpeg(600, 600), None)
        return [before, await client.get(PATH + query)]


async def test_a_new_photo_is_shown_at_once(work: Studio) -> None:
    """Also where the answer before it is remembered."""
    before, after = await asked(work, "?d=404")

    assert (404, 200) == (before.status_code, after.status_code)


async def test_a_setting_reaches_the_answer(tmp_path: Path) -> None:
    """How long it may be kept is one of them."""
    async with studio(tmp_path, photo_max_age="1h") as work:
        _, after = await asked(work, "")

    assert "max-age=3600" in after.headers["cache-control"]
