"""A start on a bad day: what can be read is served, and what is in the way is said at once."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

import httpx
import pytest

from support import web
from support.deployed import Deployed
from support.disks import fill, forbid_changes, small_disk
from support.image import Image
from support.live import Person, add_person
from support.pictures import jpeg, opened
from support.users import NOBODY, folder_of, owner, public_folder, public_program

EMAIL: Final = "ada@example.org"
ROOM: Final = 8 * 2**20
ANSWER_TIMEOUT_S: Final = 60.0

REASONS: Final = (
    "database or disk is full",
    "No space left on device",
    "it can only be read",
    "Read-only file system",
    "Permission denied",
)
"""Of the database, and of the photo store, which is asked first."""


@pytest.fixture(scope="module")
def program(request: pytest.FixtureRequest) -> Iterator[Path]:
    """The program, as anybody may run it: this checkout, or else an installation of it."""
    with public_folder() as folder:
        found = public_program(folder)
        if found is None:
            image: Image = request.getfixturevalue("image")
            found = image.here("/opt/likeness/bin/likeness")
        yield found


def installed(data: Path, **own: str) -> Deployed:
    """The service as root runs it, with its log beside its folder."""
    settings = {"LIKENESS_DATA": str(data), "PATH": "/usr/bin", **own}
    return Deployed(data, program=Path(sys.executable).with_name("likeness"), user=0, own=settings)


def call(server: Deployed, person: Person, method: str, **files: bytes) -> dict[str, Any]:
    """The answer to a call, which is there whatever the day."""
    reply = web.post(
        server.api + method,
        headers={"Authorization": f"Bearer {person.token}"},
        files=files or None,
        data={"user": person.user.id} if method == "users.info" else None,
    )
    assert reply.status_code == httpx.codes.OK
    answer: dict[str, Any] = reply.json()
    return answer


@contextmanager
def with_a_photo(data: Path, stop: Callable[[Deployed], None]) -> Iterator[tuple[Deployed, Person]]:
    """A service that was stopped, with a person in it who has a photo."""
    server = installed(data)
    server.start()
    person = add_person(server, EMAIL)
    assert call(server, person, "users.setPhoto", image=jpeg(600, 600))["ok"]
    stop(server)
    try:
        yield server, person
    finally:
        server.stop()


def assert_reads(server: Deployed, person: Person) -> None:
    """A photo by its own URL, by the hash of the address, and who somebody is."""
    who = call(server, person, "auth.test")
    profile = call(server, person, "users.info")["user"]["profile"]
    by_hash = f"{server.url}/avatar/{sha256(EMAIL.encode()).hexdigest()}?s=72&d=404"

    assert who["ok"], who
    assert opened(web.get(profile["image_72"]).content).size == (72, 72)
    assert opened(web.get(by_hash).content).size == (72, 72)
    assert web.get(f"{server.url}/readyz").status_code == httpx.codes.OK


def assert_refuses(server: Deployed, person: Person) -> None:
    """A new photo, in words for who sends it."""
    answer = call(server, person, "users.setPhoto", image=jpeg(600, 600, seed=2))

    assert answer["error"] == "service_unavailable", answer
    [message] = answer["response_metadata"]["messages"]
    assert any(reason in message for reason in REASONS)
    assert "nothing was changed" in message
    assert str(server.data) not in message


def test_a_service_starts_on_a_full_disk(tmp_path: Path) -> None:
    """It shows what there is, says why it takes nothing, and takes it when there is room again."""
    with (
        small_disk(tmp_path / "disk", ROOM) as disk,
        with_a_photo(disk, Deployed.stop) as (
            server,
            ada,
        ),
    ):
        filler = fill(disk)

        server.start()

        assert_reads(server, ada)
        assert_refuses(server, ada)
        assert_reads(server, ada)
        assert 1 == server.log().count("nothing_can_be_written")
        assert f"the disk of {disk / 'likeness.db'} is full" in server.log()
        assert "waiting_for_the_database" not in server.log()
        filler.unlink()
        assert call(server, ada, "users.setPhoto", image=jpeg(600, 600, seed=3))["ok"]
        assert_reads(server, ada)


def test_a_service_that_was_killed_starts_on_a_full_disk(tmp_path: Path) -> None:
    """A part of its rows is in the journal then, which it can read, and perhaps fold in."""
    with (
        small_disk(tmp_path / "disk", ROOM) as disk,
        with_a_photo(disk, Deployed.kill) as (
            server,
            ada,
        ),
    ):
        fill(disk)

        server.start()
        # What the journal took is free once it is folded in, and may be room for a photo.
        fill(disk)

        assert_reads(server, ada)
        assert_refuses(server, ada)
        assert_reads(server, ada)


def test_a_service_starts_on_a_disk_that_takes_no_changes(tmp_path: Path) -> None:
    """As Linux makes it after an error; it goes on when the disk is mended."""
    with (
        small_disk(tmp_path / "disk", ROOM) as disk,
        with_a_photo(disk, Deployed.stop) as (
            server,
            ada,
        ),
    ):
        forbid_changes(disk)

        server.start()

        assert_reads(server, ada)
        assert_refuses(server, ada)
        assert "is mounted read-only" in server.log()
        subprocess.run(["mount", "-o", "remount,rw", str(disk)], check=True)
        assert call(server, ada, "users.setPhoto", image=jpeg(600, 600, seed=3))["ok"]
        assert_reads(server, ada)


def test_a_service_starts_with_files_that_it_may_only_read(
    public_path: Path, program: Path
) -> None:
    """As another user than the one who owns them."""
    data = folder_of(NOBODY, public_path / "data")
    with with_a_photo(data, Deployed.stop) as (_, ada):
        for path in (data, *data.rglob("*")):
            path.chmod(0o555 if path.is_dir() else 0o444)
        own = {"LIKENESS_DATA": str(data), "PATH": "/usr/bin"}

        with Deployed(data, program=program, user=NOBODY, own=own) as server:
            assert_reads(server, ada)
            assert_refuses(server, ada)
            assert f"{data / 'likeness.db'} belongs to" in server.log()


def test_what_root_does_before_the_first_start_is_in_nobodys_way(
    public_path: Path, program: Path
) -> None:
    """The service's user finds everything, sets photos, and root's verbs go on beside it."""
    data = folder_of(NOBODY, public_path / "data")
    root = installed(data)
    for words in (("workspace", "add", "Root"), ("user", "add", EMAIL, "-w", "Root")):
        root.verb(*words)
    photo = public_path / "photo.jpg"
    photo.write_bytes(jpeg(600, 600))
    root.verb("photo", "set", EMAIL, str(photo))
    own = {"LIKENESS_DATA": str(data), "PATH": "/usr/bin"}

    with Deployed(data, program=program, user=NOBODY, own=own) as server:
        root.verb("photo", "set", EMAIL, str(photo))
        root.verb("user", "add", "bob@example.org", "-w", "Root")
        server.verb("photo", "set", EMAIL, str(photo))
        assert web.get(f"{server.url}/readyz").status_code == httpx.codes.OK

    assert {(NOBODY, NOBODY)} == {owner(path) for path in (data, *data.rglob("*"))}


def test_a_service_with_a_key_of_somebody_else_says_so_and_ends(
    public_path: Path, program: Path
) -> None:
    """At once, in one sentence: who owns it, who this is, what to do."""
    data = folder_of(NOBODY, public_path / "data")
    (data / "secret.key").write_bytes(b"k" * 32)
    (data / "secret.key").chmod(0o600)
    server = Deployed(
        data, program=program, user=NOBODY, own={"LIKENESS_DATA": str(data), "PATH": "/usr/bin"}
    )

    run = subprocess.run(
        [program, "serve"],
        env=server.environment,
        user=NOBODY,
        group=NOBODY,
        extra_groups=[],
        capture_output=True,
        text=True,
        check=False,
    )

    [line] = run.stderr.splitlines()
    assert run.returncode == 1
    assert f"{data / 'secret.key'} belongs to root (0) with mode 600" in line
    assert f"chown {NOBODY}" in line
