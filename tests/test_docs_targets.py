"""The commands of docs/targets.md are run as they stand, with receivers that run."""

import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

import pytest

from support.commands import CommandLine, over_copy, with_ada_and_bob
from support.docs import example, page
from support.pictures import jpeg
from support.webhook_server import Told, webhook_server

TARGETS: Final = "docs/targets.md"
BLOCKS: Final = ["add", "slack", "look", "mend", "end"]
PROGRAMS: Final = ["synapse", "ldap", "likeness", "keycloak"]
"""Those of programs that keep copies; `tests/contract/test_targets_page.py` runs them."""

Shell = Callable[[str], str]


@pytest.fixture
def told() -> Iterator[Told]:
    """The receiver of the page, and its app."""
    with webhook_server() as running:
        yield running


@pytest.fixture
def shell(tmp_path: Path, told: Told) -> Shell:
    """Runs a block of the page in an installation where Ada has a photo."""
    line: CommandLine = over_copy(with_ada_and_bob, tmp_path / "likeness-data")
    (tmp_path / "ada.jpg").write_bytes(jpeg(600, 600))
    line.json("photo", "set", "ada@example.org", str(tmp_path / "ada.jpg"))

    def run(mark: str) -> str:
        path = [str(Path(sys.executable).parent), os.environ["PATH"]]
        inherited = {key: value for key, value in os.environ.items() if key[:9] != "LIKENESS_"}
        own = {
            "PATH": os.pathsep.join(path),
            "LIKENESS_DATA": str(line.data),
            "LIKENESS_TARGET_NETWORKS": "127.0.0.0/8",
            "RECEIVER": told.url,
            "APP": told.url,
        }
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", example(mark, TARGETS)],
            cwd=tmp_path,
            env=inherited | own,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, (done.stdout, done.stderr)
        return done.stdout

    return run


def test_a_target_lives_and_ends_by_the_commands_of_the_page(shell: Shell, told: Told) -> None:
    """In the order of the page."""
    printed = {mark: shell(mark) for mark in BLOCKS}

    assert "whsec_" in printed["add"]
    assert "intranet  webhook  0        1" in printed["add"]
    assert "with the challenge" in printed["slack"]
    assert re.search("ada@example.org +due", printed["look"])
    assert "target intranet: 200 ok" in printed["look"]
    assert "intranet goes on" in printed["mend"]
    assert "removed intranet" in printed["end"]
    assert told.ids


def test_every_command_of_the_page_is_run() -> None:
    marks = [*BLOCKS[:2], *PROGRAMS, *BLOCKS[2:]]
    assert re.findall(r"<!-- (\w+) -->", page(TARGETS)) == marks
    assert page(TARGETS).count("```sh") == len(marks)
