"""The entrance: which requests are this door's, what is hot, and what an outage looks like."""

from hashlib import sha256
from typing import Any

import httpx
import pytest

from likeness.avatars.by_hash import ASKED_MAX, HashRules
from likeness.avatars.door import PATHS, Avatars
from likeness.avatars.gravatar import QUERY_LENGTH_MAX
from likeness.model import NOBODY, Change, Photo
from support.pictures import jpeg
from support.studio import Studio

pytestmark = pytest.mark.anyio


async def nobody(*_: object) -> None:
    """Whoever is behind this door."""
    raise AssertionError("this door's requests go no further")


def entrance(work: Studio, photo_cache_bytes_max: int = 2**20) -> Avatars:
    """The door by itself."""
    return Avatars(
        work.service.delivery,
        nobody,
        photo_url="http://photos",
        rules=HashRules(),
        photo_cache_bytes_max=photo_cache_bytes_max,
    )


async def start_of(door: Avatars, path: str, verb: str = "GET") -> dict[str, Any]:
    """How the answer begins to a request that never looks at its body."""
    messages: list[Any] = []

    async def receive() -> Any:
        raise AssertionError("nobody reads what a reader sends")

    async def send(message: Any) -> None:
        messages.append(message)

    path, _, query = path.partition("?")
    scope = {"method": verb, "path": path, "query_string": query.encode(), "headers": []}
    await door(scope, receive, send)
    start: dict[str, Any] = messages[0]
    return start


async def status_of(door: Avatars, path: str, verb: str = "GET") -> int:
    """How a request ends."""
    status: int = (await start_of(door, path, verb))["status"]
    return status


async def tag_of(door: Avatars, path: str) -> bytes:
    """What tells the picture of an answer from others."""
    tag: bytes = dict((await start_of(door, path))["headers"])[b"etag"]
    return tag


async def test_a_hot_photo_is_sent_without_the_store(work: Studio, photo: Photo) -> None:
    """Its files may be gone: it is in memory. Without memory they are read each time."""
    kept, unkept = entrance(work), entrance(work, photo_cache_bytes_max=0)
    path = f"/{photo.key('72')}"
    assert await status_of(kept, path) == await status_of(unkept, path) == 200

    work.service.blobs.delete(photo.blob_keys())

    assert await status_of(kept, path) == 200
    assert await status_of(kept, path, "HEAD") == 200
    assert await status_of(unkept, path) == 503


async def test_a_change_is_seen_by_whoever_asks_next(work: Studio, photo: Photo) -> None:
    """The end of another photo changes nothing about this one."""
    door, path = entrance(work), f"/{photo.key('72')}"
    await status_of(door, path)
    work.service.blobs.delete(photo.blob_keys())

    door.changed(Change.of(work.ada.id, photo.id + 1))
    assert await status_of(door, path) == 200
    door.changed(Change.of(photo.id))
    assert await status_of(door, path) == 503


async def test_a_photo_by_hash_is_asked_for_again_when_its_owner_changes(
    work: Studio, photo: Photo
) -> None:
    """And only then, where changes are told; where they are not, soon anyway."""
    door, path = entrance(work), f"/avatar/{work.ada.email_md5}"
    unknown = f"/avatar/{'0' * 32}"
    door.told(True)
    before = [await tag_of(door, each) for each in (path, unknown)]
    work.service.database.delete_photo(work.ada.id, work.clock())

    door.changed(Change.of(work.bob.id))
    assert await tag_of(door, path) == before[0]
    door.changed(Change.of(work.ada.id))
    assert await tag_of(door, path) != before[0]
    assert await tag_of(door, unknown) == before[1]


async def test_who_was_unknown_is_found_when_somebody_became_known(work: Studio) -> None:
    """Also where what is remembered lives long."""
    door, path = entrance(work), f"/avatar/{sha256(b'new@example.org').hexdigest()}?d=404"
    door.told(True)
    assert await status_of(door, path) == 404
    new = await work.service.people.add_user("new@example.org", "Acme")
    await work.service.photos.set(new, jpeg(), None)

    assert await status_of(door, path) == 404
    door.changed(Change.of(NOBODY))
    assert await status_of(door, path) == 200


