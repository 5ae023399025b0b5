"""Photos by the hash of an address: sizes, formats, defaults, who is found, and outages."""

import asyncio
from datetime import timedelta
from hashlib import md5, sha256

import httpx
import pytest

from likeness.app.web import build
from likeness.avatars import by_hash
from likeness.avatars.answer import kept_for
from likeness.avatars.by_hash import POINTER_LIFE_S, HashRules
from likeness.model import DefaultStyle, Photo
from support.pictures import encode, gif, jpeg, opened
from support.pictures import photo as pixels
from support.sight import distance_de
from support.studio import Studio

pytestmark = pytest.mark.anyio


def md5_path(email: str) -> str:
    """Where older clients look."""
    return f"/avatar/{md5(email.encode(), usedforsecurity=False).hexdigest()}"


def sha256_path(email: str) -> str:
    """Where newer clients look."""
    return f"/avatar/{sha256(email.encode()).hexdigest()}"


ADA = md5_path("ada@example.org")
BOB = md5_path("bob@example.org")
STRANGER = md5_path("stranger@example.org")


async def size_at(client: httpx.AsyncClient, target: str) -> tuple[int, int]:
    """What one gets there, decoded."""
    reply = await client.get(target)
    assert reply.status_code == 200, reply.text
    return opened(reply.content).size


@pytest.mark.parametrize("side", [1, 7, 24, 72, 80, 96, 193, 512, 600, 2048])
async def test_a_photo_has_exactly_the_side_that_was_asked_for(
    client: httpx.AsyncClient, photo: Photo, side: int
) -> None:
    """Stored, between two stored ones, smaller than all and larger than all."""
    assert await size_at(client, f"{ADA}?s={side}") == (side, side)


async def test_a_photo_is_found_by_either_hash_and_looks_the_same(
    client: httpx.AsyncClient, photo: Photo
) -> None:
    """With capitals, with a slash, with a suffix."""
    usual = await client.get(ADA)

    assert usual.headers["content-type"] == "image/jpeg"
    for target in (sha256_path("ada@example.org"), ADA.upper().replace("AVATAR", "avatar")):
        assert (await client.get(target)).content == usual.content
    for target in (f"{ADA}/", f"{ADA}.jpg", f"{ADA}.jpeg"):
        assert (await client.get(target)).content == usual.content


async def test_caches_may_keep_it_for_five_minutes(
    work: Studio, client: httpx.AsyncClient, photo: Photo
) -> None:
    """With a tag, a moment, and everything that makes it harmless to embed."""
    work.clock.advance(seconds=1)
    reply = await client.get(f"{ADA}?s=72")
    headers = reply.headers

    assert headers["cache-control"] == kept_for(timedelta(minutes=5))
    assert headers["last-modified"] == "Mon, 23 Nov 2026 12:00:00 GMT"
    assert headers["access-control-allow-origin"] == "*"
    assert headers["cross-origin-resource-policy"] == "cross-origin"
    assert headers["x-content-type-options"] == "nosniff"
    assert "set-cookie" not in headers
    assert photo.secret not in str(headers)
    again = await client.get(f"{ADA}?s=72", headers={"If-None-Match": headers["etag"]})
    assert again.status_code == 304
    head = await client.head(f"{ADA}?s=72")
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["content-length"] == headers["content-length"]


async def test_no_moment_stands_for_two_photos(
    work: Studio, client: httpx.AsyncClient, photo: Photo
) -> None:
    """Two of one second: the moment is told once it can be no other photo's."""
    first = await client.get(f"{ADA}?s=72")
    await work.service.photos.set(work.ada, jpeg(600, 600, 9), None)
    work.clock.advance(seconds=2)
    second = await client.get(f"{ADA}?s=73")

    assert "last-modified" not in first.headers
    assert second.headers["last-modified"] == "Mon, 23 Nov 2026 12:00:01 GMT"


@pytest.mark.parametrize(
    ("suffix", "form"), [("jpg", "JPEG"), ("png", "PNG"), ("gif", "GIF"), ("webp", "WEBP")]
)
async def test_a_suffix_decides_the_format(
    client: httpx.AsyncClient, photo: Photo, suffix: str, form: str
) -> None:
    """Of a photo and of a default picture."""
    for target in (ADA, STRANGER):
        reply = await client.get(f"{target}.{suffix}?s=48")
        assert opened(reply.content).format == form
        assert reply.headers["content-type"] == f"image/{form.lower()}"


