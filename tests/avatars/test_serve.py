"""Photos over HTTP: types, caching, sizes that were not made, and refusals."""

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from likeness.app import build
from likeness.model import SIZES, Photo
from support.pictures import gif, jpeg, opened
from support.studio import Studio, studio

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> str:
    """Granian runs asyncio, so that is what counts."""
    return "asyncio"


@pytest.fixture
async def work(tmp_path: Path) -> AsyncIterator[Studio]:
    """A fresh service."""
    async with studio(tmp_path) as fresh:
        yield fresh


@pytest.fixture
async def client(work: Studio) -> AsyncIterator[httpx.AsyncClient]:
    """A browser in front of it."""
    transport = httpx.ASGITransport(build(work.service))
    async with httpx.AsyncClient(transport=transport, base_url="http://photos") as browser:
        yield browser


@pytest.fixture
async def photo(work: Studio) -> Photo:
    """A photo of 600 pixels."""
    return (await work.service.photos.set(work.ada, jpeg(600, 600), None)).photo


async def test_a_photo_is_served_for_ever_and_safely(
    client: httpx.AsyncClient, photo: Photo
) -> None:
    """Type, caching, validator, and the headers that keep it a picture."""
    reply = await client.get(photo.key("72"))

    assert reply.status_code == 200
    assert opened(reply.content).size == (72, 72)
    assert reply.headers["content-type"] == "image/jpeg"
    assert reply.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert reply.headers["etag"].startswith('"')
    assert reply.headers["x-content-type-options"] == "nosniff"
    assert reply.headers["content-security-policy"] == "default-src 'none'; sandbox"
    assert reply.headers["cross-origin-resource-policy"] == "cross-origin"
    assert reply.headers["access-control-allow-origin"] == "*"
    assert reply.headers["content-disposition"] == 'inline; filename="photo.jpg"'


async def test_what_the_browser_has_is_not_sent_again(
    client: httpx.AsyncClient, photo: Photo
) -> None:
    """304 without a body for its own tag, weak or in a list; the picture for another."""
    tag = (await client.get(photo.key("72"))).headers["etag"]

    for header in (tag, f"W/{tag}", f'"other", {tag}'):
        reply = await client.get(photo.key("72"), headers={"If-None-Match": header})
        assert (reply.status_code, reply.content) == (304, b"")

    assert (
        await client.get(photo.key("72"), headers={"If-None-Match": '"other"'})
    ).status_code == 200


@pytest.mark.parametrize("size", SIZES)
async def test_every_size_answers(client: httpx.AsyncClient, photo: Photo, size: int) -> None:
    """1024 was not made from 600 pixels, so 512 stands in."""
    reply = await client.get(photo.key(str(size)))

    assert opened(reply.content).size == (min(size, 512),) * 2


async def test_moving_photos_have_stills(client: httpx.AsyncClient, work: Studio) -> None:
    """The GIF moves, its twin is a PNG of one frame."""
    photo = (await work.service.photos.set(work.ada, gif(), None)).photo

    moving = await client.get(photo.key("192"))
    still = await client.get(photo.key("192_still"))

    assert moving.headers["content-type"] == "image/gif"
    assert still.headers["content-type"] == "image/png"
    assert opened(still.content).size == (192, 192)


@pytest.mark.parametrize(
    "path",
    [
        "avatars/2026-11-23/123456789012_00000000000000000000_72.jpg",
        "avatars/2026-11-23/../../likeness.db",
        "avatars/%2e%2e/%2e%2e/likeness.db",
        "avatars/2026-11-23/123456789012_0000000000000000000g_72.jpg",
        "avatars/default/0123456789abcdef0123456789abcdef_73.png",
        "avatars/",
        "staged/0123456789abcdef0123456789abcdef.jpg",
        "staged/../secret.key",
    ],
)
async def test_what_is_not_there_is_a_short_lived_404(client: httpx.AsyncClient, path: str) -> None:
    """Unknown, malformed and reaching out of the folder look the same."""
    reply = await client.get(path)

    assert reply.status_code == 404
    assert "immutable" not in reply.headers.get("cache-control", "")


async def test_a_default_picture_is_drawn(client: httpx.AsyncClient, work: Studio) -> None:
    """At every size of Slack's."""
    url = work.service.photos.default_url(work.ada, 192)

    reply = await client.get(url)

    assert opened(reply.content).size == (192, 192)
    assert reply.headers["content-type"] == "image/png"


async def test_a_prepared_picture_is_served_but_not_kept(
    client: httpx.AsyncClient, work: Studio
) -> None:
    """Its address is secret, and caches must not keep it."""
    prepared = await work.service.photos.prepare(work.ada, jpeg(1200, 900))

    reply = await client.get(prepared.url)

    assert opened(reply.content).size == (1200, 900)
    assert reply.headers["cache-control"] == "private, no-store"


async def test_an_outage_is_never_a_404(
    client: httpx.AsyncClient, work: Studio, photo: Photo
) -> None:
    """Caches remember a 404, so a store that is away answers 503 and when to come back."""
    blobs = work.service.config.data / "blobs"
    blobs.rename(blobs.with_name("away"))
    blobs.write_text("no folder")

    reply = await client.get(photo.key("72"))

    assert reply.status_code == 503
    assert int(reply.headers["retry-after"]) > 0


async def test_head_has_the_headers_alone(client: httpx.AsyncClient, photo: Photo) -> None:
    """As GET, without the bytes; other verbs are refused."""
    reply = await client.head(photo.key("72"))

    assert reply.status_code == 200
    assert int(reply.headers["content-length"]) > 0
    assert reply.content == b""
    assert (await client.post(photo.key("72"))).status_code == 405
