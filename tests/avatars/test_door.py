"""The entrance: which requests are this door's, what is hot, and what an outage looks like."""

from typing import Any

import httpx
import pytest

from likeness.avatars.by_hash import HashRules
from likeness.avatars.door import PATHS, Avatars
from likeness.model import Photo
from support.studio import Studio

pytestmark = pytest.mark.anyio


async def nobody(*_: object) -> None:
    """Whoever is behind this door."""
    raise AssertionError("this door's requests go no further")


def entrance(work: Studio, cache_bytes_max: int = 2**20) -> Avatars:
    """The door by itself."""
    return Avatars(
        work.service.delivery,
        nobody,
        public_url="http://photos",
        rules=HashRules(),
        cache_bytes_max=cache_bytes_max,
    )


async def status_of(door: Avatars, path: str, verb: str = "GET") -> int:
    """How a request ends that never looks at its body."""
    messages: list[Any] = []

    async def receive() -> Any:
        raise AssertionError("nobody reads what a reader sends")

    async def send(message: Any) -> None:
        messages.append(message)

    scope = {"method": verb, "path": path, "query_string": b"", "headers": []}
    await door(scope, receive, send)
    status: int = messages[0]["status"]
    return status


async def test_a_hot_photo_is_sent_without_the_store(work: Studio, photo: Photo) -> None:
    """Its files may be gone: it is in memory. Without memory they are read each time."""
    kept, unkept = entrance(work), entrance(work, cache_bytes_max=0)
    path = f"/{photo.key('72')}"
    assert await status_of(kept, path) == await status_of(unkept, path) == 200

    work.service.blobs.delete(photo.blob_keys())

    assert await status_of(kept, path) == 200
    assert await status_of(kept, path, "HEAD") == 200
    assert await status_of(unkept, path) == 503


async def test_a_change_is_seen_by_whoever_asks_next(work: Studio, photo: Photo) -> None:
    """A new photo ends no URL; the end of one does."""
    door, path = entrance(work), f"/{photo.key('72')}"
    await status_of(door, path)
    work.service.blobs.delete(photo.blob_keys())

    door.photo_changed(False)
    assert await status_of(door, path) == 200
    door.photo_changed(True)
    assert await status_of(door, path) == 503


@pytest.mark.parametrize("path", [*PATHS, "/avatars/x", "/avatars//", "/staged/x/y"])
async def test_a_path_that_is_nothing_is_answered(work: Studio, path: str) -> None:
    """Below /avatar/ everybody has a picture."""
    expected = 200 if path == "/avatar/" else 404

    assert await status_of(entrance(work), path) == expected


async def test_a_slash_too_many_is_forgiven(work: Studio, photo: Photo) -> None:
    """Base URLs end with one as often as not."""
    door = entrance(work)

    assert await status_of(door, f"//{photo.key('72')}") == 200
    assert await status_of(door, "///avatar/x") == 200


async def test_what_begins_alike_is_somebody_elses(client: httpx.AsyncClient) -> None:
    """Only whole segments count."""
    for path in ("/avatar", "/avatars", "/stagedoor/x", "/avatarsx/y"):
        assert (await client.get(path)).status_code == 404
    assert (await client.get("/healthz")).status_code == 200
