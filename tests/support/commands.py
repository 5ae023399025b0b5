"""The command line, run in this process on a data folder of its own."""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
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
        with patch.dict(os.environ, variables, clear=True), shared_zygote():
            return CliRunner().invoke(app, list(words), input=stdin, prog_name="likeness")

    def json(self, *words: str) -> Any:
        """Run one verb with `--json` and read the one document that it prints."""
        result = self.run(*words, "--json")
        assert result.exit_code == 0, (result.output, result.exception)
        return json.loads(result.stdout)
