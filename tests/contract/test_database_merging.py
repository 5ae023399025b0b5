"""What every database must do where two users turn out to be one person."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from hashlib import sha256
from typing import Final

import pytest
from sqlalchemy import update

from likeness.db import Database
from likeness.db.schema import users
from likeness.errors import Mistake
from likeness.events import OPERATOR, Actor, Verb
from likeness.model import Address, Photo, PhotoState, Source, User
from support.rows import NOW, at, photo, staged, team, user
from support.traces import leave_traces, rows, telling

GONE, KEPT = user(1), user(2)
LATER: Final = at(3600)
CURRENT, REPLACED, DELETED = PhotoState.CURRENT, PhotoState.REPLACED, PhotoState.DELETED


def merge(database: Database) -> User:
    """User 1 into user 2; gives the one who is left."""
    database.merge_users(GONE.id, KEPT.id, LATER, OPERATOR)
    found = database.user(team().id, KEPT.id)
    assert found
    return found


def set_photo(database: Database, owner: User, second: float, **changes: object) -> Photo:
    """A photo of one of them."""
    return database.set_photo(photo(user_id=owner.id, set_at=at(second), **changes))


def test_nothing_names_the_one_who_ended_but_the_row_that_says_so(peopled: Database) -> None:
    """In no table: what was theirs is the other's, and what cannot be is gone."""
    marks = leave_traces(peopled, GONE, 1)
    leave_traces(peopled, KEPT, 2)
    as_admin = Actor(GONE.id, Source.ADMINISTRATOR)
    peopled.set_photo(photo(user_id=KEPT.id, set_by=GONE.id, set_at=at(9)))
    peopled.add_event(NOW, as_admin, KEPT.id, Verb.USER_LOCKED)
    before = {name for name, _ in telling(rows(peopled), KEPT.id)}

    merge(peopled)

    left = telling(rows(peopled), GONE.id)
    assert [(Verb.USER_MERGED.value, KEPT.id)] == [
        (row["verb"], row["user_id"]) for _, row in left if row["detail"] == GONE.id
    ]
    assert {"events", "identities"} >= {name for name, _ in left}
    assert {KEPT.id} == {row["user_id"] for _, row in left}
    assert before == {name for name, _ in telling(rows(peopled), KEPT.id)}
    assert telling(rows(peopled), *marks)


def test_every_address_leads_to_the_one_who_is_left(peopled: Database) -> None:
    """By each hash; one that was typed alike for both leads there once."""
    for owner, email in ((GONE, "ada@example.com"), (KEPT, "ada.byron@example.com")):
        peopled.add_address(Address(team().id, owner.id, email, "Ada@Example", NOW))

    merge(peopled)

    emails = {each.email for each in peopled.addresses(KEPT.id)}
    assert {KEPT.email, GONE.email, "ada@example.com", "ada.byron@example.com"} == emails
    for email in (*emails, "Ada@Example"):
        found = peopled.listed(sha256(email.encode()).digest())
        assert found
        assert KEPT.id == found.id
    assert [] == peopled.addresses(GONE.id)
    assert peopled.user(team().id, GONE.id) is None


def test_the_one_who_is_left_keeps_a_photo(peopled: Database) -> None:
    """The other's can be restored, as one that was replaced when they were merged."""
    theirs, mine = set_photo(peopled, GONE, 5), set_photo(peopled, KEPT, 1)

    assert mine == merge(peopled).photo

    assert [(theirs.id, REPLACED), (mine.id, CURRENT)] == [
        (each.id, each.state) for each in peopled.history(KEPT.id)
    ]
    assert theirs.blob_keys() == peopled.history(KEPT.id)[0].blob_keys()
    peopled.expire_replaced(LATER, at(7200))
    assert REPLACED is peopled.history(KEPT.id)[0].state
    restored = peopled.restore_photo(KEPT.id, theirs.id, at(7200))
    assert restored
    assert restored == peopled.current_photo(KEPT.id)


