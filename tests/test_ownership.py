"""Files that are made for their owner alone, kept for the owner of a folder, and explained."""

import os
import pwd
from pathlib import Path

import pytest

from likeness.ownership import (
    close_to_others,
    explain,
    keep_owner,
    make_file,
    make_folder,
    obstacle,
    openness,
    person,
)
from support.disks import forbid_changes, small_disk
from support.users import NOBODY, acting_as, folder_of, mode, owner, umask

READ_WRITE = os.R_OK | os.W_OK


@pytest.fixture
def theirs(public_path: Path) -> Path:
    """A folder that belongs to somebody else."""
    return folder_of(NOBODY, public_path / "theirs")


@pytest.mark.parametrize("bits", [0o000, 0o022, 0o077])
def test_what_is_made_is_for_its_owner_alone(tmp_path: Path, bits: int) -> None:
    """Whatever the umask; folders above are no different from others."""
    with umask(bits):
        make_folder(tmp_path / "above/data")
        os.close(make_file(tmp_path / "above/data/file"))

    assert (0o700, 0o600) == (mode(tmp_path / "above/data"), mode(tmp_path / "above/data/file"))
    assert 0o777 & ~bits == mode(tmp_path / "above")


def test_what_is_there_stays_as_it_is(tmp_path: Path) -> None:
    """A folder may have been opened on purpose; a file may be anybody's."""
    (tmp_path / "data").mkdir(0o750)
    (tmp_path / "file").write_text("kept")

    make_folder(tmp_path / "data")
    with pytest.raises(FileExistsError):
        make_file(tmp_path / "file")
    with pytest.raises(FileExistsError):
        make_folder(tmp_path / "file")

    assert 0o750 == mode(tmp_path / "data")
    assert "kept" == (tmp_path / "file").read_text()


def test_nothing_is_made_behind_a_link(tmp_path: Path) -> None:
    """Whoever owns the folder could have had root write anywhere."""
    (tmp_path / "link").symlink_to(tmp_path / "elsewhere")

    with pytest.raises(FileExistsError):
        make_file(tmp_path / "link")
    with pytest.raises(FileExistsError):
        make_folder(tmp_path / "link")

    assert not (tmp_path / "elsewhere").exists()


def test_what_root_makes_in_a_folder_belongs_to_the_owner_of_the_folder(theirs: Path) -> None:
    """Folders within it, and those within them, too."""
    make_folder(theirs / "a/b")
    os.close(make_file(theirs / "a/b/file"))

    for path in (theirs / "a", theirs / "a/b", theirs / "a/b/file"):
        assert (NOBODY, NOBODY) == owner(path)


def test_a_user_keeps_what_they_make(theirs: Path) -> None:
    """Nobody but root can give it away, and there is nobody to give it to."""
    with acting_as(NOBODY):
        os.close(make_file(theirs / "file"))
        descriptor = os.open(theirs / "file", os.O_RDONLY)
        keep_owner(descriptor, Path("/"))
        os.close(descriptor)

    assert (NOBODY, NOBODY) == owner(theirs / "file")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (0o644, 0o600),
        (0o755, 0o700),
        (0o606, 0o600),
        (0o640, 0o640),
        (0o750, 0o750),
        (0o600, 0o600),
    ],
)
@pytest.mark.parametrize("kind", ["file", "folder"])
def test_what_is_open_to_the_world_is_closed(
    tmp_path: Path, kind: str, before: int, after: int
) -> None:
    """What is open to a group alone was opened on purpose."""
    path = tmp_path / kind
    path.mkdir() if kind == "folder" else path.touch()
    path.chmod(before)

    assert close_to_others(path) is (before != after)

    assert after == mode(path)
    assert after & 0o077 == openness(path)


def test_links_and_what_is_not_there_are_left_as_they_are(tmp_path: Path) -> None:
    """A link may lead to anybody's file."""
    target = tmp_path / "target"
    target.touch(0o644)
    (tmp_path / "link").symlink_to(target)

    assert not close_to_others(tmp_path / "link")
    assert not close_to_others(tmp_path / "nothing")

    assert 0o644 == mode(target)


