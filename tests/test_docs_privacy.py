"""The commands for people's rights, as the page for administrators has them."""

import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from zipfile import ZipFile

import pytest

from likeness.config import load
from likeness.model import Source
from likeness.precedence import Offer, Standing, judge
from support.commands import CommandLine, over_copy, with_ada_and_bob
from support.docs import example
from support.live import LiveServer
from support.pictures import jpeg

PAGE = "docs/privacy.md"


@pytest.fixture
def cli(tmp_path: Path) -> CommandLine:
    """Ada with a photo, and Bob."""
    return over_copy(_pictured, tmp_path / "data")


def _pictured(line: CommandLine) -> None:
    with_ada_and_bob(line)
    picture = line.data.with_name("me.jpg")
    picture.write_bytes(jpeg(600, 600))
    line.json("photo", "set", "ada@example.org", str(picture))


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


def test_what_would_end_of_leavers_is_said_as_on_the_page(cli: CommandLine) -> None:
    """By the setting that the page shows; nothing ends by asking."""
    name, _, span = example("leavers", PAGE).strip().partition("=")
    assert load({name: span}).keep_leavers == timedelta(days=90)
    assert f"{name}={span} " in example("leavers-first", PAGE)
    cli.json("user", "deactivate", "ada@example.org")

    now = run(cli, example("leavers-first", PAGE))
    at_once = run(cli, example("leavers-first", PAGE).replace(span, "0s"))

    assert "would remove 0 photos" in now.stdout, now.stderr
    assert "would remove 1 photos" in at_once.stdout, at_once.stderr
    assert cli.json("user", "show", "ada@example.org")["photo"]


def test_an_objection_outlives_an_import(cli: CommandLine) -> None:
    """Nothing is shown by hash, and the person counts as one who chose to have no photo."""
    done = run(cli, example("objection", PAGE))

    shown = cli.json("user", "show", "ada@example.org")
    assert done.returncode == 0, done.stderr
    assert (shown["photo"], shown["is_listed"]) == (None, False)
    offered = Offer(Source.IMPORT)
    assert judge(Standing(has_photo=False, source=Source(shown["photo_source"])), offered)
