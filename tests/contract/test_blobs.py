"""What every blob store must do, whatever it is made of. A new back end adds its opener."""

import itertools
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from likeness.blobs import BlobStore, open_blobs
from likeness.errors import ServiceUnavailable
from support.stores import Store

KEY: Final = "avatars/2026-11-23/123456789012_0123456789abcdef0123_72.jpg"
LONGEST: Final = "a/" + "b" * 198

BAD_KEYS: Final = [
    "",
    "/",
    "one",
    "..",
    "../b",
    "a/..",
    "a/../b",
    "a/../../b",
    "a/./b",
    "a/.b",
    ".a/b",
    "/a/b",
    "//a/b",
    "a//b",
    "a/b/",
    "A/b",
    "a/B",
    "a/b\0",
    "a/b\0c/d",
    "a/b\n",
    "a/b c",
    "a/b\\c",
    "a/%2e%2e",
    "a/é",
    "a/b" + "c" * 198,
]
BAD_PREFIXES: Final = ["", "/", "/a", "a/", "..", "a/..", ".a", "a/.b", "A", "a\0", "a" * 199]

METHODS: Final[list[Callable[[BlobStore, str], object]]] = [
    lambda store, key: store.put({key: b"x"}),
    lambda store, key: store.get(key),
    lambda store, key: store.delete([key]),
]

BACK_ENDS: Final = [
    "disk",
    *(pytest.param(n, marks=pytest.mark.slow) for n in ("swift", "ceph", "azurite")),
]
"""A folder; S3 by who keeps its promises least quickly and by who is had most; Azure."""

_numbers = itertools.count()


@pytest.fixture(params=BACK_ENDS)
def url(
    request: pytest.FixtureRequest,
    tmp_path: Path,
    store_of: Callable[[str], Store],
    monkeypatch: pytest.MonkeyPatch,
) -> str:
    """Where an empty store is, of each kind; what lets us in is in the environment."""
    if request.param == "disk":
        return (tmp_path / "blobs").as_uri()
    remote = store_of(request.param)
    for name, value in remote.environment.items():
        monkeypatch.setenv(name, value)
    return remote.new_bucket()


@pytest.fixture
def store(url: str) -> BlobStore:
    """The store there."""
    return open_blobs(url)


def keys(store: BlobStore, prefix: str) -> list[str]:
    """The keys of a listing, in order."""
    return sorted(blob.key for blob in store.keys(prefix))


def test_what_is_put_can_be_read(store: BlobStore) -> None:
    """The same bytes come back, as often as they are asked for."""
    store.put({KEY: b"a photo"})

    assert b"a photo" == store.get(KEY)
    assert b"a photo" == store.get(KEY)


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.binary(max_size=5000))
def test_any_bytes_come_back_as_they_were(store: BlobStore, data: bytes) -> None:
    """NULs, line ends of every kind and what is no text at all."""
    key = f"any/{next(_numbers)}"

    store.put({key: data})

    assert data == store.get(key)


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    segments=st.lists(
        st.from_regex(r"[0-9a-z_-][0-9a-z._-]{0,20}", fullmatch=True), min_size=1, max_size=4
    )
)
def test_any_key_of_the_grammar_is_a_key(store: BlobStore, segments: list[str]) -> None:
    """It reads back, is listed by its very name, and goes."""
    prefix = f"any-{next(_numbers)}"
    key = "/".join([prefix, *segments])

    store.put({key: b"x"})

    assert b"x" == store.get(key)
    assert [key] == keys(store, prefix)
    store.delete([key])
    assert store.get(key) is None


