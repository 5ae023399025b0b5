"""What became of rows as a table for spreadsheets, and the part of it that a page shows. Pure."""

import csv
import io
import json
from collections.abc import Sequence
from dataclasses import fields
from typing import Any, Final

from likeness.imports.outcomes import FAILED, Row

SHOWN_MAX: Final = 200
"""Rows that a page shows, those first that somebody has to do something about."""

_COLUMNS: Final = [field.name for field in fields(Row)]
_FORMULAS: Final = ("=", "+", "-", "@", "\t", "\r")
"""What spreadsheets take for a formula at the beginning of a cell."""


def harmless(cell: object) -> str:
    """A cell that no spreadsheet takes for a formula.

    >>> harmless("=HYPERLINK(1)")
    "'=HYPERLINK(1)"
    """
    text = "" if cell is None else str(cell)
    return f"'{text}" if text.startswith(_FORMULAS) else text


def table(columns: Sequence[str], rows: Sequence[Sequence[object]]) -> bytes:
    """A CSV in UTF-8, whose cells are harmless."""
    written = io.StringIO()
    writer = csv.writer(written)
    writer.writerow(columns)
    writer.writerows([harmless(cell) for cell in row] for row in rows)
    return written.getvalue().encode()


def packed(rows: Sequence[Row]) -> bytes:
    """Rows for the store: the first line is a JSON list of those for the page, then all as CSV."""
    ordered = sorted(rows, key=lambda row: row.outcome not in FAILED)
    head = json.dumps([row.document() for row in ordered[:SHOWN_MAX]]).encode()
    everything = [[getattr(row, name) for name in _COLUMNS] for row in rows]
    return head + b"\n" + table(_COLUMNS, everything)


def shown(data: bytes) -> list[dict[str, Any]]:
    """The rows for a page, of a report from the store."""
    found: list[dict[str, Any]] = json.loads(data.partition(b"\n")[0])
    return found


def as_csv(data: bytes) -> bytes:
    """All rows, of a report from the store."""
    return data.partition(b"\n")[2]