def test_what_belongs_to_others_is_left_as_it_is(theirs: Path) -> None:
    """Also where root looks at it: the service's user may have opened it."""
    theirs.chmod(0o755)

    assert not close_to_others(theirs)

    assert 0o755 == mode(theirs)


def test_nothing_is_in_the_way_of_the_owner(tmp_path: Path) -> None:
    """Of what is there and of what could be made, however deep."""
    (tmp_path / "file").touch()

    for name in ("file", "new", "new/deeper/still"):
        assert "" == obstacle(tmp_path / name, READ_WRITE)


def test_a_file_is_no_folder(tmp_path: Path) -> None:
    """A slip in a path is named by the part that is wrong."""
    (tmp_path / "file").touch()

    assert f"{tmp_path / 'file'} is no folder" == obstacle(tmp_path / "file/a/b", READ_WRITE)


def test_a_file_of_somebody_else_is_named_with_its_owner(theirs: Path) -> None:
    """With who this is, and what to do about it."""
    (theirs / "key").touch(0o600)

    with acting_as(NOBODY):
        told = obstacle(theirs / "key", READ_WRITE)

    assert f"{theirs / 'key'} belongs to root (0) with mode 600" in told
    assert f"({NOBODY})" in told
    assert f"chown {NOBODY} {theirs / 'key'}" in told


def test_a_folder_that_shuts_somebody_out_is_named(theirs: Path) -> None:
    """And not the file in it, of which nothing can be known."""
    (theirs / "shut").mkdir(0o700)
    (theirs / "shut/file").touch()

    with acting_as(NOBODY):
        told = obstacle(theirs / "shut/file", READ_WRITE)

    assert told.startswith(f"{theirs / 'shut'} belongs to root (0) with mode 700, and ")
    assert f"({NOBODY}) cannot pass it" in told


@pytest.mark.parametrize("name", ["data", "data/blobs", "data/likeness.db"])
def test_a_folder_that_cannot_be_made_is_made_by_the_owner_of_the_one_above(
    theirs: Path, name: str
) -> None:
    """Whoever gave the folder above away would give away everything else in it: /usr/local."""
    (theirs / "above").mkdir(0o755)

    with acting_as(NOBODY):
        told = obstacle(theirs / "above" / name, READ_WRITE)

    assert f"may not make data in it; run this as root (0): install -d -m 700 -o {NOBODY} " in told
    assert told.endswith(f" {theirs / 'above/data'}")
    assert "chown" not in told


def test_nobody_is_told_to_take_the_home_of_somebody(
    theirs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Root's own, in which a folder was named."""
    home = theirs / "home"
    home.mkdir(0o700)
    entry = pwd.struct_passwd(("root", "x", 0, 0, "", str(home), "/bin/sh"))
    monkeypatch.setattr("likeness.ownership.pwd.getpwuid", lambda _: entry)

    with acting_as(NOBODY):
        told = obstacle(home / "data", READ_WRITE)

    assert "choose a folder elsewhere" in told
    assert "chown" not in told


def test_a_file_system_that_takes_no_changes_is_named(tmp_path: Path) -> None:
    """Giving the file away would not help."""
    with small_disk(tmp_path / "disk", 2**20) as disk:
        (disk / "file").touch()
        forbid_changes(disk)

        told = obstacle(disk / "file", READ_WRITE)
        readable = obstacle(disk / "file", os.R_OK)

    assert "mounted read-only" in told
    assert "" == readable


def test_an_error_of_the_system_becomes_a_sentence(theirs: Path) -> None:
    """With the owner where that is the matter, else as the system says it."""
    (theirs / "key").touch(0o600)
    with acting_as(NOBODY):
        try:
            (theirs / "key").read_bytes()
        except PermissionError as error:
            told = explain(error)

    assert told.startswith(f"Permission denied: {theirs / 'key'} belongs to root (0)")
    assert "No such file" in explain(FileNotFoundError(2, "No such file or directory", "/x"))
    assert "13" in explain(PermissionError(13, "Permission denied"))


def test_people_are_named_where_they_have_a_name() -> None:
    """Containers often have none for the user they run as."""
    assert "root (0)" == person(0)
    assert "user 4242424242" == person(4242424242)
