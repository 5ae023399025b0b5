"""`likeness copy`, for files and for rows, and what it refuses."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from likeness.blobs import open_blobs
from likeness.errors import Mistake
from support import web
from support.commands import CommandLine, over_copy, with_ada
from support.live import LiveServer, add_person
from support.pictures import jpeg, opened
from support.postgres import PostgresServer
from support.rows import photo


@pytest.fixture
def cli(tmp_path: Path) -> CommandLine:
    """A command line over an installation with one person."""
    return over_copy(with_ada, tmp_path / "data")


def url_of(folder: Path) -> str:
    """The store in a folder."""
    return folder.as_uri()


def test_files_are_copied_and_counted(cli: CommandLine, tmp_path: Path) -> None:
    """In words for people, as a document for programs."""
    open_blobs(url_of(tmp_path / "a")).put(dict.fromkeys(photo().blob_keys(), b"x"))
    words = ["copy", "--from", url_of(tmp_path / "a"), "--to", url_of(tmp_path / "b")]

    first, second = cli.run(*words).output, cli.json(*words)

    assert "copied 8 files (8 bytes), each read back and compared; 0 were there already" in first
    assert (second["copied"], second["present"], second["failed"]) == (0, 8, 0)


def test_what_differs_is_a_failure(cli: CommandLine, tmp_path: Path) -> None:
    """Exit code 1; the file is named."""
    for name in ("a", "bb"):
        open_blobs(url_of(tmp_path / name)).put({"staged/00.jpg": name.encode()})

    run = cli.run("copy", "--from", url_of(tmp_path / "a"), "--to", url_of(tmp_path / "bb"))

    assert run.exit_code == 1
    assert "1 files are not right:\nstaged/00.jpg has 1 bytes here, 2 there" in run.output


@pytest.mark.parametrize(
    ("source", "target", "message"),
    [
        ("file:///a", "sqlite:////a.db", "never from one to the other"),
        ("postgresql://x:secret@h/n", "file:///a", "never from one to the other"),
        ("file:///a", "file:///a", "are the same"),
        ("file:///nowhere/at/all", "file:///tmp/b", "there is no store at"),
        ("ftp://a", "ftp://b", "this is no blob store"),
        ("sqlite:////nowhere/at/all.db", "sqlite:////tmp/b.db", "there is no database"),
        ("sqlite://", "sqlite:////tmp/b.db", "is no database"),
    ],
)
def test_what_cannot_be_copied_is_refused(
    cli: CommandLine, source: str, target: str, message: str
) -> None:
    """The text says what can; no password is in it."""
    run = cli.run("copy", "--from", source, "--to", target)

    assert isinstance(run.exception, Mistake)
    assert message in str(run.exception)
    assert "secret" not in str(run.exception)


def test_a_password_stays_out_of_what_is_told(
    cli: CommandLine, server_of: Callable[[str], PostgresServer], tmp_path: Path
) -> None:
    """A source without tables is told by its address."""
    url = server_of("debian").new_database().replace("postgres@", "postgres:geheim@")

    run = cli.run("copy", "--from", url, "--to", f"sqlite:///{tmp_path}/b.db")

    assert "revision (none)" in str(run.exception)
    assert "geheim" not in str(run.exception)


def test_rows_are_copied_and_counted(cli: CommandLine, tmp_path: Path) -> None:
    """Each table on a line; the second time the target is not empty."""
    source = f"sqlite:///{cli.data}/likeness.db"

    text = cli.run("copy", "--from", source, "--to", f"sqlite:///{tmp_path}/b.db").output
    document = cli.json("copy", "--from", source, "--to", f"sqlite:///{tmp_path}/c.db")
    again = cli.run("copy", "--from", source, "--to", f"sqlite:///{tmp_path}/b.db")

    assert "users                  1\n" in text
    assert "copied 8 rows, as many as there were" in text
    assert (document["tables"]["digests"], document["tables"]["facts"]) == (2, 1)
    assert isinstance(again.exception, Mistake)


@pytest.mark.slow
def test_a_copy_that_is_killed_again_and_again_is_whole_in_the_end(tmp_path: Path) -> None:
    """Each run finds what the ones before it brought."""
    source = open_blobs(url_of(tmp_path / "a"))
    for number in range(150):
        each = photo()
        source.put({key: bytes([number]) * 20_000 for key in each.blob_keys()})
    words = ["copy", "--from", url_of(tmp_path / "a"), "--to", url_of(tmp_path / "b"), "--json"]
    command = [sys.executable, "-m", "likeness", *words]
    arrived = [0]

    for how in (signal.SIGKILL, signal.SIGINT, signal.SIGKILL):
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        while process.poll() is None and count(tmp_path / "b") < arrived[-1] + 200:
            time.sleep(0.002)
        process.send_signal(how)
        process.wait()
        arrived.append(count(tmp_path / "b"))
    last = subprocess.run(command, check=True, capture_output=True)

    assert arrived == sorted(arrived)
    # On a busy machine a run may be over before it is seen to be half done.
    assert arrived[1] >= 200
    assert f'"present": {arrived[-1]}'.encode() in last.stdout
    assert (
        subprocess.run(["diff", "-r", tmp_path / "a", tmp_path / "b"], check=False).returncode == 0
    )


def count(folder: Path) -> int:
    """The files below a folder."""
    return sum(len(files) for _, _, files in os.walk(folder))


@pytest.mark.slow
def test_the_service_goes_on_where_it_was_in_the_other_database(
    tmp_path: Path, server_of: Callable[[str], PostgresServer]
) -> None:
    """Tokens, photos, sessions, prepared pictures, links and history, there and back again."""
    before = LiveServer(tmp_path / "data")
    with before:
        ada = add_person(before)
        told = Moved(before, ada.token)
        told.leave_traces()
    files = before.settings | {"BLOBS": url_of(tmp_path / "files")}
    cli = CommandLine(tmp_path / "data")
    cli.json("copy", "--from", url_of(tmp_path / "data/blobs"), "--to", files["BLOBS"])
    embedded = f"sqlite:///{tmp_path}/data/likeness.db"
    there, back = server_of("debian").new_database(), f"sqlite:///{tmp_path}/back.db"
    cli.json("copy", "--from", embedded, "--to", there)
    cli.json("copy", "--from", there, "--to", back)

    for database in (there, back):
        with LiveServer(tmp_path / "data", files | {"DATABASE": database}) as after:
            Moved(after, ada.token, told.prepared, told.session).find_traces()


class Moved:
    """Somebody who was there before the move, and who looks for what they left."""

    def __init__(
        self, server: LiveServer, token: str, prepared: str = "", session: str = ""
    ) -> None:
        self.server, self.token = server, token
        self.prepared, self.session = prepared, session

    def call(self, method: str, image: bytes = b"", **fields: str) -> Any:
        """A call of the API, which is answered with ok."""
        answer = web.post(
            f"{self.server.api}{method}",
            headers={"Authorization": f"Bearer {self.token}"},
            data=fields,
            files={"image": image} if image else None,
        ).json()
        assert answer["ok"], answer
        return answer

    def leave_traces(self) -> None:
        """Two photos, a prepared picture, a link that was used."""
        for seed in (1, 2):
            self.call("users.setPhoto", jpeg(600, 600, seed))
        self.prepared = self.call("users.preparePhoto", jpeg(1200, 1200))["id"]
        line = CommandLine(self.server.data)
        link = line.json("user", "link", "ada@example.org")["url"]
        code = link.rpartition("=")[2] if "=" in link else link.rpartition("/")[2]
        home = {"Origin": self.server.url}
        answer = web.post(f"{self.server.url}/sign-in", data={"code": code}, headers=home)
        assert answer.status_code == httpx.codes.SEE_OTHER, answer.text
        self.session = "; ".join(f"{name}={value}" for name, value in answer.cookies.items())

    def find_traces(self) -> None:
        """All of it is there, and photos can be set and restored."""
        shown = self.call("users.profile.get")["profile"]["image_72"]
        found = web.get(shown.replace(shown[: shown.index("/avatars")], self.server.url))
        assert opened(found.content).size == (72, 72)
        photos = self.call("users.listPhotos")["photos"]
        assert [each["state"] for each in photos][:2] == ["current", "replaced"]
        self.call("users.setPhoto", id=self.prepared)
        self.call("users.restorePhoto", photo=str(photos[1]["id"]))
        page = web.get(f"{self.server.url}/", headers={"Cookie": self.session})
        assert page.status_code == httpx.codes.OK
        assert "ada" in page.text.lower()
