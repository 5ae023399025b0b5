"""A full photo store and a locked database: the old photo stays whole, and the service recovers."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

import pytest

from support import web
from support.live import LiveServer, Person, add_person
from support.pictures import jpeg, opened
from support.processes import zombies
from support.reading import NINE_KEYS
from support.starting import Started

STORE_LENGTH: Final = 4 * 2**20
FREE_LENGTHS: Final = (0, 4096, 32 * 1024, 96 * 1024, 160 * 1024)
"""The files of one photo take about 250 KiB, so the store gets full at one after another."""

WORDS: Final = frozenset({"internal_error", "service_unavailable"})
_HOLD: Final = """
import sqlite3, sys, time
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute("BEGIN EXCLUSIVE")
print("locked", flush=True)
sys.stdin.read()
"""


@contextmanager
def small_store(folder: Path) -> Iterator[Path]:
    """A disk of 4 MiB in memory; skips where this user may not mount one."""
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", f"size={STORE_LENGTH}", "tmpfs", str(folder)]
    try:
        mounted = subprocess.run(command, check=False, capture_output=True, text=True)
    except FileNotFoundError:
        pytest.skip("no mount program here")
    if mounted.returncode:
        pytest.skip(f"a small disk cannot be mounted here: {mounted.stderr.strip()}")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


def set_photo(server: LiveServer, person: Person, data: bytes) -> dict[str, object]:
    """The whole answer of users.setPhoto."""
    reply = web.post(
        f"{server.api}users.setPhoto",
        headers={"Authorization": f"Bearer {person.token}"},
        files={"image": data},
    )
    assert reply.status_code == 200
    document: dict[str, object] = reply.json()
    return document


def profile_of(server: LiveServer, person: Person) -> dict[str, str]:
    """The person's profile now."""
    reply = web.get(
        f"{server.api}users.profile.get",
        headers={"Authorization": f"Bearer {person.token}"},
    )
    profile: dict[str, str] = reply.json()["profile"]
    return profile


def contents(folder: Path) -> dict[str, int]:
    """Every file of the store with its length."""
    paths = [path for path in folder.rglob("*") if path.is_file()]
    return {str(path.relative_to(folder)): path.stat().st_size for path in paths}


def fill(store: Path, free: int) -> Path:
    """Leave only `free` bytes in the store."""
    filler = store / "filler"
    state = os.statvfs(store)
    filler.write_bytes(bytes(state.f_bavail * state.f_bsize))
    os.truncate(filler, max(0, filler.stat().st_size - free))
    return filler


def test_a_full_store_refuses_and_keeps_the_old_photo(tmp_path: Path) -> None:
    """Wherever among the files the room ends, nothing of the new photo stays."""
    with small_store(tmp_path / "store") as store:
        settings = {"BLOBS": store.as_uri(), "RATE_LIMITS": "off"}
        with LiveServer(tmp_path / "data", settings) as server:
            ada = add_person(server)
            assert set_photo(server, ada, jpeg(seed=1))["ok"]
            old, kept = profile_of(server, ada), contents(store)
            for number, free in enumerate(FREE_LENGTHS):
                filler = fill(store, free)

                answer = set_photo(server, ada, jpeg(1024, 1024, seed=2 + number))

                filler.unlink()
                assert answer["error"] in WORDS, (free, answer)
                assert kept == contents(store), free
                assert old == profile_of(server, ada), free
            for key in NINE_KEYS[1:]:
                opened(web.get(old[key]).content)
            assert set_photo(server, ada, jpeg(1024, 1024, seed=9))["ok"]


def test_a_store_that_is_away_says_so_and_comes_back(tmp_path: Path) -> None:
    """Readers get 503 and no 404 that caches would keep; setting is refused; then all is well."""
    settings = {"RATE_LIMITS": "off"}
    with LiveServer(tmp_path / "data", settings) as server:
        ada = add_person(server)
        assert set_photo(server, ada, jpeg(seed=1))["ok"]
        url = profile_of(server, ada)["image_192"]
        blobs = server.data / "blobs"

        blobs.rename(server.data / "away")
        blobs.write_text("not a folder", encoding="ascii")
        answer = set_photo(server, ada, jpeg(seed=2))
        unread, unready = web.get(url), web.get(f"{server.url}/readyz")
        blobs.unlink()
        (server.data / "away").rename(blobs)

        assert answer["error"] in WORDS
        assert (503, 503) == (unread.status_code, unready.status_code)
        assert unread.headers["retry-after"].isdecimal()
        assert 200 == web.get(url).status_code
        assert set_photo(server, ada, jpeg(seed=2))["ok"]


@contextmanager
def locked(database: Path) -> Iterator[None]:
    """Another process holds the database's write lock."""
    command = [sys.executable, "-c", _HOLD, str(database)]
    with Started(command, stdin=subprocess.PIPE) as holder:
        assert "locked" == holder.first_line()
        try:
            yield
        finally:
            with suppress(BrokenPipeError):
                holder.communicate("")


@pytest.mark.slow
def test_a_locked_database_is_said_so_while_it_is_locked(tmp_path: Path) -> None:
    """Reading goes on, writing is refused after a while, and works again afterwards."""
    with LiveServer(tmp_path / "data", {"RATE_LIMITS": "off"}) as server:
        ada = add_person(server)
        assert set_photo(server, ada, jpeg(seed=1))["ok"]
        old = profile_of(server, ada)

        with locked(server.data / "likeness.db"):
            answer = set_photo(server, ada, jpeg(seed=2))
            during = profile_of(server, ada)
            picture = web.get(old["image_512"])

        assert "service_unavailable" == answer["error"]
        assert old == during
        assert 200 == picture.status_code
        assert set_photo(server, ada, jpeg(seed=2))["ok"]
        assert old != profile_of(server, ada)
        assert zombies(server) == []
