"""Erasing somebody while the service runs, with every kind of database and of store."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from hashlib import md5, sha256
from pathlib import Path
from typing import Any, Final

import httpx
import pytest

from likeness.blobs import open_blobs
from likeness.db import open_database
from likeness.model import Photo
from likeness.scopes import SCOPES_DEFAULT
from support import web
from support.live import LiveServer, Person, add_person
from support.patience import wait_until
from support.pictures import jpeg
from support.postgres import PostgresServer
from support.stores import Store
from support.traces import marks_of, rows, telling

ADA, ANOTHER, BOB = "ada@example.org", "Ada.Byron@example.com", "bob@example.org"
WEBP: Final = {"Accept": "image/webp,*/*"}

# With a file as database the service, which is not told, may show photos for 20 s more.
pytestmark = pytest.mark.slow

KINDS: Final = [
    ("sqlite", "disk"),
    ("debian", "disk"),
    ("wheel", "disk"),
    ("sqlite", "swift"),
    ("debian", "ceph"),
    ("sqlite", "azurite"),
]


@dataclass(frozen=True)
class Place:
    """A running service, and where its rows and files are."""

    server: LiveServer
    database: str
    blobs: str

    def call(self, person: Person, method: str, image: bytes = b"", **data: str) -> dict[str, Any]:
        """The answer to a call."""
        answer: dict[str, Any] = web.post(
            self.server.api + method,
            data=data,
            files={"image": image} if image else None,
            headers={"Authorization": f"Bearer {person.token}"},
        ).json()
        return answer

    def run(self, *words: str) -> subprocess.CompletedProcess[str]:
        """A verb, in a process of its own."""
        return subprocess.run(
            [sys.executable, "-m", "likeness", *words],
            env=self.server.environment,
            capture_output=True,
            text=True,
            check=False,
        )


@pytest.fixture(params=KINDS, ids="-".join)
def place(
    request: pytest.FixtureRequest,
    tmp_path: Path,
    server_of: Callable[[str], PostgresServer],
    store_of: Callable[[str], Store],
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Place]:
    """A service on each of them."""
    kind, name = request.param
    database = f"sqlite:///{tmp_path}/likeness.db"
    if kind != "sqlite":
        database = server_of(kind).new_database()
    blobs = (tmp_path / "photos").as_uri()
    if name != "disk":
        store = store_of(name)
        for variable, value in store.environment.items():
            monkeypatch.setenv(variable, value)
        blobs = store.new_bucket()
    settings = {"DATABASE": database, "BLOBS": blobs, "PHOTO_FORMATS": "webp"}
    with LiveServer(tmp_path / "data", settings) as server:
        yield Place(server, database, blobs)


def status(url: str) -> int:
    """What a browser that likes WebP is answered."""
    return web.get(url, headers=WEBP, follow_redirects=False).status_code


def by_hash(place: Place, *addresses: str) -> list[str]:
    """The URLs of somebody's photo by every hash, as it is stored and as it has to be scaled."""
    hashes = [
        kind(each.lower().encode()).hexdigest() for each in addresses for kind in (md5, sha256)
    ]
    return [
        f"{place.server.url}/avatar/{each}?d=404&s={side}" for each in hashes for side in (72, 80)
    ]


def photos_of(place: Place, person: Person) -> list[Photo]:
    """All that somebody had."""
    database = open_database(place.database)
    found = database.history(person.user.id)
    database.close()
    return found


def use_everything(place: Place, person: Person, seed: int) -> list[str]:
    """Two photos, a prepared picture, copies in WebP, answers in caches; every URL of those."""
    urls = []
    for number in (seed, seed + 1):
        profile = place.call(person, "users.setPhoto", jpeg(600, 600, number))["profile"]
        urls += [value for key, value in profile.items() if key.startswith("image_")]
    urls.append(place.call(person, "users.preparePhoto", jpeg(2000, 1500, seed))["url"])
    urls += by_hash(place, person.user.email)
    for _ in range(2):
        assert {httpx.codes.OK} == {status(url) for url in urls}
    return urls


def test_nothing_is_left_of_somebody_who_is_erased(place: Place) -> None:
    """No row, no file or object, no digest, no cached answer; of the others all."""
    ada = add_person(place.server, ADA, real_name="Ada King-Noel")
    bob = add_person(place.server, BOB, scopes=SCOPES_DEFAULT)
    assert place.run("address", "add", ADA, ANOTHER).returncode == 0
    assert place.run("user", "link", ADA).returncode == 0
    hers, his = use_everything(place, ada, 1), use_everything(place, bob, 5)
    hers += by_hash(place, ANOTHER)
    marks = marks_of(ada.user, ANOTHER, ANOTHER.lower())
    marks += [each.secret for each in photos_of(place, ada)]
    assert telling(_rows(place), *marks)

    asked = place.run("user", "erase", ADA)
    assert (asked.returncode, "Nothing was erased" in asked.stdout) == (1, True)
    assert {httpx.codes.OK} == {status(url) for url in hers}
    erased = place.run("user", "erase", ADA, "--yes")
    assert erased.returncode == 0, erased.stderr

    wait_until(lambda: {httpx.codes.NOT_FOUND} == {status(url) for url in hers})
    assert {httpx.codes.OK} == {status(url) for url in his}
    _assert_unknown(place, ada, bob)
    left = telling(_rows(place), ada.user.id, *marks)
    assert {"events"} == {name for name, _ in left}
    assert [] == telling(left, *marks)
    known = {
        key for each in photos_of(place, bob) for key in (*each.blob_keys(), *each.copy_keys())
    }
    stored = open_blobs(place.blobs)
    assert {each.key for each in stored.keys("avatars")} <= known
    assert len(list(stored.keys("staged"))) == 1
    place.server.stop()
    _assert_in_no_file(place, marks)


def _rows(place: Place) -> list[tuple[str, dict[str, Any]]]:
    database = open_database(place.database)
    try:
        return rows(database)
    finally:
        database.close()


def _assert_unknown(place: Place, gone: Person, other: Person) -> None:
    """Neither to themselves nor to others."""
    asked = [
        place.call(gone, "auth.test"),
        place.call(other, "users.info", user=gone.user.id),
        place.call(other, "users.profile.get", user=gone.user.id),
        place.call(other, "users.lookupByEmail", email=ADA),
        place.call(other, "users.lookupByEmail", email=ANOTHER),
    ]
    members = place.call(other, "users.list")["members"]

    refused = ["invalid_auth", "user_not_found", "user_not_found"]
    assert [*refused, "users_not_found", "users_not_found"] == [each["error"] for each in asked]
    assert [other.user.id] == [each["id"] for each in members]


def _assert_in_no_file(place: Place, marks: list[str | bytes | int]) -> None:
    """Not in the bytes of the database either, nor in the log."""
    searched = [mark.encode() if isinstance(mark, str) else mark for mark in marks]
    for path in place.server.data.parent.rglob("*"):
        data = path.read_bytes().lower() if path.is_file() else b""
        found = [mark for mark in searched if isinstance(mark, bytes) and mark.lower() in data]
        assert [] == found, path
