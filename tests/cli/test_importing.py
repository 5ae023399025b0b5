"""How the rows of an import are told."""

import json
from pathlib import Path

import pytest
import typer

from likeness.cli.importing import (
    EXIT_SOME_FAILED,
    FAILED_SHOWN,
    leave,
    line_of,
    reported,
    summary,
)
from likeness.imports.outcomes import Outcome, Row

FAILED = Row(2, "b.jpg", None, Outcome.UNKNOWN, "nobody")
DONE = Row(1, "a.jpg", "a@x.org", Outcome.NEW)


def test_a_row_is_a_line_with_its_reason() -> None:
    """If it has one."""
    assert line_of(DONE) == "  1  a.jpg: new"
    assert line_of(FAILED) == "  2  b.jpg: unknown person: nobody"


def test_a_summary_has_counts_remarks_and_the_first_that_failed() -> None:
    """And says where the others are."""
    lines = summary([DONE, *[FAILED] * (FAILED_SHOWN + 3)], ["a remark"])

    assert lines[:3] == [f"{FAILED_SHOWN + 4} rows", "        1  new", "       23  unknown person"]
    assert lines[3:5] == ["a remark", "what failed:"]
    assert lines.count(line_of(FAILED)) == FAILED_SHOWN
    assert lines[-1] == "  and 3 more, which --report FILE.jsonl has"


def test_the_exit_code_says_whether_somebody_has_to_do_something() -> None:
    """Nothing is wrong where all is well."""
    leave([DONE])

    with pytest.raises(typer.Exit) as left:
        leave([DONE, FAILED])
    assert left.value.exit_code == EXIT_SOME_FAILED


def test_a_report_has_what_was_told(tmp_path: Path) -> None:
    """A line of JSON each; without a file it is only remembered."""
    path = tmp_path / "report.jsonl"

    with reported("photos", path, as_json=True) as told:
        told(DONE)
        told(FAILED)
    with reported("photos", None, as_json=True) as untold:
        untold(DONE)

    rows = [json.loads(line) for line in path.read_text().splitlines()]
    assert rows == [DONE.document(), FAILED.document()]
    assert (told.rows, untold.rows) == ([DONE, FAILED], [DONE])
