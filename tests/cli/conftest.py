"""What tests of several verbs begin with."""

from pathlib import Path

import pytest

from support.commands import CommandLine


@pytest.fixture
def cli(tmp_path: Path) -> CommandLine:
    """A command line over an installation with one workspace and one person."""
    line = CommandLine(tmp_path)
    line.json("workspace", "add", "Acme")
    line.json("user", "add", "ada@example.org", "--workspace", "Acme", "--name", "Ada L.")
    return line