def test_whoever_never_chose_shows_the_others_photo(peopled: Database) -> None:
    """With who chose it; earlier ones come along in their states."""
    first = set_photo(peopled, GONE, 1)
    shown = set_photo(peopled, GONE, 2, source=Source.IMPORT)

    left = merge(peopled)

    assert replace(shown, user_id=KEPT.id) == left.photo
    assert (Source.IMPORT, LATER) == (left.photo_source, left.updated_at)
    assert [(shown.id, CURRENT), (first.id, REPLACED)] == [
        (each.id, each.state) for each in peopled.history(KEPT.id)
    ]


def test_whoever_chose_to_have_none_has_none(peopled: Database) -> None:
    """That is a choice as well."""
    theirs = set_photo(peopled, GONE, 1)
    set_photo(peopled, KEPT, 1)
    peopled.delete_photos(KEPT.id, at(2), Actor(KEPT.id, Source.SELF))

    left = merge(peopled)

    assert (None, Source.SELF) == (left.photo, left.photo_source)
    assert {theirs.id: REPLACED} == {
        each.id: each.state for each in peopled.history(KEPT.id) if each.state is not DELETED
    }


def test_the_choice_to_have_none_comes_along(peopled: Database) -> None:
    """To whoever never chose anything."""
    set_photo(peopled, GONE, 1)
    peopled.delete_photos(GONE.id, at(2), Actor(GONE.id, Source.SELF))

    left = merge(peopled)

    assert (None, Source.SELF) == (left.photo, left.photo_source)


def test_where_nobody_ever_chose_nobody_has(peopled: Database) -> None:
    """So that an import may set a photo."""
    left = merge(peopled)

    assert (None, None) == (left.photo, left.photo_source)


def test_what_the_one_could_do_ends(peopled: Database) -> None:
    """Tokens, links and prepared pictures, whose files the next sweep removes."""
    leave_traces(peopled, GONE, 1)

    merge(peopled)

    assert [] == peopled.tokens_of(KEPT.id)
    assert peopled.link_user(bytes([1]) * 32, NOW) is None
    assert peopled.staged(KEPT.id, staged(1).id, at(1)) is None
    assert [staged(1).key] == [each.key for each in peopled.expired_staged(NOW)]


@pytest.mark.parametrize("who", [GONE, KEPT])
def test_no_right_is_widened(peopled: Database, who: User) -> None:
    """Whoever was hidden or locked stays so; whoever administered as FROM does not."""
    states = {"is_listed": False, "lock_reason": "no faces here"}
    with peopled._write() as connection:
        connection.execute(update(users).where(users.c.id == who.id).values(states))
    peopled.set_admin(GONE.id, at(1), is_admin=True)

    left = merge(peopled)

    assert (left.is_listed, left.lock_reason, left.is_admin) == (False, "no faces here", False)


def test_one_who_is_gone_meanwhile_is_said(peopled: Database) -> None:
    """Nothing is changed then."""
    merge(peopled)
    before = rows(peopled)

    with pytest.raises(Mistake, match="gone meanwhile"):
        peopled.merge_users(GONE.id, KEPT.id, LATER, OPERATOR)

    assert before == rows(peopled)


def test_of_two_who_merge_at_once_one_finds_nobody(peopled: Database) -> None:
    """In both directions: neither waits for the other for ever."""
    leave_traces(peopled, GONE, 1)
    pairs = [(GONE.id, KEPT.id), (KEPT.id, GONE.id)]

    with ThreadPoolExecutor(2) as threads:
        tries = [threads.submit(peopled.merge_users, *pair, LATER, OPERATOR) for pair in pairs]
        failed = [each.exception() for each in tries]

    assert [Mistake] == [type(each) for each in failed if each]
    assert 1 == sum(peopled.user(team().id, each.id) is not None for each in (GONE, KEPT))
