"""The page about troubles: its commands run, and what it quotes is what the program says."""

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest

from support.commands import CommandLine
from support.docs import ROOT, blocks, page

PAGE: Final = "docs/troubleshooting.md"
OF_OTHERS: Final = {"likeness: not found", "127.0.0.1", "413"}
"""Quoted too, and said by a shell, a browser or a proxy."""


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An installation with Ada, who has a token."""
    line = CommandLine(tmp_path_factory.mktemp("here") / "data")
    line.json("workspace", "add", "Acme")
    line.json("user", "add", "ada@example.org")
    line.json("token", "issue", "ada@example.org")
    return line.data


@pytest.mark.parametrize("script", blocks("sh", PAGE))
def test_the_commands_run(script: str, data: Path) -> None:
    """On an installation that is well, each of them says so."""
    inherited = {name: value for name, value in os.environ.items() if name[:9] != "LIKENESS_"}
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    run = subprocess.run(
        ["bash", "-euc", script.replace("/var/lib/likeness", str(data))],
        env=inherited | {"LIKENESS_DATA": str(data), "PATH": path},
        capture_output=True,
        text=True,
        check=False,
    )

    assert run.returncode == 0, run.stdout + run.stderr
    assert run.stdout


def test_what_is_quoted_is_said_by_the_program() -> None:
    """Else nobody finds it by what they see."""
    source = "".join(path.read_text() for path in (ROOT / "src/likeness").rglob("*.py"))
    said = re.sub(r'"\s*\n\s*f?"', "", source)
    headings = re.findall(r"^### (.*)$", page(PAGE), re.MULTILINE)
    quoted = {text for heading in headings for text in re.findall(r"`(.*?)`", heading)}

    assert len(quoted) > 8
    assert {text for text in quoted - OF_OTHERS if text not in said} == set()
