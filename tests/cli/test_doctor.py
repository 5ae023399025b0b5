"""The verb that says whether an installation can work."""

from contextlib import suppress
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


@pytest.mark.parametrize("is_writable", [True, False])
def test_a_store_is_tried_and_left_as_it_was(tmp_path: Path, is_writable: bool) -> None:
    """It must take, give back, list and forget."""
    with small_disk(tmp_path / "disk", 2**20) as disk:
        if not is_writable:
            with suppress(OSError), (disk / "filler").open("wb", buffering=0) as filler:
                while filler.write(bytes(4096)):
                    pass
        settings = {"LIKENESS_BLOBS": (disk / "photos").as_uri()}
        result = CommandLine(tmp_path / "data").run("doctor", settings=settings)
        left = [path for path in (disk / "photos").rglob("*") if path.is_file()]

    line = next(line for line in result.stdout.splitlines() if "photo store" in line)
    assert line[:3] == ("ok " if is_writable else "BAD")
    assert left == []


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
