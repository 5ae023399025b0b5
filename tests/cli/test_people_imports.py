"""The verb that brings people in."""

import json
from pathlib import Path

import pytest

from likeness.errors import Mistake
from support.commands import CommandLine, over_copy
from support.pictures import jpeg


@pytest.fixture
def cli(tmp_path: Path) -> CommandLine:
    """A command line over an installation with one person."""
    return over_copy(_one_person, tmp_path / "data")


def _one_person(line: CommandLine) -> None:
    line.json("workspace", "add", "Acme")
    line.json("user", "add", "ada@example.org")


@pytest.fixture
def table(tmp_path: Path) -> Path:
    """Two people, one of whom is there."""
    path = tmp_path / "people.csv"
    path.write_text("email;name;id;floor\nada@example.org;Ada;1;3\nzoe@example.org;Zoë;2;4\n")
    return path


def test_a_plan_and_then_the_same(cli: CommandLine, table: Path) -> None:
    """For programs."""
    planned = cli.json("user", "import", str(table))
    assert cli.json("user", "show", "ada@example.org")["real_name"] == "ada"
    done = cli.json("user", "import", str(table), "--apply")
    again = cli.json("user", "import", str(table), "--apply")

    assert (planned["applied"], done["applied"]) == (False, True)
    assert planned["counts"] == done["counts"] == {"new": 1, "updated": 1}
    assert again["counts"] == {"unchanged": 2}
    assert cli.json("user", "show", "zoe@example.org")["real_name"] == "Zoë"


def test_people_read_what_happened(cli: CommandLine, table: Path) -> None:
    """What is ignored, what failed, and what comes next."""
    table.write_text(table.read_text() + "nonsense;X;3;5\n")

    plan = cli.run("user", "import", str(table))
    done = cli.run("user", "import", str(table), "--apply")

    assert plan.exit_code == done.exit_code == 3
    assert "columns that are not used: floor" in plan.stdout
    assert "4  nonsense: unreadable" in plan.stdout
    assert "do it with --apply" in plan.stdout
    assert done.stdout.endswith("done\n")


def test_who_is_missing_is_told_before_they_leave(
    cli: CommandLine, table: Path, tmp_path: Path
) -> None:
    """In the report as well; a file that looks cut off needs --force."""
    rows = "".join(f"p{each}@example.org\n" for each in range(30))
    (tmp_path / "all.csv").write_text(f"email\nada@example.org\n{rows}")
    cli.json("user", "import", str(tmp_path / "all.csv"), "--apply")
    words = ["user", "import", str(table), "--deactivate-missing"]
    report = tmp_path / "report.jsonl"

    plan = cli.run(*words, "--report", str(report))
    refused = cli.run(*words, "--apply")
    done = cli.json(*words, "--apply", "--force")

    assert "without --force: 30 of 31 people are missing" in plan.stdout
    lines = [json.loads(line) for line in report.read_text().splitlines()]
    assert [line["outcome"] for line in lines] == ["updated", "new"] + ["deactivated"] * 30
    assert isinstance(refused.exception, Mistake)
    assert done["counts"] == {"new": 1, "updated": 1, "deactivated": 30}


def test_a_zip_has_photos_and_no_people(cli: CommandLine, tmp_path: Path) -> None:
    """The way to those is told."""
    (tmp_path / "photos.zip").touch()

    refused = cli.run("user", "import", str(tmp_path / "photos.zip"))

    assert isinstance(refused.exception, Mistake)
    assert "photo import" in str(refused.exception)


def test_photos_come_along_if_that_is_asked_for(cli: CommandLine, tmp_path: Path) -> None:
    """Also those of people who were not there before; they are a batch of their own."""
    table = tmp_path / "people.csv"
    table.write_text("email,photo\nada@example.org,\nzoe@example.org,zoe.jpg\nbob@example.org,no\n")
    (tmp_path / "zoe.jpg").write_bytes(jpeg(96, 96))

    plan = cli.json("user", "import", str(table), "--photos")
    done = cli.run("user", "import", str(table), "--photos", "--apply", "--json")
    again = cli.run("user", "import", str(table), "--photos", "--apply")

    photos = json.loads(done.stdout)["photos"]
    assert plan["photos"] is None
    assert (done.exit_code, again.exit_code) == (3, 3)
    assert photos["counts"] == {"new": 1, "row without a photo": 1, "unreadable": 1}
    assert photos["failed"][0]["reason"] == "there is no such file"
    assert cli.json("user", "show", "zoe@example.org")["photo"]
    assert "photos:\n3 rows\n        1  unchanged" in again.stdout
    assert cli.json("photo", "undo", photos["batch"])["put_back"] == 1
