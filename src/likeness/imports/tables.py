"""Reads people from a CSV, whichever columns its header names, in any order. Pure.

Comma, semicolon or tab: the header says which, and so does a first line `sep=;` of Excel's.
"""

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass
from io import StringIO
from typing import Final

from likeness.errors import Mistake
from likeness.imports.headers import Header, read_header
from likeness.imports.records import RECORDS_MAX, Record, several, shown

_SEPARATORS: Final = ",;\t"
_SAID: Final = re.compile(r"sep=([,;\t])\r?\n", re.IGNORECASE)
_QUOTED: Final = re.compile(r'"[^"]*"')


@dataclass(frozen=True, slots=True)
class Line:
    """A row of a table, and what its column `photo` says: a path below the folder of the table."""

    record: Record
    photo: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """A table whose header is understood."""

    header: Header
    lines: tuple[Line, ...]


def read_table(text: str) -> Table:
    """The rows of a CSV; a row that cannot be understood has a fault.

    Raises Mistake where the header names nobody, where a column is there twice, where quotes are
    not closed, and for more than `RECORDS_MAX` rows.
    """
    said = _SAID.match(text)
    body = text[said.end() :] if said else text
    separator = said[1] if said else _sniffed(body)
    rows = _rows(body, separator, lines_before=1 if said else 0)
    _, first = next(rows, (0, []))
    header = read_header(first)
    lines: list[Line] = []
    for number, cells in rows:
        if len(lines) == RECORDS_MAX:
            raise Mistake(f"the file has more than {RECORDS_MAX} rows; part it")
        lines.append(_line(number, header, cells))
    return Table(header, tuple(lines))


def _sniffed(text: str) -> str:
    """The separator that the first line has most of, outside of quotes."""
    first = _QUOTED.sub("", text.lstrip("\r\n").partition("\n")[0])
    return max(_SEPARATORS, key=first.count)


def _rows(text: str, separator: str, lines_before: int) -> Iterator[tuple[int, list[str]]]:
    """Rows that are not empty, each with the number of its last line."""
    reader = csv.reader(StringIO(text, newline=""), delimiter=separator, strict=True)
    try:
        for cells in reader:
            if any(map(str.strip, cells)):
                yield reader.line_num + lines_before, cells
    except csv.Error as error:
        line = reader.line_num + lines_before
        raise Mistake(f"line {line} of the file is no CSV: {error}") from error


def _line(number: int, header: Header, cells: list[str]) -> Line:
    email, external_id, user_name, also, name, photo = (
        header.cell(cells, each) for each in ("email", "id", "username", "also", "name", "photo")
    )
    key = shown(email or external_id or user_name or f"line {number}")
    if any(map(str.strip, cells[header.width :])):
        # A separator that nobody quoted: all that is after it may be in the wrong column.
        fault = f"the row has {len(cells)} cells, and the header names {header.width}"
        return Line(Record(number, key, fault=fault))
    if not (email or external_id or user_name):
        return Line(Record(number, key, fault="the row does not say who it is about"))
    return Line(Record(number, key, email, several(also), external_id, user_name, name), photo)