async def test_a_photo_between_two_sizes_looks_like_its_neighbours(
    client: httpx.AsyncClient, photo: Photo
) -> None:
    """Scaled from the next larger one."""
    seen = opened((await client.get(f"{ADA}?s=150")).content).convert("RGB")
    larger = opened((await client.get(f"{ADA}?s=192")).content).convert("RGB")

    assert distance_de(seen, larger.resize((150, 150)))[0] < 2


async def test_what_moves_stands_still_unless_gif_is_asked_for(
    client: httpx.AsyncClient, work: Studio
) -> None:
    """Pages that know no animation get none; the GIF has the nearest stored size."""
    await work.service.photos.set(work.ada, gif(), None)

    still, moving = await client.get(f"{ADA}?s=80"), await client.get(f"{ADA}.gif?s=80")

    assert opened(still.content).format == "PNG"
    assert opened(still.content).size == (80, 80)
    assert opened(moving.content).size == (72, 72)
    assert getattr(opened(moving.content), "n_frames", 1) == 3


async def test_transparent_photos_stay_so(client: httpx.AsyncClient, work: Studio) -> None:
    """And have a background where the format cannot."""
    data = encode(pixels(512, 512).convert("RGBA").point(lambda _: 0), "PNG")
    await work.service.photos.set(work.ada, data, None)

    assert opened((await client.get(f"{ADA}?s=80")).content).mode == "RGBA"
    assert opened((await client.get(f"{ADA}.jpg?s=80")).content).mode == "RGB"


async def test_a_new_photo_is_seen_at_once(
    client: httpx.AsyncClient, work: Studio, photo: Photo
) -> None:
    """In the process that set it; and so is its end."""
    first = await client.get(ADA)
    await work.service.photos.set(await work.again(work.ada), jpeg(seed=9), None)
    second = await client.get(ADA)
    await work.service.photos.delete(await work.again(work.ada))
    third = await client.get(f"{ADA}?d=404")

    assert first.content != second.content
    assert third.status_code == 404


@pytest.mark.parametrize("style", [*DefaultStyle, "mm", "pagan", "unheard-of"])
async def test_a_stranger_has_a_default_picture(client: httpx.AsyncClient, style: str) -> None:
    """Of the side that was asked for, always the same."""
    target = f"{STRANGER}?d={style}&s=40"
    reply = await client.get(target)

    assert opened(reply.content).size == (40, 40)
    assert reply.headers["content-type"] == "image/png"
    assert (await client.get(target)).content == reply.content


async def test_without_a_word_strangers_are_silhouettes_and_people_have_initials(
    client: httpx.AsyncClient, work: Studio
) -> None:
    """As in `users.info`."""
    in_the_api = await client.get(work.service.photos.default_url(work.bob, 72))
    letters = await client.get(f"{BOB}?s=72")
    stranger = await client.get(f"{STRANGER}?s=72")

    assert letters.content == in_the_api.content
    assert stranger.content == (await client.get(f"{STRANGER}?s=72&d=mp")).content


@pytest.mark.parametrize("settings", [{"default_picture": "mp"}])
async def test_a_style_that_is_asked_for_does_not_tell_who_is_known(
    client: httpx.AsyncClient, work: Studio
) -> None:
    """Drawn from the hash in the URL: by MD5 and by SHA-256 two pictures, as for a stranger."""
    paths = md5_path("bob@example.org"), sha256_path("bob@example.org")

    asked = [(await client.get(f"{path}?d=identicon")).content for path in paths]
    usual = [(await client.get(path)).content for path in paths]

    assert asked[0] != asked[1]
    assert usual[0] == usual[1] == (await client.get(STRANGER)).content


@pytest.mark.parametrize("style", DefaultStyle)
async def test_nobody_learns_by_a_style_who_is_known(
    client: httpx.AsyncClient, work: Studio, style: DefaultStyle
) -> None:
    """Somebody without a photo looks the same whether the service knows them or not."""
    known = [(await client.get(f"{BOB}?s=48&d={style}&f={forced}")).content for forced in "ny"]
    await work.service.people.set_listed(work.bob.email, is_listed=False)
    # Another door has nothing in memory.
    transport = httpx.ASGITransport(build(work.service))
    async with httpx.AsyncClient(transport=transport, base_url="http://photos") as other:
        hidden = (await other.get(f"{BOB}?s=48&d={style}")).content

    assert [hidden] * 2 == known


