"""The first line of a table, in our words and in those of other programs."""

from itertools import chain

import pytest
from hypothesis import given
from hypothesis import strategies as st

from likeness.errors import Mistake
from likeness.imports.headers import COLUMNS, WORDS, read_header


def test_columns_are_found_by_our_names_in_any_case() -> None:
    """Wherever they are."""
    header = read_header(["Photo", " ID ", "eMail"])

    assert header.places == {"email": 2, "id": 1, "photo": 0}
    assert (header.read_as, header.ignored) == ((), ())
    assert [header.cell(["a.png", "7"], each) for each in ("photo", "id", "email")] == [
        *("a.png", "7", ""),
    ]


def test_unknown_columns_are_named() -> None:
    """They may be a slip of the pen."""
    header = read_header(["email", "floor", "", "department"])

    assert header.ignored == ("floor", "department")
    assert header.places == {"email": 0}


EXPORTS = {
    "Google Workspace": (
        "First Name [Required],Last Name [Required],Email Address [Required],Employee ID",
        {"email": "ada@x.org", "name": "Ada Lovelace", "id": "7"},
        "Ada,Lovelace,ada@x.org,7",
    ),
    "Microsoft 365": (
        "User principal name,Display name,Object Id,Department",
        {"email": "ada@x.org", "name": "Ada Lovelace", "id": "7"},
        "ada@x.org,Ada Lovelace,7,IT",
    ),
    "Slack": (
        "username,email,status,userid,fullname,displayname",
        {"email": "ada@x.org", "name": "Ada Lovelace", "id": "U7", "username": "ada"},
        "ada,ada@x.org,Member,U7,Ada Lovelace,Ada",
    ),
    "a personnel department": (
        "Employee #,First Name,Last Name,Work Email",
        {"email": "ada@x.org", "name": "Ada Lovelace", "id": "7"},
        "7,Ada,Lovelace,ada@x.org",
    ),
    "one in German": (
        "Personalnummer,Vorname,Nachname,E-Mail",
        {"email": "ada@x.org", "name": "Ada Lovelace", "id": "7"},
        "7,Ada,Lovelace,ada@x.org",
    ),
}


@pytest.mark.parametrize("program", EXPORTS)
def test_an_export_is_read_as_it_is(program: str) -> None:
    """Nobody has to rename its columns."""
    line, expected, row = EXPORTS[program]

    header = read_header(line.split(","))

    found = {each: header.cell(row.split(","), each) for each in COLUMNS}
    assert {column: cell for column, cell in found.items() if cell} == expected


def test_what_was_made_of_other_words_is_told() -> None:
    """So that a wrong guess is seen in the plan."""
    header = read_header(["Work Email", "First Name", "Surname", "Mail"])

    assert header.read_as == (("email", "Mail"), ("name", "First Name"), ("name", "Surname"))
    assert header.ignored == ("Work Email",)


def test_our_own_word_counts_before_all_others() -> None:
    """And a whole name before its parts."""
    header = read_header(["E-Mail", "email", "First name", "name"])

    assert header.places == {"email": 1, "name": 3}
    assert header.ignored == ("E-Mail", "First name")


def test_half_a_name_is_a_name() -> None:
    """Some people have one."""
    assert read_header(["email", "last name"]).cell(["a@x.org", "Plato"], "name") == "Plato"


@pytest.mark.parametrize("cells", [[], ["", " "], ["name", "photo"], ["a@x.org"]])
def test_a_header_that_names_nobody_is_refused(cells: list[str]) -> None:
    """With what there may be."""
    with pytest.raises(Mistake, match="email, id or username among them; it has: "):
        read_header(cells)


def test_a_header_in_words_that_nobody_knows_is_shown_as_it_stands() -> None:
    """So that its columns are found in the file and renamed."""
    with pytest.raises(Mistake, match="it has: Kontakt, Abteilung; there may be: email, name"):
        read_header(["Kontakt", "Abteilung"])


@pytest.mark.parametrize("cells", [["email", "Email"], ["E-Mail", "e mail"], ["Mail", "MAIL"]])
def test_a_column_that_is_there_twice_is_refused(cells: list[str]) -> None:
    """Nobody knows which one counts."""
    with pytest.raises(Mistake, match="the column email is there twice"):
        read_header(cells)


def test_a_word_means_one_column() -> None:
    """Else one column of a table would be two of ours."""
    words = [*COLUMNS, *chain.from_iterable(WORDS.values())]

    assert len(words) == len(set(words))


@given(st.lists(st.text()))
def test_any_line_is_a_header_or_a_mistake(cells: list[str]) -> None:
    """And each of its columns is one of ours, or named as unused."""
    try:
        header = read_header(cells)
    except Mistake:
        return
    used = {*header.places.values(), *header.parts}
    empty = [each for each in cells if not each.strip()]
    assert len(used) + len(header.ignored) + len(empty) == len(cells)