@pytest.mark.parametrize("length", [0, 1, 4096, 10 * 2**20])
def test_values_of_every_length_are_kept_whole(store: BlobStore, length: int) -> None:
    """Nothing at all, and 10 MB."""
    data = bytes(range(256)) * (length // 256 + 1)

    store.put({KEY: data[:length]})

    assert data[:length] == store.get(KEY)
    assert [length] == [blob.length for blob in store.keys("avatars")]


def test_an_empty_value_is_not_a_missing_one(store: BlobStore) -> None:
    """One is b"", the other None."""
    store.put({"a/empty": b""})

    assert b"" == store.get("a/empty")
    assert store.get("a/missing") is None


def test_many_values_are_put_at_once(store: BlobStore) -> None:
    """As a photo's files are, here 60 in three folders."""
    blobs = {f"many/{number % 3}/{number}": b"%d" % number for number in range(60)}

    store.put(blobs)

    assert sorted(blobs) == keys(store, "many")
    assert blobs == {key: store.get(key) for key in blobs}


def test_putting_nothing_is_fine(store: BlobStore) -> None:
    """There is nothing to do, and nothing is done."""
    store.put({})
    store.delete([])

    assert [] == keys(store, "avatars")


def test_a_value_may_be_put_again(store: BlobStore) -> None:
    """As whoever does who did not hear that it had worked."""
    store.put({KEY: b"first"})

    store.put({KEY: b"first", "a/new": b"new"})

    assert b"first" == store.get(KEY)
    assert b"new" == store.get("a/new")


def test_the_longest_key_is_a_key(store: BlobStore) -> None:
    """200 characters, and one more is too long."""
    store.put({LONGEST: b"x"})

    assert b"x" == store.get(LONGEST)
    with pytest.raises(ValueError, match="no blob key"):
        store.get(LONGEST + "b")


def test_a_deleted_key_is_unknown_and_can_be_put_again(store: BlobStore) -> None:
    """Only those named go."""
    store.put({"a/1": b"1", "a/2": b"2", "a/3": b"3"})

    store.delete(["a/1", "a/3"])
    store.put({"a/3": b"new"})

    assert [None, b"2", b"new"] == [store.get(f"a/{number}") for number in (1, 2, 3)]
    assert ["a/2", "a/3"] == keys(store, "a")


@pytest.mark.parametrize("key", ["a/b", "no/such/folder/anywhere", KEY])
def test_an_unknown_key_is_none_and_deleting_it_is_fine(store: BlobStore, key: str) -> None:
    """Also when it is named twice, and when nothing near it exists."""
    store.delete([key, key])

    assert store.get(key) is None


@pytest.mark.parametrize("key", ["avatars/2026-11-23", "avatars/2026-11-23/123456789012"])
def test_what_only_begins_a_key_is_no_key(store: BlobStore, key: str) -> None:
    """Reading it gives None, deleting it changes nothing."""
    store.put({KEY: b"x", "avatars/2026-11-23/123456789012/72": b"y"})

    assert store.get(key) is None
    store.delete([key])
    assert b"x" == store.get(KEY)


def test_a_put_that_returns_has_stored(store: BlobStore) -> None:
    """Or else it raises; also for a key that is the beginning of another."""
    store.put({"a/b/c": b"below"})
    try:
        store.put({"a/b": b"above"})
    except (ServiceUnavailable, ValueError):
        return

    assert b"above" == store.get("a/b")


def test_deleting_goes_on_after_an_unknown_key(store: BlobStore) -> None:
    """The others are removed all the same."""
    store.put({"a/1": b"1", "a/2": b"2"})

    store.delete(["a/1", "b/unknown", "a/2"])

    assert [] == keys(store, "a")


@pytest.mark.parametrize("key", BAD_KEYS)
@pytest.mark.parametrize("method", METHODS, ids=["put", "get", "delete"])
def test_a_bad_key_is_refused_by_every_method(
    store: BlobStore, method: Callable[[BlobStore, str], object], key: str
) -> None:
    """Before anything is touched."""
    with pytest.raises(ValueError, match="blob key"):
        method(store, key)


@pytest.mark.parametrize("prefix", BAD_PREFIXES)
def test_a_bad_prefix_is_refused(store: BlobStore, prefix: str) -> None:
    """The first look at the listing says so."""
    with pytest.raises(ValueError, match="blob key"):
        next(iter(store.keys(prefix)), None)


def test_one_bad_key_keeps_all_from_being_put_or_deleted(store: BlobStore) -> None:
    """The good ones before it are as they were."""
    store.put({"a/kept": b"kept"})

    with pytest.raises(ValueError, match="blob key"):
        store.put({"a/new": b"new", "../b": b"x"})
    with pytest.raises(ValueError, match="blob key"):
        store.delete(["a/kept", "../b"])

    assert ["a/kept"] == keys(store, "a")


def test_a_listing_has_lengths_and_times(store: BlobStore) -> None:
    """The time is aware, in UTC, and that of the writing."""
    before = datetime.now(UTC) - timedelta(seconds=2)
    store.put({"a/1": b"", "a/b/2": b"four"})
    after = datetime.now(UTC) + timedelta(seconds=2)

    found = sorted(store.keys("a"), key=lambda blob: blob.key)

    assert [("a/1", 0), ("a/b/2", 4)] == [(blob.key, blob.length) for blob in found]
    assert all(before <= blob.written_at <= after for blob in found)
    assert {timedelta(0)} == {blob.written_at.utcoffset() for blob in found}


@pytest.mark.parametrize(
    ("prefix", "expected"),
    [
        ("ab", ["ab/1", "ab/c/2", "ab/c/d/3"]),
        ("ab/c", ["ab/c/2", "ab/c/d/3"]),
        ("ab/c/d", ["ab/c/d/3"]),
        ("abc", ["abc/4"]),
        ("a", []),
        ("ab/c/2", []),
        ("ab/1", []),
    ],
)
def test_a_listing_has_only_its_prefix(store: BlobStore, prefix: str, expected: list[str]) -> None:
    """By whole segments: `ab` is no part of `abc`, and a blob is not below itself."""
    store.put({"ab/1": b"", "ab/c/2": b"", "ab/c/d/3": b"", "abc/4": b""})

    assert expected == keys(store, prefix)


def churn(store: BlobStore, is_over: threading.Event) -> None:
    """Write one blob after another, and delete every second one again."""
    for number in itertools.count():
        if is_over.is_set():
            return
        store.put({f"a/{number % 8}/new-{number}": b"x" * 1000})
        store.delete([f"a/{number % 8}/new-{number}"] if number % 2 else [])


def test_a_listing_goes_on_while_others_write_and_delete(store: BlobStore) -> None:
    """What stays is listed once and whole; what comes and goes may be missed, but never half."""
    store.put({f"a/{number % 4}/kept-{number}": b"x" * 1000 for number in range(40)})
    is_over = threading.Event()

    with ThreadPoolExecutor() as pool:
        writer = pool.submit(churn, store, is_over)
        try:
            listings = [list(store.keys("a")) for _ in range(50)]
        finally:
            is_over.set()
        writer.result()

    for found in listings:
        assert 40 == sum("kept" in blob.key for blob in found)
        assert {1000} == {blob.length for blob in found}
        assert len(found) == len({blob.key for blob in found})


@pytest.mark.parametrize("turn", range(5))
def test_one_of_several_puts_of_a_key_wins_whole(store: BlobStore, turn: int) -> None:
    """Eight at the same moment, each with its own bytes; whoever reads sees nothing half.

    Keys are unguessable and put once, so that this happens to nobody; were it otherwise, buckets
    would keep the last one and a folder the first.
    """
    values = [bytes([number]) * 100_000 for number in range(8)]
    together = threading.Barrier(len(values))

    def put(value: bytes) -> bytes | None:
        together.wait()
        store.put({KEY: value})
        return store.get(KEY)

    with ThreadPoolExecutor(len(values)) as pool:
        seen = set(pool.map(put, values))

    assert store.get(KEY) in values
    assert seen <= set(values)


def test_two_openings_of_a_store_are_one_store(url: str) -> None:
    """What one process wrote, another reads."""
    open_blobs(url).put({KEY: b"a photo"})

    assert b"a photo" == open_blobs(url).get(KEY)
