"""Every command of docs/people.md is run as it stands, in the order of the page."""

import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest

from likeness.cli.verbs import loaded
from likeness.model import Source
from likeness.people import REASON_LENGTH_MAX
from support.commands import CommandLine
from support.docs import blocks, page
from support.patience import PATIENCE_S

PAGE: Final = "docs/people.md"
ELSEWHERE: Final = {"bind", "erase", "export", "import", "merge", "unbind"}
"""Verbs about people that other pages have."""


def lines() -> list[str]:
    """The commands that are one line each."""
    return [line for block in blocks("sh", PAGE) if "|" not in block for line in block.splitlines()]


def test_every_command_of_the_page_does_what_it_says(tmp_path: Path) -> None:
    """One after the other, on an installation that begins with the first."""
    cli = CommandLine(tmp_path)
    said = {}

    for line in lines():
        program, *words = shlex.split(line)
        result = cli.run(*words)
        assert program == "likeness"
        assert result.exit_code == 0, (line, result.output, result.exception)
        said[line] = result.output

    assert "aerzte-ohne-grenzen" in said["likeness workspace list"]
    assert re.search("Ada Lovelace +no photo", said["likeness user list"])
    [taken] = [text for line, text in said.items() if "Grace Murray" in line]
    assert "grace.hopper@example.org was taken from" in taken
    assert "ask reception" in said["likeness log ada.king@example.org"]
    assert "@left.invalid" in cli.run("user", "list", "--left").output


@pytest.mark.slow
def test_everybody_without_a_photo_gets_a_link(tmp_path: Path) -> None:
    """By the lines of the page in a shell; programs get none."""
    if not shutil.which("jq"):
        pytest.skip("jq is not installed")
    cli = CommandLine(tmp_path)
    cli.json("workspace", "add", "Acme")
    for name in ("ada", "bob", "robot"):
        cli.json("user", "add", f"{name}@example.org", *(["--bot"] if name == "robot" else []))
    [script] = [block for block in blocks("sh", PAGE) if "|" in block]
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"

    run = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script],
        env=os.environ | {"PATH": path, "LIKENESS_DATA": str(tmp_path)},
        capture_output=True,
        text=True,
        check=True,
        timeout=PATIENCE_S,
    )

    for line, name in zip(run.stdout.splitlines(), ("ada", "bob"), strict=True):
        assert line.startswith(f"{name}@example.org http")
        assert "/sign-in?code=" in line


def test_the_page_has_every_verb_about_people() -> None:
    """One that is missing there is found by nobody who looks for it."""
    shown = {tuple(line.split()[1:3]) for line in lines()}
    for group in ("workspace", "user", "session", "log"):
        command = loaded(group)
        for verb in getattr(command, "commands", {"": command}):
            found = [words for words in shown if words[0] == group and verb in {"", words[-1]}]
            assert found or verb in ELSEWHERE, f"show `likeness {group} {verb}` in {PAGE}"


def test_the_page_names_the_bounds_and_sources_that_there_are() -> None:
    """As the program has them."""
    text = page(PAGE)
    assert f"{REASON_LENGTH_MAX} characters at most" in text
    assert set(re.findall(r"`(\w+)`", text)) >= set(Source)
