"""The verb `doctor`: checks whether this installation can work, and says what to mend."""

from dataclasses import asdict
from typing import Any, Final

import anyio
import typer

from likeness.cli.common import AsJson, Data, override, quiet, show
from likeness.cli.examining import examine
from likeness.cli.finding import Finding
from likeness.config import load

EXIT_SICK: Final = 1


def add_to(app: typer.Typer) -> None:
    """Hang this file's verb into the command line."""
    app.command("doctor")(doctor)


def doctor(*, data: Data = None, as_json: AsJson = False) -> None:
    """Look at settings, folder, database, store and picture processes. Exit code 1 if sick.

    It makes nothing and changes nothing, but for one object that it puts into the store and takes
    away again. What will not do although it works is a warning.
    """
    override(data=data)
    with quiet():
        findings = anyio.run(examine, load())
    lines = [f"{each.level:<4} {each.name}: {each.detail}" for each in findings]
    show([_document(each) for each in findings], "\n".join(lines), as_json=as_json)
    if not all(each.is_well for each in findings):
        raise typer.Exit(EXIT_SICK)


def _document(finding: Finding) -> dict[str, Any]:
    return asdict(finding) | {"is_well": finding.is_well}
