"""An installation is upgraded, taken back and removed by the commands of the page."""

import os
import subprocess
from pathlib import Path
from typing import Final

import pytest

from likeness.version import VERSION
from support.docs import ROOT, example

PAGE: Final = "docs/upgrading.md"
DEPLOYING: Final = "docs/deploying.md"
NOT_HERE: Final = ("useradd", "userdel", "systemctl")
"""Programs for which this machine is no place."""


class Machine:
    """A folder in which the pages' folders are, and what `likeness` is there."""

    def __init__(self, root: Path) -> None:
        self.root: Final = root
        for folder in ("etc/systemd/system", "opt", "var/lib/likeness"):
            (root / folder).mkdir(parents=True)

    def run(self, mark: str, name: str = PAGE) -> str:
        """The commands of a block but those of systemd; gives what they print."""
        script = example(mark, name).replace("sudo ", "")
        for folder in ("/opt/", "/etc/", "/var/"):
            script = script.replace(f" {folder}", f" {self.root}{folder}")
        lines = [line for line in script.splitlines() if not line.startswith(NOT_HERE)]
        run = subprocess.run(
            ["bash", "-euc", "\n".join([f"likeness() {{ {self.program} $@; }}", *lines])],
            cwd=ROOT,
            env=os.environ | {"LIKENESS_DATA": str(self.root / "var/lib/likeness")},
            check=True,
            capture_output=True,
            text=True,
        )
        return run.stdout

    @property
    def program(self) -> Path:
        """The one that the unit starts."""
        return self.root / "opt/likeness/bin/likeness"


@pytest.mark.slow
def test_a_version_takes_the_place_of_another_and_gives_it_back(tmp_path: Path) -> None:
    """The program that is started changes, and what people have stays until the last command."""
    machine = Machine(tmp_path)
    opt = tmp_path / "opt"
    machine.run("systemd", DEPLOYING)
    first = machine.program.resolve()

    upgraded = machine.run("upgrade")
    second = machine.program.resolve()
    back = machine.run("back")

    assert [opt / "likeness-1", opt / "likeness-2"] == [each.parents[1] for each in (first, second)]
    assert upgraded.startswith(f"likeness {VERSION}\n")
    assert "ok   picture processes" in upgraded
    assert back == f"likeness {VERSION}\n"
    assert machine.program.resolve() == first

    (tmp_path / "var/lib/likeness/likeness.db").touch()
    machine.run("remove")
    assert not list(opt.iterdir())
    assert (tmp_path / "var/lib/likeness/likeness.db").exists()

    machine.run("remove-data")
    assert not list((tmp_path / "var/lib").iterdir())
    assert [tmp_path / "etc/systemd"] == list((tmp_path / "etc").iterdir())


def test_the_old_version_is_removed_when_the_new_one_runs(tmp_path: Path) -> None:
    """Without what the link points to."""
    machine = Machine(tmp_path)
    for number in (1, 2):
        (tmp_path / f"opt/likeness-{number}").mkdir()
    (tmp_path / "opt/likeness").symlink_to(tmp_path / "opt/likeness-2")

    machine.run("old")

    assert {"likeness", "likeness-2"} == {each.name for each in (tmp_path / "opt").iterdir()}
