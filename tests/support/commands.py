"""The command line, run in this process on a data folder of its own."""

import atexit
import json
import os
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from unittest.mock import patch

from typer.testing import CliRunner, Result

from likeness.cli import app
from support.zygotes import shared_zygote


@dataclass(frozen=True)
class CommandLine:
    """`likeness ...` with its environment cleared of settings but the data folder and its own."""

    data: Path
    settings: Mapping[str, str] = field(default_factory=dict)

    def run(self, *words: str, stdin: str = "", settings: dict[str, str] | None = None) -> Result:
        """Run one verb; the result has its exit code, output and exception."""
        inherited = {key: value for key, value in os.environ.items() if key[:9] != "LIKENESS_"}
        own = {"LIKENESS_DATA": str(self.data), "COLUMNS": "200", **self.settings}
        variables = inherited | own | (settings or {})
        with patch.dict(os.environ, variables, clear=True), shared_zygote(), _as_urgent():
            return CliRunner().invoke(app, list(words), input=stdin, prog_name="likeness")

    def json(self, *words: str) -> Any:
        """Run one verb with `--json` and read the one document that it prints."""
        result = self.run(*words, "--json")
        assert result.exit_code == 0, (result.output, result.exception)
        return json.loads(result.stdout)


def over_copy(left_by: Callable[[CommandLine], object], data: Path) -> CommandLine:
    """A command line over a copy of what a function left, which is called once in this process."""
    shutil.copytree(_left(left_by), data, dirs_exist_ok=True)
    return CommandLine(data)


def with_ada(line: CommandLine) -> None:
    """Begin an installation with the workspace Acme and one person."""
    line.json("workspace", "add", "Acme")
    line.json("user", "add", "ada@example.org", "--name", "Ada L.")


def with_ada_and_bob(line: CommandLine) -> None:
    """The same with two."""
    with_ada(line)
    line.json("user", "add", "bob@example.org")


@cache
def _left(left_by: Callable[[CommandLine], object]) -> Path:
    folder = TemporaryDirectory()
    atexit.register(folder.cleanup)
    line = CommandLine(Path(folder.name) / "data")
    left_by(line)
    return line.data


@contextmanager
def _as_urgent() -> Iterator[None]:
    """Leave this process as urgent as it is: an import is less so, and would make all that follow.

    On a busy machine they would take several times as long.
    """
    with patch("os.setpriority"):
        yield
