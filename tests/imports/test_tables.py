"""A CSV of people: its header decides."""

import csv
import io
from contextlib import suppress
from unittest.mock import patch

import pytest
from hypothesis import given
from hypothesis import strategies as st

from likeness.errors import Mistake
from likeness.imports import tables
from likeness.imports.headers import COLUMNS
from likeness.imports.tables import read_table

HEADER = "email,name,id,username,also,photo\n"
CELL = st.text(st.characters(exclude_categories=["Cs"]), max_size=12).map(str.strip)


def test_a_row_is_read_by_the_names_of_columns() -> None:
    """In any order, in any case."""
    [line] = read_table(
        "Photo,USERNAME, Id ,Also,Name,Email\n1.jpg,ada,7,b@x.org,Ada,a@x.org"
    ).lines
    record = line.record

    assert line.photo == "1.jpg"
    assert (record.email, record.also, record.name) == ("a@x.org", ("b@x.org",), "Ada")
    assert (record.external_id, record.user_name, record.key) == ("7", "ada", "a@x.org")


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@given(rows=st.lists(st.tuples(*[CELL] * len(COLUMNS)), max_size=5))
def test_what_a_program_writes_is_read(separator: str, rows: list[tuple[str, ...]]) -> None:
    """Quotes, line ends within cells and all; the separator is sniffed."""
    file = io.StringIO(newline="")
    csv.writer(file, delimiter=separator).writerows([COLUMNS, *rows])

    lines = read_table(file.getvalue()).lines

    whole = [line for line in lines if not line.record.fault]
    sent = [row for row in rows if any((row[0], row[2], row[3]))]
    assert [(line.record.email, line.record.name, line.photo) for line in whole] == [
        (row[0], row[1], row[5]) for row in sent
    ]


@given(st.text())
def test_any_text_is_a_table_or_a_mistake(text: str) -> None:
    """Nothing else is raised."""
    for header in ("", HEADER):
        with suppress(Mistake):
            read_table(header + text)


def test_excels_own_first_line_says_the_separator() -> None:
    """Lines are counted with it."""
    [line] = read_table('sep=;\r\nemail;name\r\na@x.org;"Lovelace, Ada"\r\n').lines

    assert (line.record.number, line.record.name) == (3, "Lovelace, Ada")


def test_a_separator_within_quotes_of_the_header_is_none() -> None:
    """It is part of a name."""
    assert read_table('"a,b,c";email\n1;a@x.org').lines[0].record.email == "a@x.org"


def test_a_row_of_too_many_cells_has_a_fault() -> None:
    """Whatever comes after a separator that nobody quoted may be in the wrong column."""
    [bad, good] = read_table("name,email\nLovelace, Ada,a@x.org\nBob,b@x.org,,\n").lines

    assert bad.record.fault == "the row has 3 cells, and the header names 2"
    assert good.record.email == "b@x.org"


def test_a_row_about_nobody_has_a_fault_and_an_empty_one_is_none() -> None:
    """It has only a name."""
    [line] = read_table("name,email\n , \nAda,\n").lines

    assert (line.record.key, line.record.number) == ("line 3", 3)
    assert "who it is about" in line.record.fault


def test_a_short_row_has_empty_cells() -> None:
    """As spreadsheets leave them out."""
    [line] = read_table("email,name,also\na@x.org\n").lines

    assert (line.record.name, line.record.also) == ("", ())


def test_quotes_that_stay_open_are_told_with_their_line() -> None:
    """All that follows would be one cell."""
    with pytest.raises(Mistake, match="line 3 of the file is no CSV"):
        read_table('email\n"a@x.org\nb@x.org')


def test_more_rows_than_the_bound_are_refused() -> None:
    """It is named."""
    with patch.object(tables, "RECORDS_MAX", 2), pytest.raises(Mistake, match="more than 2 rows"):
        read_table("email\na\nb\nc\n")