async def test_initials_can_be_given(client: httpx.AsyncClient) -> None:
    """As letters or by a name; without either there is the silhouette."""
    given = [f"{STRANGER}?d=initials&{more}" for more in ("initials=AL", "name=Ada+Lovelace")]
    pictures = [(await client.get(target)).content for target in given]

    assert pictures[0] == pictures[1]
    assert (await client.get(f"{STRANGER}?d=initials")).content != pictures[0]


async def test_404_is_short_and_short_lived(client: httpx.AsyncClient, photo: Photo) -> None:
    """Only for who has no photo, or is to look as if."""
    for target in (f"{BOB}?d=404", f"{STRANGER}?default=404", f"{ADA}?d=404&f=y"):
        reply = await client.get(target)
        assert reply.status_code == 404
        assert reply.headers["cache-control"] == "public, max-age=60"
    assert (await client.get(f"{ADA}?d=404")).status_code == 200


async def test_a_default_can_be_forced(client: httpx.AsyncClient, photo: Photo) -> None:
    """Although there is a photo."""
    forced = await client.get(f"{ADA}?f=y&d=retro&s=48")

    assert forced.content == (await client.get(f"{ADA}?d=retro&forcedefault=y&s=48")).content
    assert forced.content != (await client.get(f"{ADA}?s=48")).content


@pytest.mark.parametrize("settings", [{"default_urls": "https://example.org/faces/"}])
async def test_a_default_may_lead_to_where_the_operator_allows(client: httpx.AsyncClient) -> None:
    """Nowhere else: there the site's own default is shown."""
    allowed = await client.get(f"{STRANGER}?d=https://example.org/faces/x.png")
    other = await client.get(f"{STRANGER}?d=https://evil.example/x.png")

    assert allowed.status_code == 302
    assert allowed.headers["location"] == "https://example.org/faces/x.png"
    assert other.status_code == 200


async def test_who_hides_is_like_a_stranger(client: httpx.AsyncClient, work: Studio) -> None:
    """To the last byte and header, by whatever is asked."""
    name = await work.service.people.add_user("hidden@example.org", "Acme", name="Somebody Hidden")
    await work.service.photos.set(name, jpeg(), None)
    await work.service.people.set_listed("hidden@example.org", is_listed=False)
    hidden, unknown = md5_path("hidden@example.org"), md5_path("nobody@example.org")

    for query in ("", "?d=404", "?d=blank", "?d=mp&s=99", "?d=initials", "?f=y&d=404"):
        one, other = await client.get(hidden + query), await client.get(unknown + query)
        assert one.status_code == other.status_code
        assert one.content == other.content
        assert one.headers == other.headers


@pytest.mark.parametrize("settings", [{"email_avatars": "alike"}])
async def test_all_who_show_no_photo_can_look_alike(
    client: httpx.AsyncClient, work: Studio, photo: Photo
) -> None:
    """People here without one, hidden ones and strangers, whatever is asked for; none is broken."""
    await work.service.people.add_user("hidden@example.org", "Acme", name="Somebody Hidden")
    await work.service.people.set_listed("hidden@example.org", is_listed=False)
    figure = (await client.get(f"{STRANGER}?d=mp&s=99")).content

    for path in (BOB, STRANGER, md5_path("hidden@example.org")):
        for d in ("", "404", "identicon", "initials&name=B", "https://example.org/x.png", "blank"):
            reply = await client.get(f"{path}?s=99&d={d}")
            assert (reply.status_code, reply.content) == (200, figure)
    shown = await client.get(f"{ADA}?d=404")
    assert shown.headers["content-type"] == "image/jpeg"
    assert (await client.get(f"{ADA}?s=99&f=y&d=404")).content == figure
    assert photo.sizes


@pytest.mark.parametrize("style", list(DefaultStyle))
def test_a_style_in_which_all_look_alike_is_kept(style: DefaultStyle) -> None:
    """Of others it is the figure."""
    found = HashRules(default_picture=style).style_alike
    assert found is (style if style.is_alike else DefaultStyle.MP)


@pytest.mark.parametrize("settings", [{"email_avatars": "known"}])
async def test_only_people_here_are_answered_where_that_is_so(
    client: httpx.AsyncClient, photo: Photo
) -> None:
    """A stranger is no picture, whatever default is asked for."""
    assert (await client.get(ADA)).status_code == 200
    assert (await client.get(f"{BOB}?d=identicon")).status_code == 200
    assert (await client.get(f"{STRANGER}?d=identicon")).status_code == 404


