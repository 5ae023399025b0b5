"""The commands for people's rights, as the page for administrators has them."""

import subprocess
import sys
from pathlib import Path
from zipfile import ZipFile

import pytest

from support.commands import CommandLine
from support.docs import example
from support.live import LiveServer
from support.pictures import jpeg

PAGE = "docs/privacy.md"


@pytest.fixture
def cli(tmp_path: Path) -> CommandLine:
    """Ada with a photo, and Bob."""
    line = CommandLine(tmp_path / "data")
    line.json("workspace", "add", "Acme")
    for name in ("ada", "bob"):
        line.json("user", "add", f"{name}@example.org")
    (tmp_path / "me.jpg").write_bytes(jpeg(600, 600))
    line.json("photo", "set", "ada@example.org", str(tmp_path / "me.jpg"))
    return line


def run(cli: CommandLine, script: str) -> subprocess.CompletedProcess[str]:
    """Commands of the page, in a folder of their own."""
    path = f"{Path(sys.executable).parent}:/usr/bin:/bin"
    return subprocess.run(
        ["bash", "-uc", script],
        cwd=cli.data.parent,
        env=LiveServer(cli.data).environment | {"PATH": path},
        capture_output=True,
        text=True,
        check=False,
    )


def test_somebody_is_erased_as_the_page_says(cli: CommandLine) -> None:
    """First it says what would go, then it does it."""
    first, _, second = example("erase", PAGE).partition("\n")

    asked = run(cli, first)
    done = run(cli, second)

    assert (asked.returncode, "would erase" in asked.stdout) == (1, True)
    assert (done.returncode, "erased U" in done.stdout) == (0, True), done.stderr
    assert "nobody has the address" in str(cli.run("user", "show", "ada@example.org").exception)


def test_somebody_gets_a_copy_as_the_page_says(cli: CommandLine) -> None:
    """The file is where it was said."""
    done = run(cli, example("export", PAGE))

    assert done.returncode == 0, done.stderr
    with ZipFile(cli.data.parent / "ada.zip") as archive:
        assert 2 == len(archive.namelist())


def test_two_become_one_as_the_page_says(cli: CommandLine) -> None:
    """The second has the photo of the first."""
    cli.json("user", "add", "ada.byron@example.org")

    done = run(cli, example("merge", PAGE))

    assert done.returncode == 0, done.stderr
    assert cli.json("user", "show", "ada.byron@example.org")["photo"]
