"""What became of rows, for pages and spreadsheets."""

import csv
import io

import pytest

from likeness.imports.outcomes import Outcome, Row
from likeness.imports.reports import SHOWN_MAX, as_csv, harmless, packed, shown


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_no_cell_is_a_formula(start: str) -> None:
    """By whatever a spreadsheet takes for one."""
    assert harmless(f"{start}1") == f"'{start}1"
    assert (harmless("1=1"), harmless(None), harmless(4)) == ("1=1", "", "4")


def test_a_page_shows_those_first_that_failed() -> None:
    """And not too many; the table has all, in their order."""
    rows = [Row(number, "a,b\n", None, Outcome.NEW) for number in range(SHOWN_MAX + 5)]
    rows.append(Row(999, "=1", "x@example.org", Outcome.UNREADABLE, "it is none", bytes=4))
    data = packed(rows)

    assert len(shown(data)) == SHOWN_MAX
    assert shown(data)[0]["row"] == 999
    told = list(csv.DictReader(io.StringIO(as_csv(data).decode())))
    assert [int(row["row"]) for row in told] == [row.row for row in rows]
    assert told[-1]["key"] == "'=1"
    assert (told[-1]["bytes"], told[-1]["photo"]) == ("4", "")
