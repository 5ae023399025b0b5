"""What a directory may say of somebody, and what it changes. Who that is, is another test's."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any, Final

import pytest

from likeness.entries import (
    DOCUMENT_BYTES_MAX,
    STAMP_LENGTH_MAX,
    Entry,
    NotEnrolled,
    Outcome,
    Why,
    check_owners,
    is_named,
    newcomer,
    outcome_of,
    read,
    renewed,
)
from likeness.identities import EMAILS_MAX, Identity
from support.rows import NOW, at, team, user

ENTRY: Final = Entry("scim", "7", "person-1", "Person 1", (user().email,), document="{}")
KNOWN: Final = Identity(team().id, "scim", "7", user().id, NOW, NOW, "person-1", document="{}")


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        (replace(ENTRY, external_id="x" * 256), "the id"),
        (replace(ENTRY, external_id="a\nb"), "the id"),
        (replace(ENTRY, user_name="x" * 321), "the user name"),
        (replace(ENTRY, emails=("a@b.example",) * (EMAILS_MAX + 1)), "51 e-mail addresses"),
        (replace(ENTRY, emails=("nonsense",)), "no e-mail address"),
        (replace(ENTRY, document="é" * (DOCUMENT_BYTES_MAX // 2 + 1)), "16386 bytes"),
        (replace(ENTRY, stamp="x" * (STAMP_LENGTH_MAX + 1)), "stamp"),
    ],
)
def test_what_cannot_be_kept_is_refused(changed: Entry, reason: str) -> None:
    """Each text has a bound."""
    with pytest.raises(NotEnrolled, match=reason) as told:
        read(changed)
    assert told.value.why is Why.UNREADABLE


def test_what_is_just_short_enough_is_kept() -> None:
    """An address that is said twice is one."""
    longest = replace(
        ENTRY,
        external_id="x" * 255,
        user_name="x" * 320,
        emails=("A@b.example",) * EMAILS_MAX,
        document="x" * DOCUMENT_BYTES_MAX,
        stamp="x" * STAMP_LENGTH_MAX,
    )

    assert read(longest) == {"a@b.example": "A@b.example"}


def test_addresses_have_to_be_the_persons_own() -> None:
    """Nobody's, or theirs; one of somebody else's comes with the owner."""
    check_owners({}, None)
    check_owners({}, user())
    check_owners({user().email: user()}, user())
    with pytest.raises(NotEnrolled, match=f"else here .{user(2).id}.$"):
        check_owners({user(2).email: user(2)}, user())
    with pytest.raises(NotEnrolled, match="who was deactivated"):
        check_owners({user(2).email: user(2, deleted_at=NOW)}, user())
    with pytest.raises(NotEnrolled, match=f"several people: {user().id}, {user(2).id}"):
        check_owners({each.email: each for each in (user(), user(2))}, None)


def test_somebody_new_has_what_is_said() -> None:
    """Or else the name of their mailbox, and an id of ours for the name that they lack."""
    emails = {"a@x.example": "A@x.example", "b@x.example": "b@x.example"}
    said = newcomer(team(), replace(ENTRY, user_name="Ada@x.example", is_active=False), emails, NOW)
    bare = newcomer(team(), Entry("scim", ""), emails, NOW)

    assert (said.user.name, said.user.real_name, said.user.email) == (
        "Ada",
        "Person 1",
        "a@x.example",
    )
    assert said.first
    assert [said.first.entered, *(each.email for each in said.further)] == [
        "A@x.example",
        "b@x.example",
    ]
    assert (said.is_new, said.is_active, outcome_of(said)) == (True, False, Outcome.ADDED)
    assert (said.identity.user_name, is_named(said.identity)) == ("ada@x.example", True)
    assert (bare.user.name, bare.user.real_name, bare.is_active) == ("a", "a", None)
    assert (bare.identity.user_name, is_named(bare.identity)) == (None, False)


def change(entry: Entry = ENTRY, known: Identity | None = KNOWN, **of_user: Any) -> Any:
    """What an entry changes of a person."""
    return renewed(entry, read(entry), user(**of_user), known, at(60))


@pytest.mark.parametrize(
    ("made", "outcome"),
    [
        (change, Outcome.UNCHANGED),
        (lambda: change(known=None), Outcome.UPDATED),
        (lambda: change(replace(ENTRY, user_name="", name="")), Outcome.UPDATED),
        (lambda: change(replace(ENTRY, emails=())), Outcome.UNCHANGED),
        (lambda: change(replace(ENTRY, document=None)), Outcome.UPDATED),
        (lambda: change(replace(ENTRY, stamp="2")), Outcome.UPDATED),
        (lambda: change(replace(ENTRY, name="Ada")), Outcome.UPDATED),
        (lambda: change(replace(ENTRY, emails=(*ENTRY.emails, "b@x.example"))), Outcome.UPDATED),
        (lambda: change(replace(ENTRY, emails=("b@x.example",))), Outcome.UPDATED),
        (lambda: change(replace(ENTRY, is_active=False)), Outcome.DEACTIVATED),
        (lambda: change(deleted_at=NOW), Outcome.REACTIVATED),
        (lambda: change(replace(ENTRY, is_active=False), deleted_at=NOW), Outcome.UNCHANGED),
    ],
)
def test_what_changes_has_a_name(made: Callable[[], Any], outcome: Outcome) -> None:
    """And what changes nothing is not written."""
    assert outcome_of(made()) is outcome


def test_a_new_first_address_leaves_the_short_name_to_the_directory() -> None:
    """Where it says none, the one that there is stays."""
    moved = change(replace(ENTRY, user_name="", emails=("b@x.example", user().email)))

    assert moved.first.email == "b@x.example"
    assert moved.name == user().name
    assert change(replace(ENTRY, user_name="ada")).name == "ada"
    assert change().name is None


def test_who_comes_back_is_offered_the_same_photo_again() -> None:
    """Photos of leavers end, and the bytes in the directory are those of before."""
    known = replace(KNOWN, photo_digest=bytes(32))

    assert change(known=known, deleted_at=NOW).identity.photo_digest is None
    assert change(known=known).identity.photo_digest == bytes(32)
