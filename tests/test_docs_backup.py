"""The commands about backups and moving are run while people set photos and take them away."""

import json
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import pytest

from likeness.db import open_database
from likeness.model import PhotoState
from likeness.upkeep.checking import Kind
from support import web
from support.docs import example, page
from support.live import LiveServer, Person, add_person
from support.load import Load, Uploader, call, read_set, stored_set
from support.pictures import jpeg
from support.postgres import PostgresServer

BACKUP: Final = "docs/backup.md"
MOVING: Final = "docs/moving.md"
UPLOADERS: Final = 3
SOME: Final = 6


@dataclass
class Place:
    """An installation, and what the pages' commands are run with."""

    folder: Path
    settings: dict[str, str]
    programs: Path

    @property
    def live(self) -> LiveServer:
        """Its service, which is not started."""
        return LiveServer(self.folder / "likeness", self.settings | {"RATE_LIMITS": "off"})

    @property
    def blobs(self) -> Path:
        """The folder of its files."""
        named = self.settings.get("BLOBS", "").removeprefix("file://")
        return Path(named) if named else self.folder / "likeness/blobs"

    def run(self, script: str, backup: Path, **more: str) -> subprocess.CompletedProcess[str]:
        """Commands of a page, with its folders replaced by ours."""
        here = script.replace("/srv/likeness", f"{self.folder}/likeness")
        path = [str(Path(sys.executable).parent), str(self.programs), os.environ["PATH"]]
        # What a test would inherit from whoever runs it is no part of the page.
        return subprocess.run(
            ["bash", "-euo", "pipefail", "-c", here.replace("/backup", str(backup))],
            env=self.live.environment | {"PATH": os.pathsep.join(path)} | more,
            capture_output=True,
            text=True,
            check=False,
        )


@dataclass
class Fickle:
    """Somebody who sets a photo and takes it away again, all the time."""

    server: LiveServer
    person: Person
    turns: int = 0
    _over: threading.Event = field(default_factory=threading.Event)

    @contextmanager
    def at_work(self) -> Iterator[None]:
        """Until the block ends."""
        thread = threading.Thread(target=self._work)
        thread.start()
        try:
            yield
        finally:
            self._over.set()
            thread.join()

    def _work(self) -> None:
        with web.Client(base_url=self.server.url) as client:
            while not self._over.is_set():
                self.turns += 1
                data = jpeg(600, 520, self.turns)
                assert call(client, "users.setPhoto", self.person, {"image": data})["ok"]
                assert call(client, "users.deletePhoto", self.person)["ok"]


@pytest.fixture
def postgres(server_of: Callable[[str], PostgresServer]) -> PostgresServer:
    """A server with its programs, of one version."""
    return server_of("debian")


def place(kind: str, folder: Path, postgres: PostgresServer) -> Place:
    """A new installation, embedded or with a database server and a store elsewhere."""
    folder.mkdir()
    settings = {}
    if kind == "postgresql":
        blobs = (folder / "bucket").as_uri()
        settings = {"DATABASE": postgres.new_database(), "BLOBS": blobs, "SECRET_KEY": "k" * 32}
    return Place(folder, settings, postgres.programs)


