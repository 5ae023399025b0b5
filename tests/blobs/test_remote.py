"""Buckets that fail in every way that we know of, and what is said then: never "missing"."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from signal import SIGCONT, SIGSTOP
from typing import Final

import obstore
import pytest
from obstore.store import S3Store

from likeness.blobs import BlobStore, open_blobs
from likeness.blobs.address import Bucket, parse
from likeness.blobs.clients import open_client
from likeness.errors import ServiceUnavailable
from support import web
from support.ceph import Ceph
from support.live import free_port
from support.patience import wait_until
from support.stores import Store
from support.swift import Swift

GIVEN_UP_S_MAX: Final = 30.0
"""How long obstore waits for one answer by itself. By our own bounds it is RETRY_TIMEOUT_S and
SILENCE_TIMEOUT_S, 5 s in all, and what the machine takes beside."""

MANY: Final = 100
KEY: Final = "avatars/2026-11-23/123456789012_0123456789abcdef0123_72.jpg"
SET: Final = {f"avatars/2026-11-23/1_{number}.jpg": b"x" * 30_000 for number in range(10)}

EVERYTHING: Final[dict[str, Callable[[BlobStore], object]]] = {
    "put": lambda store: store.put(SET),
    "get": lambda store: store.get(KEY),
    "delete": lambda store: store.delete([KEY]),
    "keys": lambda store: list(store.keys("avatars")),
}


@pytest.fixture
def let_in(monkeypatch: pytest.MonkeyPatch) -> Callable[[Store], BlobStore]:
    """Opens a new bucket of a store, with its credentials in the environment."""

    def opened(store: Store) -> BlobStore:
        for name, value in store.environment.items():
            monkeypatch.setenv(name, value)
        return open_blobs(store.new_bucket())

    return opened


@pytest.fixture
def keys(monkeypatch: pytest.MonkeyPatch) -> None:
    """Some credentials, for stores that nobody lets us into."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "a")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "b")


def at(port: int) -> BlobStore:
    """A bucket that is said to be on a port."""
    return open_blobs(f"s3://photos/x?endpoint=http://127.0.0.1:{port}&region=us-east-1")


@contextmanager
def no_store(status: int, body: bytes, length: int) -> Iterator[int]:
    """Something that answers everything alike, and says how long its answers are."""

    class Handler(BaseHTTPRequestHandler):
        def answer(self) -> None:
            self.send_response(status)
            self.send_header("Content-Length", str(length))
            self.send_header("Last-Modified", "Mon, 23 Nov 2026 12:00:00 GMT")
            self.send_header("ETag", '"x"')
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_PUT = do_POST = do_DELETE = answer  # noqa: N815 - The library's names.

        def log_message(self, *_: object) -> None:
            """Nobody reads it."""

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        yield server.server_port
        server.shutdown()
        thread.join()


def assert_outage(store: BlobStore, said: str) -> None:
    """Whatever is asked, the answer is an outage, by our own bounds."""
    for name, ask in EVERYTHING.items():
        started = time.monotonic()
        with pytest.raises(ServiceUnavailable, match=said):
            ask(store)
        assert time.monotonic() - started < GIVEN_UP_S_MAX, name


def test_a_store_that_is_not_there_is_an_outage(keys: None) -> None:
    """Refused connections need no waiting."""
    assert_outage(at(free_port()), "cannot be reached")


@pytest.mark.slow
def test_a_store_that_never_answers_is_given_up(keys: None) -> None:
    """It takes connections and says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        assert_outage(at(silent.getsockname()[1]), "does not answer in time")


def test_what_is_no_store_says_nothing_about_photos(keys: None) -> None:
    """A web server that has nothing there says 404 as well."""
    with no_store(404, b"not found", 9) as port, pytest.raises(ServiceUnavailable, match="404"):
        at(port).get(KEY)


def test_a_value_that_comes_short_is_no_value(keys: None) -> None:
    """The connection ended before all that was promised had come."""
    with no_store(200, b"half", 8) as port, pytest.raises(ServiceUnavailable):
        at(port).get(KEY)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["swift", "ceph"])
def test_a_cdn_that_reads_a_bucket_learns_what_it_needs(
    name: str, store_of: Callable[[str], Store], let_in: Callable[[Store], BlobStore]
) -> None:
    """What photos are and how long they stay; prepared pictures are nobody's."""
    remote = store_of(name)
    let_in(remote)
    url = remote.new_bucket()
    open_blobs(url).put({KEY: b"x", "staged/x.png": b"x"})
    bucket = parse(url)
    assert isinstance(bucket, Bucket)
    client = open_client(bucket)
    assert isinstance(client, S3Store)
    photo, staged = (
        web.get(obstore.sign(client, "GET", key, timedelta(minutes=1))).headers
        for key in (KEY, "staged/x.png")
    )

    assert ("image/jpeg", "public, max-age=31536000, immutable") == (
        photo["content-type"],
        photo["cache-control"],
    )
    assert ("image/png", "private, no-store") == (staged["content-type"], staged["cache-control"])


