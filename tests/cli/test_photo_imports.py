"""The verbs that bring photos in, and take them back."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from likeness.cli.importing import EXIT_SOME_FAILED, FAILED_SHOWN
from likeness.cli.photo_imports import NICENESS
from likeness.errors import Mistake
from support.commands import CommandLine, over_copy, with_ada_and_bob
from support.pictures import jpeg


@pytest.fixture
def cli(tmp_path: Path) -> CommandLine:
    """A command line over an installation with two people."""
    return over_copy(with_ada_and_bob, tmp_path / "data")


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    """A folder with the photos of both."""
    folder = tmp_path / "photos"
    folder.mkdir()
    (folder / "ada@example.org.jpg").write_bytes(jpeg(96, 96, 1))
    (folder / "bob.jpg").write_bytes(jpeg(96, 96, 2))
    return folder


def shown(cli: CommandLine, email: str) -> str | None:
    """The address of somebody's photo."""
    photo: str | None = cli.json("user", "show", email)["photo"]
    return photo


def test_a_plan_an_import_and_its_undoing(cli: CommandLine, photos: Path) -> None:
    """Each says what it did, for programs."""
    planned = cli.json("photo", "import", str(photos))
    assert shown(cli, "ada@example.org") is None
    done = cli.json("photo", "import", str(photos), "--apply")
    again = cli.json("photo", "import", str(photos), "--apply")
    [batch] = cli.json("photo", "imports")
    assert shown(cli, "ada@example.org")
    undone = cli.json("photo", "undo", batch["id"])

    assert (planned["applied"], planned["counts"], planned["batch"]) == (False, {"new": 2}, None)
    assert (done["applied"], done["counts"], done["batch"]) == (True, {"new": 2}, batch["id"])
    assert (again["counts"], again["batch"]) == ({"unchanged": 2}, None)
    assert undone == {"put_back": 2, "newer": 0, "already": 0, "gone": 0}
    assert shown(cli, "ada@example.org") is None


def test_people_read_what_happened_and_what_to_do_next(cli: CommandLine, photos: Path) -> None:
    """Counts, what failed, and the way on."""
    (photos / "nobody.jpg").write_bytes(jpeg(96, 96, 3))

    plan = cli.run("photo", "import", str(photos))
    done = cli.run("photo", "import", str(photos), "--apply")
    nothing = cli.run("photo", "import", str(photos), "--apply")
    batch = cli.json("photo", "imports")[0]["id"]
    listed = cli.run("photo", "imports")
    undone = cli.run("photo", "undo", batch)
    again = cli.run("photo", "undo", batch)

    assert plan.exit_code == done.exit_code == nothing.exit_code == EXIT_SOME_FAILED
    assert "2  new" in plan.stdout
    assert "3  nobody.jpg: unknown person: nobody has this address" in plan.stdout
    assert "do it with --apply" in plan.stdout
    assert f"take it back with `likeness photo undo {batch}`" in done.stdout
    assert "nothing was changed" in nothing.stdout
    assert f"{batch}  " in listed.stdout
    assert "2 new, 1 unknown person" in listed.stdout
    assert "put back 2" in undone.stdout
    assert "2 were taken back already" in again.stdout
    assert "(taken back)" in cli.run("photo", "imports").stdout


def test_a_report_has_a_line_for_each_row(cli: CommandLine, photos: Path, tmp_path: Path) -> None:
    """Of failures too, of which people see the first ones only."""
    for number in range(FAILED_SHOWN + 5):
        (photos / f"nobody-{number}.jpg").write_bytes(b"x")

    run = cli.run("photo", "import", str(photos), "--report", str(tmp_path / "report.jsonl"))

    lines = (tmp_path / "report.jsonl").read_text().splitlines()
    assert len(lines) == FAILED_SHOWN + 7
    assert json.loads(lines[0])["person"] == "ada@example.org"
    assert "and 5 more, which --report FILE.jsonl has" in run.stdout


def test_options_decide_whom_and_what(cli: CommandLine, photos: Path) -> None:
    """By what people are found, and which photos may be replaced."""
    (photos / "me.jpg").write_bytes(jpeg(512, 512, 7))
    cli.json("photo", "set", "ada@example.org", str(photos / "me.jpg"))
    (photos / "me.jpg").unlink()

    only = cli.run("photo", "import", str(photos), "--match", "email", "--json")
    kept = cli.json("photo", "import", str(photos))
    always = cli.json("photo", "import", str(photos), "--policy", "always", "--locked")

    assert json.loads(only.stdout)["counts"]["unknown person"] == 1
    assert kept["counts"] == {"new": 1, "kept because an administrator chose it": 1}
    assert always["counts"] == {"new": 1, "replaced": 1}


def test_columns_that_nobody_understands_are_named(cli: CommandLine, photos: Path) -> None:
    """A slip of the pen would leave everybody without a photo otherwise."""
    table = photos / "people.csv"
    table.write_text("email,floor\nada@example.org,ada@example.org.jpg\n")

    assert "columns that are not used: floor" in cli.run("photo", "import", str(table)).stdout
    assert cli.json("photo", "import", str(table))["counts"] == {"row without a photo": 1}


def test_what_is_no_import_is_a_mistake(cli: CommandLine, tmp_path: Path) -> None:
    """A path that is not there is wrong usage."""
    (tmp_path / "people.xlsx").touch()

    refused = cli.run("photo", "import", str(tmp_path / "people.xlsx"))

    assert isinstance(refused.exception, Mistake)
    assert cli.run("photo", "import", str(tmp_path / "none")).exit_code == 2
    assert isinstance(cli.run("photo", "undo", "nonsense").exception, Mistake)


def test_a_store_that_is_away_stops_it_with_the_way_on(cli: CommandLine, photos: Path) -> None:
    """Once it is back, the same command does the rest."""
    blobs = cli.data / "blobs"
    (blobs / "avatars").mkdir(parents=True, exist_ok=True)
    for path in (blobs / "avatars").iterdir():
        path.rmdir()
    (blobs / "avatars").rmdir()
    (blobs / "avatars").touch()

    stopped = cli.run("photo", "import", str(photos), "--apply")
    assert stopped.exit_code == 1
    (blobs / "avatars").unlink()

    assert cli.json("photo", "import", str(photos), "--apply")["counts"] == {"new": 2}
    assert "cut short; run the same import again" in cli.run("photo", "imports").stdout


def test_an_import_stands_back(tmp_path: Path) -> None:
    """So that a service beside it is quick; it never pushes itself forward."""
    program = (
        "import os; from likeness.cli.photo_imports import stand_back; os.nice({more});"
        "stand_back(); print(os.getpriority(os.PRIO_PROCESS, 0))"
    )
    now = os.getpriority(os.PRIO_PROCESS, 0)

    for more in (0, 19):
        run = subprocess.run(
            [sys.executable, "-c", program.format(more=more)],
            capture_output=True,
            text=True,
            check=True,
        )
        assert int(run.stdout) == max(min(now + more, 19), NICENESS)
