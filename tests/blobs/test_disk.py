"""What only files have: sudden ends, full disks, vanished folders. For the rest: tests/contract."""

import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final

import pytest

from likeness.blobs import open_blobs
from likeness.blobs.disk import DiskBlobs
from likeness.errors import ServiceUnavailable
from support.disks import small_disk
from support.starting import Started
from support.users import NOBODY, acting_as, folder_of, mode, owner, umask

SMALL: Final = 2**20
"""The room on the small disk."""

WHOLE: Final = bytes(range(256)) * 2**14
"""The 4 MB that are written until somebody pulls the plug."""

_WRITE: Final = """
import itertools, sys
from likeness.blobs import open_blobs
store, turn = open_blobs(sys.argv[1]), sys.argv[2]
for number in itertools.count():
    key = f"turn-{turn}/{number}"
    store.put({key: bytes(range(256)) * 2**14})
    print(key, flush=True)
"""

METHODS: Final[dict[str, Callable[[DiskBlobs], object]]] = {
    "get": lambda store: store.get("a/kept"),
    "put": lambda store: store.put({"a/new": b"new"}),
    "delete": lambda store: store.delete(["a/kept"]),
    "keys": lambda store: list(store.keys("a")),
}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """The folder of the store."""
    return tmp_path / "blobs"


@pytest.fixture
def store(root: Path) -> DiskBlobs:
    """A store with one blob in it."""
    fresh = DiskBlobs(root)
    fresh.put({"a/kept": b"kept"})
    return fresh


@pytest.fixture
def full_soon(tmp_path: Path) -> Iterator[Path]:
    """The folder of a disk of 1 MB."""
    with small_disk(tmp_path / "disk", SMALL) as folder:
        yield folder


def files(root: Path) -> list[Path]:
    """Every file below the folder."""
    return sorted(path for path in root.rglob("*") if path.is_file())


def killed_while_writing(root: Path, turn: int) -> list[str]:
    """The keys that a process said were stored, before it was killed a moment after the first."""
    command = [sys.executable, "-c", _WRITE, root.as_uri(), str(turn)]
    with Started(command) as process:
        first = process.first_line()
        time.sleep(turn * 0.0017)
        process.kill()
        assert process.stdout
        return [first, *process.stdout.read().splitlines()]


def test_whoever_is_killed_leaves_whole_files_only(root: Path) -> None:
    """Kill -9 at ten moments of a put: all that was said to be stored is, and nothing is half."""
    for turn in range(10):
        keys = killed_while_writing(root, turn)

        store = DiskBlobs(root)
        assert keys
        assert all(WHOLE == store.get(key) for key in keys)
        assert all(WHOLE == path.read_bytes() for path in files(root / f"turn-{turn}"))


def test_a_file_has_no_name_before_it_is_whole(root: Path) -> None:
    """Somebody who looks at the folder all the time sees nothing, or files of full length."""
    store, is_over = DiskBlobs(root), threading.Event()
    store.put({"a/first": b"x" * SMALL})

    def look() -> set[int]:
        seen = set[int]()
        while not is_over.is_set():
            seen |= {path.stat().st_size for path in (root / "a").iterdir()}
        return seen

    with ThreadPoolExecutor() as pool:
        looking = pool.submit(look)
        store.put({f"a/{number}": b"x" * SMALL for number in range(30)})
        is_over.set()

    assert {SMALL} == looking.result()


