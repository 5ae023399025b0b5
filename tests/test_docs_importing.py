"""The commands of docs/importing.md are run as they stand."""

import json
import os
import subprocess
import sys
from base64 import b64encode
from collections.abc import Callable
from pathlib import Path
from typing import Final
from zipfile import ZipFile

import pytest

from likeness.imports.outcomes import Outcome
from likeness.precedence import Policy
from support.commands import CommandLine, over_copy, with_ada_and_bob
from support.docs import blocks, example, page
from support.pictures import jpeg

IMPORTING: Final = "docs/importing.md"

Shell = Callable[[str], str]


@pytest.fixture
def cli(tmp_path: Path) -> CommandLine:
    """An installation with the people of the page, and their photos beside it."""
    line = over_copy(with_ada_and_bob, tmp_path / "likeness-data")
    (tmp_path / "photos" / "team-b").mkdir(parents=True)
    (tmp_path / "photos" / "ada@example.org.jpg").write_bytes(jpeg(96, 96, 1))
    (tmp_path / "photos" / "team-b" / "bob.webp").write_bytes(jpeg(96, 96, 2))
    with ZipFile(tmp_path / "photos.zip", "w") as archive:
        archive.write(tmp_path / "photos" / "ada@example.org.jpg", "photos/ada@example.org.jpg")
    picture = b64encode(jpeg(300, 300, 3)).decode()
    entry = f"dn: uid=ada\nuid: ada\nmail: ada@example.org\njpegPhoto:: {picture}\n"
    (tmp_path / "people.ldif").write_text(entry)
    return line


@pytest.fixture
def shell(cli: CommandLine, tmp_path: Path) -> Shell:
    """Runs a block of the page where the photos are; gives what it printed."""

    def run(mark: str) -> str:
        path = [str(Path(sys.executable).parent), os.environ["PATH"]]
        inherited = {key: value for key, value in os.environ.items() if key[:9] != "LIKENESS_"}
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", example(mark, IMPORTING)],
            cwd=tmp_path,
            env=inherited | {"PATH": os.pathsep.join(path), "LIKENESS_DATA": str(cli.data)},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    return run


def test_photos_come_in_and_go_again(shell: Shell, cli: CommandLine, tmp_path: Path) -> None:
    """A plan, the folder, the zip of the same, and all of it taken back."""
    assert "2  new" in shell("plan")
    assert cli.json("user", "show", "ada@example.org")["photo"] is None

    assert "2  new" in shell("apply")
    rows = [json.loads(line) for line in (tmp_path / "report.jsonl").read_text().splitlines()]
    assert [row["outcome"] for row in rows] == ["new", "new"]
    assert "1  unchanged" in shell("zip")
    assert "put back 2" in shell("undo")
    assert cli.json("user", "show", "ada@example.org")["photo"] is None


def test_photos_come_in_from_lists(shell: Shell) -> None:
    """A table that names files, and an LDIF that has them in it."""
    assert "1  new" in shell("csv")
    assert "1  replaced" in shell("ldif")


def test_people_come_in(shell: Shell, cli: CommandLine) -> None:
    """Names, ids and further addresses; nobody is missing."""
    assert "2  updated" in shell("people")
    assert "deactivated" not in shell("leavers")
    assert cli.json("user", "show", "ada@example.org")["real_name"] == "Ada Lovelace"


def test_every_command_of_the_page_is_run() -> None:
    """By the tests above."""
    marks = ("people", "leavers", "plan", "apply", "zip", "csv", "ldif", "undo")

    assert blocks("sh", IMPORTING) == [example(mark, IMPORTING) for mark in marks]


def test_the_page_has_each_outcome_and_each_policy() -> None:
    """In the words that are printed."""
    text = page(IMPORTING)

    assert [each for each in (*Outcome, *Policy) if f"`{each.value}`" not in text] == []
