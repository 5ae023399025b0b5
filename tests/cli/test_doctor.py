"""The verb that says whether an installation can work."""

from pathlib import Path

import pytest

from support.commands import CommandLine
from support.disks import small_disk


def test_a_healthy_installation_is_called_healthy(tmp_path: Path) -> None:
    """Eight things are looked at; on this machine the sandbox is complete."""
    line = CommandLine(tmp_path / "data")
    line.json("workspace", "add", "Acme")

    findings = line.json("doctor")

    assert [finding["name"] for finding in findings] == [
        "public address",
        "data folder",
        "secret key",
        "database",
        "clock",
        "photo store",
        "picture processes",
        "sandbox",
    ]
    assert {(True, "ok")} == {(each["is_well"], each["level"]) for each in findings}, findings
    assert findings[3]["detail"].endswith(", 1 workspaces")
    assert findings[-1]["detail"].startswith("full: ")


def test_an_installation_without_room_is_sick(tmp_path: Path) -> None:
    """Everything else is looked at all the same, and the exit code tells scripts."""
    with small_disk(tmp_path / "disk", 64 * 2**20) as disk:
        disk.chmod(0o700)
        CommandLine(disk).json("migrate")
        result = CommandLine(disk).run("doctor")

    lines = result.stdout.splitlines()
    assert result.exit_code == 1
    assert [line[:4] for line in lines] == ["ok  ", "BAD ", *["ok  "] * 6]
    assert "are a sensible minimum" in lines[1]


def test_a_warning_leaves_the_exit_code_alone(tmp_path: Path) -> None:
    """As before the first start, when there is nothing yet; and nothing is made by looking."""
    result = CommandLine(tmp_path / "data").run("doctor")

    warned = [line for line in result.stdout.splitlines() if line.startswith("warn")]
    assert result.exit_code == 0
    assert 4 == len(warned)
    assert all("the first start makes" in line for line in warned)
    assert [] == list(tmp_path.iterdir())


@pytest.mark.parametrize("sandbox", ["auto", "off"])
def test_who_goes_without_walls_knows_it(tmp_path: Path, sandbox: str) -> None:
    """`off` is a word of the operator's, so that it is a warning and no sickness."""
    line = CommandLine(tmp_path)
    line.json("migrate")

    result = line.run("doctor", settings={"LIKENESS_SANDBOX": sandbox})

    shown = result.stdout.splitlines()[-1]
    assert result.exit_code == 0
    assert shown.startswith("ok   sandbox: full" if sandbox == "auto" else "warn sandbox: none: ")
    assert ("as LIKENESS_SANDBOX=off says" in shown) is (sandbox == "off")