@pytest.mark.parametrize("settings", [{"email_avatars": "off"}])
async def test_nobody_is_answered_where_it_is_off(client: httpx.AsyncClient, photo: Photo) -> None:
    """Photos by their own URL go on."""
    assert (await client.get(ADA)).status_code == 404
    assert (await client.get(f"{STRANGER}?d=identicon")).status_code == 404
    assert (await client.get(photo.key("72"))).status_code == 200


@pytest.mark.parametrize("settings", [{"avatar_sides": "64, 32,128"}])
async def test_sides_can_be_limited_to_a_few(client: httpx.AsyncClient, photo: Photo) -> None:
    """The next one up, or the largest."""
    for asked, made in ((1, 32), (32, 32), (33, 64), (80, 128), (500, 128)):
        assert await size_at(client, f"{ADA}?s={asked}") == (made, made)
        assert await size_at(client, f"{STRANGER}?s={asked}") == (made, made)


def test_any_side_is_made_where_none_are_named() -> None:
    """As Gravatar does."""
    assert [HashRules().side(side) for side in (1, 80, 2048)] == [1, 80, 2048]


@pytest.mark.parametrize("settings", [{"photo_formats": "webp"}])
async def test_webp_is_offered_where_no_suffix_says_otherwise(
    client: httpx.AsyncClient, photo: Photo
) -> None:
    """And only to who likes it."""
    likes = {"Accept": "image/webp,*/*"}

    better, plain = await client.get(ADA, headers=likes), await client.get(ADA)
    suffixed = await client.get(f"{ADA}.jpg", headers=likes)

    assert better.headers["content-type"] == "image/webp"
    assert plain.headers["content-type"] == suffixed.headers["content-type"] == "image/jpeg"
    assert better.headers["vary"] == plain.headers["vary"] == "Accept"
    assert "vary" not in suffixed.headers


async def test_an_outage_shows_a_silhouette_and_no_error(
    client: httpx.AsyncClient, work: Studio, photo: Photo
) -> None:
    """Authentik shuns a host for eight hours after one failure; nobody keeps this for long."""
    blobs = work.service.config.data / "blobs"
    blobs.rename(blobs.with_name("away"))
    blobs.write_text("no folder")

    reply = await client.get(f"{ADA}?d=404&s=60")

    assert reply.status_code == 200
    assert opened(reply.content).size == (60, 60)
    assert reply.headers["cache-control"] == "public, max-age=60"


async def test_a_crowd_at_one_size_is_scaled_for_once(
    client: httpx.AsyncClient, work: Studio, photo: Photo
) -> None:
    """However many ask at the same time, by either hash."""
    targets = [f"{ADA}?s=100", f"{sha256_path('ada@example.org')}?size=100"] * 20

    replies = await asyncio.gather(*map(client.get, targets))

    assert len({reply.content for reply in replies}) == 1
    assert work.service.engine.view_counts.pictures == 1


async def test_another_process_sees_a_new_photo_within_a_second(
    client: httpx.AsyncClient, work: Studio, photo: Photo
) -> None:
    """It asks the database again."""
    transport = httpx.ASGITransport(build(work.service))
    elsewhere = await client.get(ADA)
    async with httpx.AsyncClient(transport=transport, base_url="http://photos") as other:
        await other.get(ADA)
        work.service.photos._writer._watchers.clear()
        await work.service.photos.set(await work.again(work.ada), jpeg(seed=5), None)
        await asyncio.sleep(POINTER_LIFE_S)

        assert (await other.get(ADA)).content != elsewhere.content


async def test_nothing_but_reading_is_allowed(client: httpx.AsyncClient) -> None:
    """405 says so."""
    for verb in ("POST", "PUT", "DELETE", "OPTIONS"):
        reply = await client.request(verb, ADA)
        assert reply.status_code == 405
        assert reply.headers["allow"] == "GET, HEAD"


async def test_what_was_just_asked_for_is_not_even_read_again(
    client: httpx.AsyncClient, photo: Photo, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A page asks for the same faces again and again."""
    first = await client.get(f"{ADA}?s=100")
    monkeypatch.setattr(by_hash, "wanted", None)

    assert (await client.get(f"{ADA}?s=100")).content == first.content