@pytest.mark.slow
@pytest.mark.parametrize("name", ["swift", "ceph"])
def test_a_bucket_that_does_not_exist_is_an_outage(
    name: str, store_of: Callable[[str], Store], let_in: Callable[[Store], BlobStore]
) -> None:
    """Not a photo that is missing: an operator has mistyped its name."""
    remote = store_of(name)
    let_in(remote)
    strange = open_blobs(remote.new_bucket().replace("s3://photos", "s3://phtoos"))

    for ask in ("put", "get", "keys"):
        with pytest.raises(ServiceUnavailable, match="does not exist; create it"):
            EVERYTHING[ask](strange)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["swift", "ceph"])
def test_a_wrong_secret_is_told(
    name: str,
    store_of: Callable[[str], Store],
    let_in: Callable[[Store], BlobStore],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """With what to look at; the secret itself is nowhere."""
    remote = store_of(name)
    let_in(remote)
    url = remote.new_bucket()
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "open-sesame")

    assert_outage(open_blobs(url), "check its key and secret")


@pytest.mark.slow
def test_a_frozen_ceph_is_given_up_and_used_again(
    store_of: Callable[[str], Store], let_in: Callable[[Store], BlobStore]
) -> None:
    """Its gateway does not answer for a while, and then does."""
    remote = store_of("ceph")
    store = let_in(remote)
    store.put({KEY: b"a photo"})

    remote.servers.signal("gateway", SIGSTOP)
    try:
        assert_outage(store, "does not answer in time")
    finally:
        remote.servers.signal("gateway", SIGCONT)

    assert b"a photo" == store.get(KEY)


@pytest.mark.slow
def test_a_swift_without_its_objects_is_an_outage(
    store_of: Callable[[str], Store], let_in: Callable[[Store], BlobStore]
) -> None:
    """Its door is open and knows the name; the bytes are away, which is not "missing"."""
    remote = store_of("swift")
    assert isinstance(remote, Swift)
    store = let_in(remote)
    store.put({KEY: b"a photo"})

    remote.servers.kill("object")
    try:
        for ask in ("put", "get"):
            with pytest.raises(ServiceUnavailable):
                EVERYTHING[ask](store)
    finally:
        remote.start()
    assert b"a photo" == _patiently(store, KEY)


@pytest.mark.slow
@pytest.mark.parametrize("kind", [Swift, Ceph])
def test_what_was_put_outlives_a_crash(
    kind: type[Swift] | type[Ceph],
    tmp_path_factory: pytest.TempPathFactory,
    let_in: Callable[[Store], BlobStore],
) -> None:
    """Kill -9 of all its servers while photos are put: each that was acknowledged is whole."""
    remote = kind(tmp_path_factory.mktemp("crash"))
    remote.start()
    store = let_in(remote)
    kept: dict[str, bytes] = {}
    over = threading.Event()

    def put() -> None:
        number = 0
        while not over.is_set():
            number += 1
            blobs = {
                f"avatars/{threading.get_ident()}/{number}_{size}": b"%d" % size * 5_000
                for size in range(5)
            }
            try:
                store.put(blobs)
            except ServiceUnavailable:
                continue
            kept.update(blobs)

    threads = [threading.Thread(target=put) for _ in range(3)]
    for thread in threads:
        thread.start()
    wait_until(lambda: len(kept) >= MANY)
    remote.servers.kill()
    over.set()
    for thread in threads:
        thread.join()
    try:
        remote.start()

        assert [] == [key for key, value in kept.items() if _patiently(store, key) != value]
    finally:
        remote.servers.kill()


def _patiently(store: BlobStore, key: str) -> bytes | None:
    """The value, from a store that may still be finding itself."""
    found: list[bytes | None] = []

    def answers() -> bool:
        with suppress(ServiceUnavailable):
            found.append(store.get(key))
        return bool(found)

    wait_until(answers, lambda: "it did not come back")
    return found[0]
