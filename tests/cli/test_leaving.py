"""Verbs that erase somebody, give them what is known of them, and make two users one."""

from pathlib import Path
from zipfile import ZipFile

import pytest

from likeness.errors import Mistake
from support.commands import CommandLine
from support.pictures import jpeg

ADA = "ada@example.org"


@pytest.fixture
def pictured(cli: CommandLine, tmp_path: Path) -> CommandLine:
    """Ada has a photo and a token."""
    picture = tmp_path / "me.jpg"
    picture.write_bytes(jpeg(600, 600))
    cli.json("photo", "set", ADA, str(picture))
    cli.json("token", "issue", ADA)
    return cli


def test_what_would_go_is_told_and_nothing_goes(pictured: CommandLine) -> None:
    """Unless it is confirmed; programs see by the exit code that nothing happened."""
    told = pictured.run("user", "erase", ADA)
    for_programs = pictured.run("user", "erase", ADA, "--json")

    assert (told.exit_code, for_programs.exit_code) == (1, 1)
    assert '"erased": false' in for_programs.stdout
    assert "1 photos of now and before" in told.stdout
    assert "1 tokens and sessions" in told.stdout
    assert "say --yes" in told.stdout
    assert pictured.json("user", "show", ADA)["photo"]


def test_somebody_is_erased(pictured: CommandLine, tmp_path: Path) -> None:
    """And is nobody from then on, also to the same verb."""
    user_id = pictured.json("user", "show", ADA)["id"]

    done = pictured.run("user", "erase", ADA, "--yes")
    again = pictured.run("user", "erase", ADA, "--yes")

    assert done.exit_code == 0
    assert f"erased {user_id}" in done.stdout
    assert ADA not in done.stdout
    assert isinstance(again.exception, Mistake)
    assert "nobody has the address" in str(again.exception)
    assert [] == [each for each in (tmp_path / "blobs").rglob("*") if each.is_file()]


def test_what_is_known_of_somebody_is_written_to_a_new_file(
    pictured: CommandLine, tmp_path: Path
) -> None:
    """A second time it is refused, since the file is there."""
    path = tmp_path / "ada.zip"

    first = pictured.run("user", "export", ADA, "--to", str(path))
    second = pictured.run("user", "export", ADA, "--to", str(path))
    third = pictured.json("user", "export", ADA, "--to", f"{path}.2")

    assert f"wrote {path}: person.json and 1 picture\n" in first.stdout
    assert isinstance(second.exception, Mistake)
    assert {"file": f"{path}.2", "pictures": 1} == third
    with ZipFile(path) as archive:
        assert "person.json" in archive.namelist()


def test_two_become_one(pictured: CommandLine) -> None:
    """The second has what the first had."""
    pictured.json("user", "add", "ada.byron@example.org")

    user = pictured.json("user", "merge", ADA, "ada.byron@example.org")

    assert "ada.byron@example.org" == user["email"]
    assert pictured.json("user", "show", "ada.byron@example.org")["photo"]
    assert 2 == len(pictured.json("address", "list", "ada.byron@example.org"))
    refused = pictured.run("user", "merge", "ada.byron@example.org", "ada.byron@example.org")
    assert isinstance(refused.exception, Mistake)
