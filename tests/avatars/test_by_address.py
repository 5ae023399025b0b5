"""Photos by their own URL: types, caching, sizes that were not made, and what became of them."""

from collections.abc import Callable

import httpx
import pytest

from likeness.app.web import build
from likeness.model import ORIGINAL, SIZES, Photo
from support.pictures import gif, jpeg, opened, png
from support.studio import Studio

pytestmark = pytest.mark.anyio

CHROMIUM = "image/avif,image/webp,image/apng,image/svg+xml,image/*,*/*;q=0.8"


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
    assert "vary" not in reply.headers
    assert "set-cookie" not in reply.headers


@pytest.mark.parametrize("size", SIZES)
async def test_every_size_answers(client: httpx.AsyncClient, photo: Photo, size: int) -> None:
    """1024 was not made from 600 pixels, so those 600 stand in."""
    reply = await client.get(photo.key(str(size)))

    assert opened(reply.content).size == (min(size, 600),) * 2
    assert "immutable" in reply.headers["cache-control"]


@pytest.mark.parametrize(
    ("name", "side"),
    [("16", 24), ("100", 72), ("599", 512), ("600", 600), ("9999", 600), ("original", 600)],
)
async def test_a_size_that_no_photo_has_answers_too(
    client: httpx.AsyncClient, photo: Photo, name: str, side: int
) -> None:
    """With the largest below it, or the smallest."""
    assert opened((await client.get(photo.key(name))).content).size == (side, side)


@pytest.mark.parametrize("name", ["72_still.png", "72_still.jpg", "1024.png", "original_still.png"])
async def test_what_a_photo_never_has_is_not_there(
    client: httpx.AsyncClient, photo: Photo, name: str
) -> None:
    """A still of what does not move, or another format: a 404, and no other size."""
    assert (await client.get(photo.stem + name)).status_code == 404


async def test_a_size_that_was_lost_is_not_answered_with_a_smaller_one_for_ever(
    client: httpx.AsyncClient, work: Studio, photo: Photo
) -> None:
    """Until it is mended."""
    work.service.blobs.delete([photo.key("600")])

    reply = await client.get(photo.key("1024"))

    assert opened(reply.content).size == (512, 512)
    assert "immutable" not in reply.headers["cache-control"]


async def test_moving_photos_have_stills(client: httpx.AsyncClient, work: Studio) -> None:
    """The GIF moves, its twin is a PNG of one frame."""
    photo = (await work.service.photos.set(work.ada, gif(), None)).photo

    moving = await client.get(photo.key("192"))
    still = await client.get(photo.key("192_still"))

    assert moving.headers["content-type"] == "image/gif"
    assert still.headers["content-type"] == "image/png"
    assert opened(still.content).size == (192, 192)
    for name in ("1024_still", "original_still"):
        largest = opened((await client.get(photo.key(name))).content)
        assert (largest.format, largest.size) == ("PNG", (photo.sizes[-1],) * 2)


