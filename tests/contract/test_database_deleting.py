"""What every database must do where photos are taken away, and accounts ended."""

from dataclasses import replace
from datetime import datetime
from typing import Final

import pytest

from likeness.db import Database
from likeness.model import Photo, PhotoState
from support.rows import NOW, at, photo, staged, user

CURRENT: Final = PhotoState.CURRENT
REPLACED: Final = PhotoState.REPLACED
DELETED: Final = PhotoState.DELETED
EXPIRED: Final = PhotoState.EXPIRED

A, B = b"a" * 32, b"b" * 32
"""Two uploads."""


def shown(database: Database, number: int = 1) -> Photo | None:
    """The photo that a user shows now."""
    return database.current_photo(user(number).id)


def changed_at(database: Database) -> datetime:
    """When a user was last changed."""
    found = database.user(user().team_id, user().id)
    assert found
    return found.updated_at


def states(database: Database) -> list[PhotoState]:
    """The states of a user's photos, newest first."""
    return [one.state for one in database.history(user().id)]


def set_uploads(database: Database, *digests: bytes | None) -> list[int]:
    """Set a photo of each upload, one after the other; gives their ids."""
    made = [photo(set_at=at(number), upload_digest=digest) for number, digest in enumerate(digests)]
    for one in made:
        database.set_photo(one)
    return [one.id for one in made]


def test_a_deleted_photo_is_given_back_once(peopled: Database) -> None:
    """Whoever deletes gets what was there; the next one gets nothing."""
    mine = photo()
    peopled.set_photo(mine)

    ended = [peopled.delete_photo(user().id, at(9)) for _ in range(2)]

    assert [[replace(mine, state=DELETED)], []] == ended
    assert shown(peopled) is None
    assert [DELETED] == states(peopled)


def test_deleting_leaves_the_photos_of_others(peopled: Database) -> None:
    """And those that were replaced before."""
    theirs = photo(user_id=user(2).id)
    peopled.set_photo(theirs)
    set_uploads(peopled, A, B)

    peopled.delete_photo(user().id, at(9))

    assert theirs == shown(peopled, 2)
    assert [DELETED, REPLACED] == states(peopled)


@pytest.mark.parametrize(
    ("digests", "deleted"),
    [
        ([A, A], [0, 1]),
        ([A, B], [1]),
        ([A, B, A], [0, 2]),
        ([B, A, B, A, A], [1, 3, 4]),
        ([None, A], [0, 1]),
        ([None, B, A], [0, 2]),
        ([A, None], [0, 1]),
        ([A, B, None], [0, 1, 2]),
        ([None, None], [0, 1]),
    ],
)
def test_with_a_photo_goes_what_may_come_from_its_upload(
    peopled: Database, digests: list[bytes | None], deleted: list[int]
) -> None:
    """One that can be restored stays only where both are known to come from different uploads."""
    theirs = photo(user_id=user(2).id, upload_digest=A)
    peopled.set_photo(theirs)
    ids = set_uploads(peopled, *digests)

    ended = peopled.delete_photo(user().id, at(99))

    assert {ids[place] for place in deleted} == {one.id for one in ended}
    assert {DELETED} == {one.state for one in ended}
    left = {one.id for one in peopled.history(user().id) if one.state is REPLACED}
    assert left == set(ids) - {one.id for one in ended}
    assert shown(peopled) is None
    assert theirs == shown(peopled, 2)


def test_what_has_expired_goes_along_where_it_is_known_to(peopled: Database) -> None:
    """Its URL leads to nobody's next photo any more; there are no files to be removed."""
    first, second, _ = set_uploads(peopled, A, None, A)
    peopled.expire_replaced(at(50), at(60))
    peopled.mark_purged([first, second], at(61))

    ended = peopled.delete_photo(user().id, at(99))

    assert 1 == len(ended)
    assert [DELETED, EXPIRED, DELETED] == states(peopled)
    assert [] == [one for one in peopled.photos_to_purge(9) if one.id == first]


def test_a_photo_is_deleted_alone_by_its_id(peopled: Database) -> None:
    """Others of the same upload stay; a second time nothing is left to do."""
    first, second, third = set_uploads(peopled, A, A, A)

    ended = [peopled.delete_photo(user().id, at(9), first) for _ in range(2)]

    assert [[first], []] == [[one.id for one in each] for each in ended]
    assert [CURRENT, REPLACED, DELETED] == states(peopled)
    shown_now = shown(peopled)
    assert shown_now
    assert (shown_now.id, changed_at(peopled)) == (third, at(2))
    assert [third] == [one.id for one in peopled.delete_photo(user().id, at(10), third)]
    assert shown(peopled) is None
    assert [DELETED, REPLACED, DELETED] == states(peopled)
    assert second == peopled.history(user().id)[1].id


def test_nobody_deletes_the_photo_of_somebody_else(peopled: Database) -> None:
    """By its number."""
    (mine,) = set_uploads(peopled, A)
    theirs = photo(user_id=user(2).id, upload_digest=A)
    peopled.set_photo(theirs)

    assert [] == peopled.delete_photo(user().id, at(9), theirs.id)
    assert theirs == shown(peopled, 2)
    assert [mine] == [one.id for one in peopled.history(user().id)]


def test_all_photos_of_somebody_are_deleted(peopled: Database) -> None:
    """More than one notice can tell of; those of others stay."""
    theirs = photo(user_id=user(2).id)
    peopled.set_photo(theirs)
    expired, *others = set_uploads(peopled, *[A] * 1100)
    peopled.expire_replaced(at(1), at(2000))
    peopled.mark_purged([expired], at(2001))

    ended = peopled.delete_photos(user().id, at(3000))

    assert set(others) == {one.id for one in ended}
    assert {DELETED} == set(states(peopled))
    assert shown(peopled) is None
    assert changed_at(peopled) == at(3000)
    assert [] == peopled.delete_photos(user().id, at(3001))
    assert changed_at(peopled) == at(3000)
    assert theirs == shown(peopled, 2)


@pytest.mark.parametrize("how", ["delete", "delete all", "deactivate"])
def test_prepared_pictures_end_with_a_deletion(peopled: Database, how: str) -> None:
    """Without a photo too, on every node whatever its clock says; those of others stay."""
    peopled.add_staged(staged(1))
    peopled.add_staged(staged(2, user_id=user(2).id))
    if how == "delete":
        peopled.delete_photo(user().id, at(60))
    elif how == "delete all":
        peopled.delete_photos(user().id, at(60))
    else:
        peopled.deactivate_user(user().id, at(60))

    assert peopled.staged(user().id, staged(1).id, at(30)) is None
    assert not peopled.is_staged(staged(1).key, at(30))
    assert [staged(1).id] == [one.id for one in peopled.expired_staged(at(30))]
    assert peopled.is_staged(staged(2).key, at(30))


def test_a_prepared_picture_can_be_looked_at_for_its_hour_by_its_key(peopled: Database) -> None:
    """Not by another, and not once its owner or their team is deactivated."""
    peopled.add_staged(staged(1))
    peopled.add_staged(staged(2, user_id=user(2).id))

    assert peopled.is_staged(staged(1).key, at(3599))
    assert not peopled.is_staged(staged(1).key, at(3600))
    assert not peopled.is_staged(staged(3).key, NOW)

    peopled.deactivate_user(user(2).id, NOW)
    peopled.add_staged(staged(4, user_id=user(2).id))
    assert not peopled.is_staged(staged(4).key, NOW)
    peopled.deactivate_team(user().team_id, NOW)
    assert not peopled.is_staged(staged(1).key, NOW)