@pytest.mark.parametrize(
    "lengths",
    [
        [SMALL * 2],
        [SMALL * 3 // 4] * 2,
        [SMALL * 3 // 4] * 3,
        [4096] * 400,
    ],
    ids=["one", "the last", "one between", "small ones"],
)
def test_a_full_disk_is_said_so_and_leaves_nothing(full_soon: Path, lengths: list[int]) -> None:
    """Wherever the room ends: no file of the put stays, and its room is free again."""
    store = DiskBlobs(full_soon)
    store.put({"a/kept": b"kept"})

    with pytest.raises(ServiceUnavailable, match="No space left"):
        store.put({f"a/{number}": b"x" * length for number, length in enumerate(lengths)})

    assert [full_soon / "a/kept"] == files(full_soon)
    store.put({"a/next": b"x" * (SMALL // 2)})
    assert b"x" * (SMALL // 2) == store.get("a/next")


def test_a_disk_that_cannot_be_written_can_be_read(full_soon: Path) -> None:
    """As after an error of the file system, when Linux makes it read-only."""
    store = DiskBlobs(full_soon)
    store.put({"a/kept": b"kept"})
    subprocess.run(["mount", "-o", "remount,ro", str(full_soon)], check=True)

    for method in ("put", "delete"):
        with pytest.raises(ServiceUnavailable, match="Read-only file system"):
            METHODS[method](store)
    assert b"kept" == store.get("a/kept")


@pytest.mark.parametrize("method", METHODS)
def test_a_store_that_is_away_is_an_outage(root: Path, store: DiskBlobs, method: str) -> None:
    """A file where the folder was: never "missing", and all is well when it is back."""
    hidden = root.rename(root.with_name("hidden"))
    root.write_text("no folder")

    with pytest.raises(ServiceUnavailable, match="photo store cannot be used now"):
        METHODS[method](store)

    root.unlink()
    hidden.rename(root)
    assert b"kept" == store.get("a/kept")


@pytest.mark.parametrize("method", METHODS)
def test_a_store_without_its_folder_is_an_outage(root: Path, store: DiskBlobs, method: str) -> None:
    """A disk that was not mounted has no photos to be missed, and nothing is put in its place."""
    root.rename(root.with_name("hidden"))

    with pytest.raises(ServiceUnavailable, match="its folder is gone"):
        METHODS[method](store)

    assert not root.exists()


def test_what_is_no_outage_stays_an_error(root: Path, store: DiskBlobs) -> None:
    """A loop of links is somebody's mistake that waiting will not mend."""
    (root / "a/loop").symlink_to("loop")

    with pytest.raises(OSError, match="symbolic links") as caught:
        store.get("a/loop")

    assert not isinstance(caught.value, ServiceUnavailable)


def test_folders_are_made_by_whoever_comes_first(root: Path) -> None:
    """Eight writers of one new day make its folders together, and each is there afterwards."""
    store, together = DiskBlobs(root), threading.Barrier(8)

    def put(number: int) -> None:
        together.wait()
        store.put({f"avatars/2026-11-23/deep/{number}": b"x", f"b/{number}/c": b"y"})

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(put, range(8)))

    assert 16 == len(files(root))


def test_a_file_has_one_name(store: DiskBlobs, root: Path) -> None:
    """That of its key."""
    assert 1 == (root / "a/kept").stat().st_nlink


def test_a_value_under_two_keys_of_a_folder_is_written_once(store: DiskBlobs, root: Path) -> None:
    """And stays under each for as long as that key does; in another folder it is another file."""
    value = b"twice" * 9
    store.put(
        {"a/original": value, "a/1024": value, "a/same": bytes(bytearray(value)), "b/x": value}
    )

    assert [2, 2, 1, 1] == [
        (root / key).stat().st_nlink for key in ("a/original", "a/1024", "a/same", "b/x")
    ]
    store.delete(["a/1024"])
    assert store.get("a/1024") is None
    assert store.get("a/original") == value


@pytest.mark.parametrize("bits", [0o000, 0o022, 0o077])
def test_a_new_store_is_for_its_owner_alone(tmp_path: Path, bits: int) -> None:
    """Whatever the umask: prepared pictures are nobody else's."""
    with umask(bits):
        DiskBlobs(tmp_path / "blobs").put({"a/b/c": b"x"})

    modes = [mode(tmp_path / "blobs" / name) for name in ("", "a", "a/b", "a/b/c")]
    assert [0o700, 0o700, 0o700, 0o600] == modes


@pytest.mark.parametrize(
    ("opened_to", "bits", "folders", "files"),
    [
        (0o700, 0o022, 0o700, 0o600),
        (0o750, 0o022, 0o750, 0o640),
        (0o755, 0o022, 0o755, 0o644),
        (0o777, 0o022, 0o755, 0o644),
        (0o755, 0o077, 0o700, 0o600),
    ],
)
def test_what_is_put_is_as_open_as_the_store(
    root: Path, opened_to: int, bits: int, folders: int, files: int
) -> None:
    """So that a web server may read photos where its group is let in; never more than the umask."""
    root.mkdir()
    root.chmod(opened_to)
    with umask(bits):
        DiskBlobs(root).put({"a/b": b"x"})

    assert (opened_to, folders, files) == (mode(root), mode(root / "a"), mode(root / "a/b"))


def test_what_root_puts_belongs_to_the_owner_of_the_store(public_path: Path) -> None:
    """Folders too: the service has to write there afterwards."""
    folder = folder_of(NOBODY, public_path / "theirs")

    DiskBlobs(folder / "blobs").put({"a/b/c": b"x"})

    owners = {owner(path) for path in (folder / "blobs").rglob("*")}
    assert {(NOBODY, NOBODY)} == owners | {owner(folder / "blobs")}
    with acting_as(NOBODY):
        DiskBlobs(folder / "blobs").put({"a/b/d": b"y"})


def test_a_store_is_not_made_where_it_is_only_looked_at(root: Path) -> None:
    """A missing one is an outage then."""
    with pytest.raises(ServiceUnavailable, match="its folder is gone"):
        open_blobs(root.as_uri(), create=False).get("a/b")

    assert not root.exists()


def test_a_relative_folder_stays_where_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever folder the process goes to later."""
    monkeypatch.chdir(tmp_path)
    store = DiskBlobs(Path("here"))
    monkeypatch.chdir("/")

    store.put({"a/b": b"x"})

    assert [tmp_path / "here/a/b"] == files(tmp_path)


@pytest.mark.parametrize("name", ["plain", "with space", "100%", "%41", "é", "a#b?c", "deep/er"])
def test_a_store_is_opened_by_its_url(tmp_path: Path, name: str) -> None:
    """With what URLs must encode; the folder is made when it is missing."""
    root = tmp_path / name

    open_blobs(root.as_uri()).put({"a/b": b"x"})

    assert b"x" == (root / "a/b").read_bytes()


def test_a_value_never_changes(tmp_path: Path) -> None:
    """What is there stays, whoever puts something else under its key."""
    store = open_blobs(tmp_path.as_uri())
    store.put({"a/b": b"first"})

    store.put({"a/b": b"second"})

    assert b"first" == store.get("a/b")