@pytest.mark.parametrize(
    "path",
    [
        "avatars/2026-11-23/123456789012_00000000000000000000_72.jpg",
        "avatars/2026-11-23/../../likeness.db",
        "avatars/%2e%2e/%2e%2e/likeness.db",
        "avatars/2026-11-23/123456789012_0000000000000000000g_72.jpg",
        "avatars/2026-11-23/12345678901234567890_00000000000000000000_72.jpg",
        "avatars/2026-11-23/123456789012_00000000000000000000_72.webp",
        "avatars/default/identicon/0123456789abcdef0123456789abcdef_73.png",
        "avatars/default/unknown/0123456789abcdef0123456789abcdef_72.png",
        "avatars/default/initials/0123456789abcdef0123456789abcdef_%00_72.png",
        "avatars/default/initials/0123456789abcdef0123456789abcdef_a%20b%20c_72.png",
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
    """At the URL that the API hands out, for ever."""
    url = work.service.photos.default_url(work.ada, 192)

    reply = await client.get(url)

    assert opened(reply.content).size == (192, 192)
    assert reply.headers["content-type"] == "image/png"
    assert "immutable" in reply.headers["cache-control"]


@pytest.mark.parametrize("letters", ["ཀ", "Aཀ", "ཀཁ"])
async def test_letters_without_a_font_answer_with_what_can_be_drawn(
    client: httpx.AsyncClient, letters: str
) -> None:
    """A URL that was handed out by an installation with more fonts is never 404.

    Nor is it kept for ever, since the letters are drawn again once the font is back.
    """
    reply = await client.get(f"avatars/default/initials/{'0f' * 16}_{letters}_72.png")

    assert opened(reply.content).size == (72, 72)
    assert reply.headers["cache-control"] == "public, max-age=60"


async def test_a_prepared_picture_is_served_but_not_kept(
    client: httpx.AsyncClient, work: Studio
) -> None:
    """Its address is secret, and caches must not keep it."""
    prepared = await work.service.photos.prepare(work.ada, jpeg(1200, 900))

    reply = await client.get(prepared.url)

    assert opened(reply.content).size == (1200, 900)
    assert reply.headers["cache-control"] == "private, no-store"
    work.clock.advance(hours=1)
    assert (await client.get(prepared.url)).status_code == 404


async def test_a_deleted_photo_is_gone_at_once(
    client: httpx.AsyncClient, work: Studio, photo: Photo
) -> None:
    """From the memory of this process too; others let go of it within PHOTO_LIFE_S."""
    assert (await client.get(photo.key("72"))).status_code == 200

    await work.service.photos.delete(work.ada)

    assert (await client.get(photo.key("72"))).status_code == 404


@pytest.mark.parametrize("settings", [{"keep_replaced": "1d", "cdn_url": "https://cdn"}])
async def test_a_replaced_photo_is_served_until_it_is_swept_and_then_leads_on(
    client: httpx.AsyncClient, work: Studio, photo: Photo
) -> None:
    """To the same size of the current one, for a minute; to none once that is deleted."""
    ada = await work.again(work.ada)
    second = (await work.service.photos.set(ada, png(700, 700), None)).photo
    assert (await client.get(photo.key("72"))).status_code == 200

    work.clock.advance(days=2)
    await work.service.sweeper.sweep()
    # Another process, which does not have it in memory.
    transport = httpx.ASGITransport(build(work.service))
    client = httpx.AsyncClient(transport=transport, base_url="http://photos")

    for name in ("72", ORIGINAL, "1024"):
        reply = await client.get(photo.key(name))
        assert reply.status_code == 302
        assert reply.headers["location"] == f"https://cdn/{second.key(name)}"
        assert reply.headers["cache-control"] == "public, max-age=60"
        assert (await client.get(second.key(name))).status_code == 200

    guess = photo.key("72").replace(photo.secret, second.secret)
    assert (await client.get(guess)).status_code == 404

    await work.service.photos.delete(await work.again(work.ada))
    assert (await client.get(photo.key("72"))).status_code == 404


async def test_a_file_that_is_lost_is_no_404(
    client: httpx.AsyncClient, work: Studio, photo: Photo
) -> None:
    """The photo is in force, so that something is wrong here: 503, which nobody remembers."""
    for key in photo.blob_keys():
        (work.service.config.data / "blobs" / key).unlink()

    reply = await client.get(photo.key("72"))

    assert reply.status_code == 503
    assert int(reply.headers["retry-after"]) > 0


@pytest.fixture
def without_store(work: Studio) -> Callable[[], None]:
    """What takes the photo store away."""

    def take_away() -> None:
        blobs = work.service.config.data / "blobs"
        blobs.rename(blobs.with_name("away"))
        blobs.write_text("no folder")

    return take_away


async def test_an_outage_is_never_a_404(
    client: httpx.AsyncClient, work: Studio, photo: Photo, without_store: Callable[[], None]
) -> None:
    """Caches remember a 404, so a store that is away answers 503 and when to come back."""
    prepared = await work.service.photos.prepare(work.ada, jpeg(1200, 900))
    assert (await client.get(photo.key("24"))).status_code == 200
    without_store()

    assert (await client.get(photo.key("72"))).status_code == 503
    assert (await client.get(prepared.url)).status_code == 503
    # What is in memory goes on.
    assert (await client.get(photo.key("24"))).status_code == 200


@pytest.mark.parametrize("settings", [{"photo_formats": "webp"}])
async def test_a_browser_gets_webp_where_it_is_offered(
    client: httpx.AsyncClient, work: Studio, photo: Photo
) -> None:
    """At the same URL, smaller, made once and kept beside the photo until that goes."""
    plain = await client.get(photo.key("512"))
    better = await client.get(photo.key("512"), headers={"Accept": CHROMIUM})

    assert plain.headers["content-type"] == "image/jpeg"
    assert better.headers["content-type"] == "image/webp"
    assert opened(better.content).size == (512, 512)
    assert len(better.content) < len(plain.content)
    assert plain.headers["vary"] == better.headers["vary"] == "Accept"
    assert plain.headers["etag"] != better.headers["etag"]
    assert [key for key in work.files() if key.endswith(".webp")] == [f"{photo.stem}512.webp"]

    await work.service.photos.delete(work.ada)
    assert work.files() == []
    assert (await client.get(photo.key("512"), headers={"Accept": CHROMIUM})).status_code == 404


@pytest.mark.parametrize("settings", [{"photo_formats": "webp"}])
async def test_some_files_have_no_other_format(
    client: httpx.AsyncClient, work: Studio, photo: Photo
) -> None:
    """The original is what it is, and what moves goes on moving."""
    moving = (await work.service.photos.set(work.bob, gif(), None)).photo
    ours = {photo.key(ORIGINAL): "image/jpeg", moving.key("72"): "image/gif"}

    for key, media_type in ours.items():
        reply = await client.get(key, headers={"Accept": CHROMIUM})
        assert reply.headers["content-type"] == media_type