async def test_nothing_is_believed_that_may_have_changed_unheard(
    work: Studio, photo: Photo
) -> None:
    """When the line to the others is made anew."""
    door, path = entrance(work), f"/{photo.key('72')}"
    await status_of(door, path)
    work.service.blobs.delete(photo.blob_keys())

    door.told(True)

    assert await status_of(door, path) == 503


async def test_when_the_line_breaks_all_is_asked_for_again(work: Studio, photo: Photo) -> None:
    """What is gone is gone; what cannot be asked for now is shown as it was."""
    door, path, other = entrance(work), f"/{photo.key('72')}", f"/{photo.key('192')}"
    door.told(True)
    for each in (path, other):
        await status_of(door, each)
    work.service.blobs.delete(photo.blob_keys())

    door.told(False)
    assert await status_of(door, path) == 200
    work.service.database.delete_photo(work.ada.id, work.clock())
    door.told(False)

    assert await status_of(door, other) == 404


@pytest.mark.parametrize("path", [*PATHS, "/avatars/x", "/avatars//", "/staged/x/y"])
async def test_a_path_that_is_nothing_is_answered(work: Studio, path: str) -> None:
    """Below /avatar/ everybody has a picture, and WebFinger wants to know of whom."""
    expected = {"/avatar/": 200, "/.well-known/webfinger": 400}.get(path, 404)

    assert await status_of(entrance(work), path) == expected


async def test_a_slash_too_many_is_forgiven(work: Studio, photo: Photo) -> None:
    """Base URLs end with one as often as not."""
    door = entrance(work)

    assert await status_of(door, f"//{photo.key('72')}") == 200
    assert await status_of(door, "///avatar/x") == 200


@pytest.mark.parametrize("start", ["/avatar/", "/avatars/", "/staged/"])
async def test_a_query_that_nobody_sends_is_refused(client: httpx.AsyncClient, start: str) -> None:
    """By its length in bytes; one of the length that is allowed is read."""
    path = f"{start}{'0' * 32}?d=404&x="
    longest = "y" * (QUERY_LENGTH_MAX - len("d=404&x="))

    assert (await client.get(path + longest)).status_code == 404
    refused = await client.get(path + longest + "y")
    assert refused.status_code == 414
    assert str(QUERY_LENGTH_MAX) in refused.text


async def test_an_answer_is_kept_once_however_it_is_asked_for(work: Studio) -> None:
    """What a request means decides, and not how it is written or what nobody understands."""
    door, digest = entrance(work), "0" * 32
    for query in ("", "s=80", "size=80&x=1", "x=2&s=80", "s=%38%30", "x=" + "y" * 4000):
        for name in (digest, f"/{digest}", f"{digest}/"):
            await status_of(door, f"/avatar/{name}?{query}")

    assert 1 == len(door._by_hash.pointers._entries)


async def test_any_number_of_questions_takes_bounded_memory(work: Studio) -> None:
    """Distinct hashes, names, sizes and addresses to lead to, each as long as it may be."""
    length_max = 2**18
    door = entrance(work, length_max)
    fillers = ["name=", "d=https%3A%2F%2Fexample.org%2F", "initials="]
    for number in range(1500):
        digest = f"{number:032x}"
        query = f"d=404&{fillers[number % 3]}{number}{'z' * 4000}"
        assert await status_of(door, f"/avatar/{digest}?{query}") == 404
        assert await status_of(door, f"/avatars/2026-11-28/{number}_{digest[:20]}_72.jpg") == 404

    assert door._by_hash.pointers.weight <= length_max // 4
    assert door._by_address.photos.weight <= length_max // 2
    assert door._by_hash._remembered.cache_info().currsize <= ASKED_MAX


async def test_what_begins_alike_is_somebody_elses(client: httpx.AsyncClient) -> None:
    """Only whole segments count."""
    for path in ("/avatar", "/avatars", "/stagedoor/x", "/avatarsx/y"):
        assert (await client.get(path)).status_code == 404
    assert (await client.get("/healthz")).status_code == 200