def uploaders(server: LiveServer) -> list[Uploader]:
    """People who set one photo after another, each known by its colour."""
    people = [add_person(server, f"person-{number}@example.org") for number in range(UPLOADERS)]
    return [Uploader(each, number) for number, each in enumerate(people)]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("kind", "backup_by", "restore_by"),
    [
        ("embedded", "backup", "restore"),
        ("embedded", "backup-by-tools", "restore"),
        ("postgresql", "backup-postgresql", "restore-postgresql"),
    ],
)
def test_a_backup_that_was_made_under_load_has_all_that_was_acknowledged(
    kind: str, backup_by: str, restore_by: str, tmp_path: Path, postgres: PostgresServer
) -> None:
    """The check is clean, but for photos that their owners took away while it was made."""
    for program in ("rsync", "sqlite3"):
        if program in example(backup_by, BACKUP) and not shutil.which(program):
            pytest.skip(f"{program} is not installed")
    old, new = (place(kind, tmp_path / name, postgres) for name in ("old", "new"))
    backup = tmp_path / "backup"
    with old.live as server:
        crew = uploaders(server)
        fickle = Fickle(server, add_person(server, "fickle@example.org"))
        with Load(server, crew, readers=0) as load, fickle.at_work():
            while not all(each.acknowledged for each in crew):
                load.wait_for_more(1)
            load.wait_for_more(SOME)
            acknowledged = [dict(each.acknowledged) for each in crew]
            made = old.run(example(backup_by, BACKUP), backup)
            load.wait_for_more(SOME)
        assert load.faults == []
    assert made.returncode == 0, made.stderr
    assert fickle.turns > 1

    restored = new.run(example(restore_by, BACKUP), backup)
    checked = new.run(example("check", BACKUP), backup)
    left = new.run("likeness check --deep --json", backup)

    assert restored.returncode == 0, restored.stderr
    assert "Traceback" not in checked.stderr
    findings = json.loads(left.stdout)["findings"]
    taken_away = {f"photo {number} (current)" for number in deleted_photos(old)}
    assert {finding["subject"] for finding in findings} <= taken_away
    with new.live as server, web.Client(base_url=server.url) as client:
        for uploader, profiles in zip(crew, acknowledged, strict=True):
            for turn, profile in profiles.items():
                here = {
                    key: value.replace(old_url(profile), server.url)
                    for key, value in profile.items()
                }
                assert stored_set(uploader, here, new.blobs) == turn
            assert read_set(client, uploader) >= max(profiles)


def old_url(profile: dict[str, str]) -> str:
    """Where the service was that told of a photo."""
    return profile["image_72"].partition("/avatars/")[0]


def deleted_photos(place: Place) -> list[int]:
    """Photos that somebody took away, by the rows of the installation that is backed up."""
    url = place.settings.get("DATABASE") or f"sqlite:///{place.folder}/likeness/likeness.db"
    database = open_database(url)
    [team] = database.teams()
    [user] = database.users_by_email("fickle@example.org", team.id)
    history = database.history(user.id)
    database.close()
    return [photo.id for photo in history if photo.state is PhotoState.DELETED]


@pytest.mark.slow
def test_an_installation_moves_as_the_page_says(tmp_path: Path, postgres: PostgresServer) -> None:
    """Files while it runs; files and rows when it is stopped; then it goes on elsewhere."""
    old, new = place("embedded", tmp_path / "old", postgres), tmp_path / "bucket"
    there = {"NEW_DATABASE": postgres.new_database(), "NEW_BLOBS": new.as_uri()}
    with old.live as server:
        crew = uploaders(server)
        with Load(server, crew, readers=0) as load:
            while not all(each.acknowledged for each in crew):
                load.wait_for_more(1)
            early = old.run(example("files", MOVING), tmp_path, **there)
            load.wait_for_more(SOME)
    late = old.run(example("rows", MOVING), tmp_path, **there)
    checked = old.run(example("check", MOVING), tmp_path, **there)

    for run in (early, late, checked):
        assert run.returncode == 0, (run.stdout, run.stderr)
    moved = {"DATABASE": there["NEW_DATABASE"], "BLOBS": there["NEW_BLOBS"]}
    with (
        LiveServer(old.folder / "likeness", moved | {"RATE_LIMITS": "off"}) as server,
        web.Client(base_url=server.url) as client,
    ):
        for uploader in crew:
            assert read_set(client, uploader) == max(uploader.acknowledged)
            assert call(client, "users.setPhoto", uploader.person, {"image": jpeg()})["ok"]


def test_what_check_finds_is_all_on_the_page() -> None:
    """Each kind has its line in the table."""
    table = page(BACKUP).partition("| found | `--repair` |\n| --- | --- |\n")[2]

    assert len(Kind) == len(table.partition("\n\n")[0].splitlines())
