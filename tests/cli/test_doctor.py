"""The verb that says whether an installation can work."""

from pathlib import Path

import pytest

from likeness.app.health import sandbox_level
from likeness.imaging.sandbox import Layer
from support.commands import CommandLine
from support.disks import small_disk


def test_a_healthy_installation_is_called_healthy(tmp_path: Path) -> None:
    """Five things are looked at; on this machine the sandbox is complete."""
    findings = CommandLine(tmp_path / "data").json("doctor")

    assert [finding["name"] for finding in findings] == [
        "data folder",
        "database",
        "photo store",
        "picture processes",
        "sandbox",
    ]
    assert all(finding["is_well"] for finding in findings), findings
    assert findings[-1]["detail"].startswith("full: ")


def test_an_installation_without_room_is_sick(tmp_path: Path) -> None:
    """Everything else is looked at all the same, and the exit code tells scripts."""
    with small_disk(tmp_path / "disk", 64 * 2**20) as disk:
        result = CommandLine(disk).run("doctor")

    lines = result.stdout.splitlines()
    assert result.exit_code == 1
    assert [line[:3] for line in lines] == ["BAD", "ok ", "ok ", "ok ", "ok "]
    assert "are a sensible minimum" in lines[0]


@pytest.mark.parametrize(
    ("layers", "level"),
    [
        ([layer.value for layer in Layer], "full"),
        (["limits", "seccomp", "no_new_privs"], "partial"),
        (["limits", "landlock"], "weak"),
        (["limits"], "none"),
        ([], "none"),
    ],
)
def test_levels_of_the_sandbox(layers: list[str], level: str) -> None:
    """By what is missing."""
    assert sandbox_level(layers) == level
