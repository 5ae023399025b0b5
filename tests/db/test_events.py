"""The log: it is there if and only if what it tells of is."""

import pytest

from likeness.db import Database
from likeness.db.events import note
from likeness.events import OPERATOR, Actor, Verb
from likeness.model import Source
from support.rows import at, photo, user

ADA, BOB = user(1), user(2)
PROVIDER = Actor("oidc", Source.PROVIDER, "192.0.2.0/24", "batch")


@pytest.fixture
def peopled(peopled: Database) -> Database:
    """The log is empty: that these people were added is told elsewhere."""
    peopled.forget_events(at(9))
    return peopled


def test_a_row_is_kept_as_it_was_added(peopled: Database) -> None:
    """Who, to whom, what, by which right, from where, with which import."""
    peopled.add_event(at(1), PROVIDER, ADA.id, Verb.IDENTITY_REFUSED, "another subject")

    [event] = peopled.events(limit=9)

    assert (event.at, event.actor, event.user_id) == (at(1), "oidc", ADA.id)
    assert (event.verb, event.source) == (Verb.IDENTITY_REFUSED, Source.PROVIDER)
    assert (event.origin, event.batch_id) == ("192.0.2.0/24", "batch")
    assert (event.photo_id, event.detail) == (None, "another subject")


def test_rows_are_found_by_person_workspace_and_batch(peopled: Database) -> None:
    """Newest first, page by page."""
    for second, actor, one in [(1, OPERATOR, ADA), (2, PROVIDER, BOB), (3, OPERATOR, BOB)]:
        peopled.add_event(at(second), actor, one.id, Verb.USER_HIDDEN)

    newest_first = peopled.events(limit=9)

    assert [event.at for event in newest_first] == [at(3), at(2), at(1)]
    assert peopled.events(limit=2) == newest_first[:2]
    assert peopled.events(limit=9, before_id=newest_first[1].id) == newest_first[2:]
    assert peopled.events(limit=9, user_id=BOB.id) == newest_first[:2]
    assert peopled.events(limit=9, batch_id="batch") == newest_first[1:2]
    assert peopled.events(limit=9, team_id=ADA.team_id) == newest_first
    assert peopled.events(limit=9, team_id="T") == []


def test_what_did_not_happen_is_not_in_it(peopled: Database) -> None:
    """The row goes with the transaction."""

    def fail() -> None:
        with peopled._write() as connection:
            note(connection, at(1), OPERATOR, ADA.id, Verb.USER_HIDDEN)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert peopled.events(limit=9) == []


def test_only_age_ends_a_row(peopled: Database) -> None:
    """Those of that very moment stay."""
    for second in (1, 2, 3):
        peopled.add_event(at(second), OPERATOR, ADA.id, Verb.USER_HIDDEN)

    assert peopled.forget_events(at(2)) == 1
    assert [event.at for event in peopled.events(limit=9)] == [at(3), at(2)]


def test_each_change_of_a_photo_is_in_it(peopled: Database) -> None:
    """With the photo that it was about."""
    first, second = photo(set_by="U0000000001"), photo(set_at=at(1), set_by="U0000000001")
    peopled.set_photo(first, "192.0.2.0/24")
    peopled.set_photo(second)
    peopled.restore_photo(ADA.id, first.id, at(2))
    peopled.delete_photo(ADA.id, at(3))

    told = [(event.verb, event.photo_id, event.origin) for event in peopled.events(limit=9)]

    assert told[::-1] == [
        (Verb.PHOTO_SET, first.id, "192.0.2.0/24"),
        (Verb.PHOTO_SET, second.id, None),
        (Verb.PHOTO_RESTORED, first.id, None),
        (Verb.PHOTO_REMOVED, first.id, None),
    ]
