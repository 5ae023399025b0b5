"""Who is meant by a row: the whole text, and never a guess."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from likeness.imports.file_names import record_of
from likeness.imports.matching import Match, Register
from likeness.imports.records import Picture, Record

REGISTER = Register(
    emails=[("ada@x.org", "U1"), ("lovelace@x.org", "U1"), ("bob@x.org", "U2")],
    ids=[("4711", "U1"), ("4712", "U2"), ("ada", "U2"), ("shared", "U1"), ("shared", "U2")],
    user_names=[("ada", "U1"), ("bob", "U2"), ("bob", "U3"), ("zoë", "U4"), ("4711", "U4")],
)


def named(stem: str, *matches: Match) -> set[str]:
    """Whom a file of that name means."""
    record = record_of(1, f"{stem}.jpg", Picture(lambda: b""))
    return set(REGISTER.find(record, matches or tuple(Match)))


@pytest.mark.parametrize(
    ("stem", "users"),
    [
        ("ADA@X.ORG", {"U1"}),
        ("lovelace@x.org", {"U1"}),
        ("4711", {"U1"}),
        ("ada", {"U2"}),
        ("Zoe\u0308", {"U4"}),
        ("bob", {"U2", "U3"}),
        ("shared", {"U1", "U2"}),
        ("ad", set()),
        ("ada@x.org (1)", set()),
        ("Ada Lovelace", set()),
        ("", set()),
    ],
)
def test_a_stem_is_an_address_then_an_id_then_a_user_name(stem: str, users: set[str]) -> None:
    """In any case, whole, and the first kind that fits anybody counts."""
    assert named(stem) == users


def test_people_can_be_found_by_one_kind_alone() -> None:
    """Where numbers of one system are names in another."""
    assert named("ada", Match.USERNAME) == {"U1"}
    assert named("4711", Match.USERNAME, Match.ID) == {"U4"}
    assert named("ada@x.org", Match.ID) == set()


def test_a_row_whose_addresses_lead_to_two_people_means_both() -> None:
    """So that it is told, and not guessed."""
    assert REGISTER.find(Record(1, "a", "ada@x.org", ("bob@x.org",))) == {"U1", "U2"}
    assert REGISTER.find(Record(1, "a", "ada@x.org", ("lovelace@x.org",))) == {"U1"}
    assert REGISTER.find(Record(1, "a", external_id="4712")) == {"U2"}


@given(st.text())
def test_any_text_means_somebody_or_nobody(text: str) -> None:
    """Nothing is raised, and what is only contained in a name is nobody's."""
    known = {"ada@x.org", "lovelace@x.org", "bob@x.org", "4711", "4712", "ada", "shared", "bob"}

    assert not REGISTER.find(Record(1, text, text, (), text, text)) or any(
        each == text.strip().casefold() for each in known | {"zoë"}
    )
