"""Where somebody's photo is, as JSON: of whom it is told, and what."""

from hashlib import md5, sha256
from typing import Any

import httpx
import pytest

from likeness.model import Photo
from support.pictures import jpeg
from support.studio import Studio

pytestmark = pytest.mark.anyio

WEBFINGER = "/.well-known/webfinger"
AVATAR = "http://webfinger.net/rel/avatar"
ADA = "acct:ada@example.org"


def profile_path(email: str) -> str:
    """Where Gravatar has the profile of an address."""
    return f"/avatar/{sha256(email.encode()).hexdigest()}.json"


async def told(client: httpx.AsyncClient, **fields: str) -> Any:
    """What WebFinger tells."""
    reply = await client.get(WEBFINGER, params=fields)
    assert reply.status_code == 200, reply.text
    assert reply.headers["content-type"] == "application/jrd+json"
    assert reply.headers["access-control-allow-origin"] == "*"
    return reply.json()


async def test_a_profile_leads_to_the_photo(
    client: httpx.AsyncClient, work: Studio, photo: Photo
) -> None:
    """In the shape that Gravatar gives it, by either hash, and with no name or address."""
    for digest in (
        md5(b"ada@example.org", usedforsecurity=False).hexdigest(),
        sha256(b"ada@example.org").hexdigest(),
    ):
        reply = await client.get(f"/avatar/{digest.upper()}.json")

        url = f"{work.service.photos.photo_url}/avatar/{digest}"
        assert reply.headers["content-type"] == "application/json"
        assert reply.json() == {
            "entry": [
                {
                    "hash": digest,
                    "requestHash": digest,
                    "thumbnailUrl": url,
                    "photos": [{"value": url, "type": "thumbnail"}],
                }
            ]
        }
        assert (await client.get(url)).headers["content-type"] == "image/jpeg"
        known = await client.get(
            f"/avatar/{digest}.json", headers={"If-None-Match": reply.headers["etag"]}
        )
        assert known.status_code == 304
    assert photo.user_id == work.ada.id


async def test_webfinger_links_to_the_photo_that_is_shown(
    client: httpx.AsyncClient, work: Studio, photo: Photo
) -> None:
    """By the photo's own URL, in any spelling of the address; `rel` leaves others out."""
    url = work.service.photos.url(photo, 512)
    link = {"rel": AVATAR, "type": "image/jpeg", "href": url}

    assert await told(client, resource=ADA) == {"subject": ADA, "links": [link]}
    for resource in ("mailto:ada@example.org", "acct:Ada@EXAMPLE.org"):
        assert (await told(client, resource=resource, rel=AVATAR))["links"] == [link]
    assert (await told(client, resource=ADA, rel="self"))["links"] == []
    assert (await client.get(url)).status_code == 200


async def test_a_further_address_is_as_good(
    client: httpx.AsyncClient, work: Studio, photo: Photo
) -> None:
    await work.service.people.add_address("ada@example.org", "countess@example.org")

    assert (await told(client, resource="acct:countess@example.org"))["links"]
    assert (await client.get(profile_path("countess@example.org"))).status_code == 200
    assert photo.user_id == work.ada.id


@pytest.mark.parametrize("email", ["hidden@example.org", "bob@example.org", "left@example.org"])
async def test_who_shows_no_photo_is_like_a_stranger(
    client: httpx.AsyncClient, work: Studio, email: str
) -> None:
    """To the last byte and header: hidden, without a photo, or gone."""
    people, photos = work.service.people, work.service.photos
    await photos.set(await people.add_user("hidden@example.org", "Acme"), jpeg(), None)
    await people.set_listed("hidden@example.org", is_listed=False)
    await photos.set(await people.add_user("left@example.org", "Acme"), jpeg(), None)
    await people.deactivate("left@example.org")

    for one, other in (
        (profile_path(email), profile_path("nobody@example.org")),
        (f"{WEBFINGER}?resource=acct:{email}", f"{WEBFINGER}?resource=acct:nobody@example.org"),
    ):
        mine, nobodys = await client.get(one), await client.get(other)
        assert (mine.status_code, mine.content) == (404, nobodys.content)
        assert mine.headers == nobodys.headers


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("", 400),
        ("?resource=", 400),
        ("?resource=" + "&x=" * 9, 400),
        ("?resource=https://example.org/ada", 404),
        ("?resource=acct:ada", 404),
        ("?resource=acct:%FF%00@example.org", 404),
    ],
)
async def test_what_names_no_address_finds_nobody(
    client: httpx.AsyncClient, photo: Photo, query: str, status: int
) -> None:
    reply = await client.get(f"{WEBFINGER}{query}")
    assert (reply.status_code, list(reply.json())) == (status, ["error"])
    assert photo.sizes


async def test_no_hash_has_no_profile(client: httpx.AsyncClient, photo: Photo) -> None:
    for path in ("/avatar/ada@example.org.json", "/avatar/.json", "/avatar/x.json"):
        reply = await client.get(path)
        assert (reply.status_code, reply.json()) == (404, "User not found")
    assert photo.sizes


@pytest.mark.parametrize("settings", [{"email_avatars": "off"}])
async def test_nothing_is_told_where_hashes_are_off(
    client: httpx.AsyncClient, photo: Photo
) -> None:
    assert (await client.get(profile_path("ada@example.org"))).status_code == 404
    assert (await client.get(f"{WEBFINGER}?resource={ADA}")).status_code == 404
    assert photo.sizes
