"""What tests of several verbs begin with."""

from pathlib import Path

import pytest

from support.commands import CommandLine, over_copy, with_ada


@pytest.fixture
def cli(tmp_path: Path) -> CommandLine:
    """A command line over an installation with one workspace and one person."""
    return over_copy(with_ada, tmp_path)
