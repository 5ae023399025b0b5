"""`likeness check`, in words and as a document."""

from pathlib import Path

import pytest

from likeness.cli.checking import _lines
from likeness.upkeep.checking import FINDINGS_SHOWN, CheckReport, Finding, Kind
from support.commands import CommandLine, over_copy, with_ada
from support.pictures import jpeg


@pytest.fixture
def cli(tmp_path: Path) -> CommandLine:
    """A command line over an installation with a person and a photo."""
    line = over_copy(with_ada, tmp_path / "data")
    (tmp_path / "me.jpg").write_bytes(jpeg(900, 700))
    line.json("photo", "set", "ada@example.org", str(tmp_path / "me.jpg"))
    return line


def files(cli: CommandLine, pattern: str) -> list[Path]:
    """Files of the store."""
    return list((cli.data / "blobs").rglob(pattern))


def test_an_installation_that_is_right(cli: CommandLine) -> None:
    """Exit code 0; what was looked at is told."""
    assert "looked at 8 files, 1 photos: all is right" in cli.run("check").output
    assert "read 8 files" in cli.run("check", "--deep").output
    document = cli.json("check", "--deep")
    assert (document["ok"], document["deep"], document["findings"]) == (True, True, [])


def test_what_is_wrong_is_told_and_repaired(cli: CommandLine) -> None:
    """Exit code 1 until it is right."""
    files(cli, "*_48.jpg")[0].unlink()

    wrong, repaired = cli.run("check"), cli.run("check", "--repair")

    assert (wrong.exit_code, repaired.exit_code) == (1, 0)
    assert "(current) of ada@example.org: can be repaired\n  avatars/" in wrong.output
    assert "`likeness check --repair` makes it right" in wrong.output
    assert "missing or broken: 1, 1 of them can be repaired by --repair" in wrong.output
    assert "missing or broken: 1, 1 of them repaired" in repaired.output
    assert cli.json("check")["ok"]


def test_what_cannot_be_repaired_is_a_failure(cli: CommandLine) -> None:
    """What to do is said."""
    files(cli, "*_original.jpg")[0].unlink()

    run = cli.run("check", "--repair")

    assert run.exit_code == 1
    assert "CANNOT be repaired" in run.output
    assert "restore these files from a backup" in run.output
    assert "not all is right" in run.output


def test_a_long_list_ends_with_how_many_more_there_are() -> None:
    """In words; the counts are of all."""
    report = CheckReport(is_deep=False)
    for number in range(FINDINGS_SHOWN + 5):
        report.add(Finding(Kind.ORPHANS, str(number), ()))

    assert "and 5 more" in _lines(report, repairs=False)
