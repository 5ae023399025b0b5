"""What `user import` and `photo import` share: their options, and the report of each row."""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final, TextIO

import typer

from likeness.imports.outcomes import FAILED, Row, counted

if TYPE_CHECKING:
    from likeness.cli.progress import Bar

EXIT_SOME_FAILED: Final = 3
"""The exit code where all that could be done was done, and some rows need somebody's hand."""

PLANNED: Final = "this was the plan, and nothing was changed; do it with --apply"
"""The last line of what was not applied."""

FAILED_SHOWN: Final = 20
"""Rows, or entries of a directory, that are named at the end; a report or --json has all."""

Report = Annotated[
    Path | None,
    typer.Option(metavar="FILE.jsonl", help="Write what becomes of each row, a line of JSON each."),
]
Apply = Annotated[bool, typer.Option("--apply", help="Do it; else only say what would be done.")]


@dataclass
class Told:
    """The rows reported so far, and the file that they are written to as well."""

    bar: "Bar"
    report: TextIO | None = None
    rows: list[Row] = field(default_factory=list)

    def __call__(self, row: Row) -> None:
        """Take note of a row."""
        self.rows.append(row)
        self.bar.advance(1)
        if self.report is not None:
            self.report.write(json.dumps(row.document(), ensure_ascii=False) + "\n")
        if row.outcome in FAILED:
            self.bar.say(line_of(row))


@contextmanager
def reported(label: str, path: Path | None, *, as_json: bool) -> Iterator[Told]:
    """A bar, and a report where one is wanted, while the block runs."""
    # It takes as long to import as half of a verb, and other verbs of people need it not.
    from likeness.cli.progress import bar  # noqa: PLC0415 - see above

    with bar(label, as_json=as_json, in_lines=True) as progress:
        if path is None:
            yield Told(progress)
            return
        with path.open("w", encoding="utf-8") as file:
            yield Told(progress, file)


def line_of(row: Row) -> str:
    """A row for people."""
    return f"  {row.row}  {row.key}: {row.outcome}{f': {row.reason}' if row.reason else ''}"


def summary(rows: Sequence[Row], notes: Sequence[str]) -> list[str]:
    """An import for people: counts, remarks, and the first rows that failed."""
    counts = [f"{count:>9}  {outcome}" for outcome, count in counted(rows).items()]
    failed = [line_of(row) for row in rows if row.outcome in FAILED]
    more = len(failed) - FAILED_SHOWN
    named = [
        *(["what failed:"] if failed else []),
        *failed[:FAILED_SHOWN],
        *([f"  and {more} more, which --report FILE.jsonl has"] if more > 0 else []),
    ]
    return [f"{len(rows)} rows", *counts, *notes, *named]


def told_of(rows: Sequence[Row]) -> dict[str, Any]:
    """What an import did or would do, for programs: counts, and the rows that failed."""
    return {
        "rows": len(rows),
        "counts": counted(rows),
        "failed": [row.document() for row in rows if row.outcome in FAILED],
    }


def leave(rows: Sequence[Row]) -> None:
    """End with the exit code that says whether somebody has to do something."""
    if any(row.outcome in FAILED for row in rows):
        raise typer.Exit(EXIT_SOME_FAILED)
