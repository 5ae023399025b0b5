"""What every database must do for photos and prepared pictures."""

import random
import threading
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

import pytest

from likeness.db import Database
from likeness.errors import AccountInactive
from likeness.model import FORMATS_MADE, Format, Photo, PhotoState
from support.rows import NOW, at, photo, staged, user

CURRENT: Final = PhotoState.CURRENT
REPLACED: Final = PhotoState.REPLACED
DELETED: Final = PhotoState.DELETED
EXPIRED: Final = PhotoState.EXPIRED

CROWD: Final = 8
TURNS: Final = 40


def shown(database: Database, number: int = 1) -> Photo | None:
    """The photo that a user shows now."""
    found = database.user(user(number).team_id, user(number).id)
    assert found
    return found.photo


def changed_at(database: Database) -> datetime:
    """When a user was last changed."""
    found = database.user(user().team_id, user().id)
    assert found
    return found.updated_at


def states(database: Database, number: int = 1) -> list[PhotoState]:
    """The states of a user's photos, newest first."""
    return [one.state for one in database.history(user(number).id)]


def set_photos(database: Database, count: int) -> list[Photo]:
    """Set one photo after another, a second between them."""
    made = [photo(set_at=at(number)) for number in range(count)]
    for one in made:
        database.set_photo(one)
    return made


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"id": 100_000_000_000},
        {"id": 999_999_999_999},
        {"format": Format.PNG, "sizes": (24,), "width": 1, "height": 16383},
        {"format": Format.GIF, "sizes": (24, 32, 48), "frames": 100},
        {"format": Format.WEBP, "source_digest": b"\0" * 32, "set_at": at(0.000001)},
    ],
)
def test_a_photo_comes_back_as_set(peopled: Database, changes: dict[str, Any]) -> None:
    """With its user, in their history, and as nobody else's."""
    mine = photo(**changes)

    peopled.set_photo(mine)

    assert mine == shown(peopled)
    assert [mine] == peopled.history(user().id)
    assert shown(peopled, 2) is None
    assert [] == peopled.history(user(2).id)


def test_setting_and_deleting_say_when_the_user_changed(peopled: Database) -> None:
    """Clients ask for what is newer than what they know."""
    peopled.set_photo(photo(set_at=at(5)))
    moments = [changed_at(peopled)]
    for seconds in (9, 11):
        peopled.delete_photo(user().id, at(seconds))
        moments.append(changed_at(peopled))

    assert [at(5), at(9), at(9)] == moments


def test_a_new_photo_replaces_the_one_before(peopled: Database) -> None:
    """The history has all, newest first, and one is current."""
    first, second, third = set_photos(peopled, 3)

    assert third == shown(peopled)
    assert [
        third,
        replace(second, state=REPLACED),
        replace(first, state=REPLACED),
    ] == peopled.history(user().id)


def test_the_newest_photo_is_the_newest_whatever_the_clock_says(peopled: Database) -> None:
    """It may stand still, or go back. Caches tell photos apart by whole seconds."""
    kept = [peopled.set_photo(photo(set_at=at(moment))) for moment in (5, 5, 0, 60)]

    assert [one.set_at for one in kept] == [at(5), at(6), at(7), at(60)]
    assert peopled.history(user().id) == [
        *(replace(one, state=CURRENT) for one in kept[-1:]),
        *(replace(one, state=REPLACED) for one in reversed(kept[:-1])),
    ]


def test_a_replaced_photo_can_be_restored(peopled: Database) -> None:
    """It is current again, and the one shown until then is replaced."""
    first, second = set_photos(peopled, 2)

    restored = peopled.restore_photo(user().id, first.id, at(9))

    assert first == restored == shown(peopled)
    assert [replace(second, state=REPLACED), first] == peopled.history(user().id)
    assert second == peopled.restore_photo(user().id, second.id, at(10))


def test_a_replaced_photo_can_be_restored_after_a_deletion(peopled: Database) -> None:
    """What was deleted stays deleted."""
    first, _ = set_photos(peopled, 2)
    peopled.delete_photo(user().id, at(8))

    assert first == peopled.restore_photo(user().id, first.id, at(9)) == shown(peopled)
    assert [DELETED, CURRENT] == states(peopled)


@pytest.mark.parametrize("which", ["current", "deleted", "of another", "expired", "unknown"])
def test_only_an_own_replaced_photo_can_be_restored(peopled: Database, which: str) -> None:
    """For all others the answer is None, and nothing changes."""
    theirs = [photo(user_id=user(2).id, set_at=at(number)) for number in range(2)]
    for one in theirs:
        peopled.set_photo(one)
    expired, _ = set_photos(peopled, 2)
    peopled.expire_replaced(at(1.5), at(2))
    peopled.delete_photo(user().id, at(3))
    current = photo(set_at=at(4))
    peopled.set_photo(current)
    deleted = peopled.history(user().id)[1]
    ids = {"current": current.id, "deleted": deleted.id, "of another": theirs[0].id}
    ids |= {"expired": expired.id, "unknown": 1}
    before = peopled.history(user().id)

    assert peopled.restore_photo(user().id, ids[which], at(9)) is None
    assert before == peopled.history(user().id)
    assert current == shown(peopled)


def test_replaced_photos_expire_by_the_moment_of_their_replacing(peopled: Database) -> None:
    """Those of exactly that moment are kept; what is current never expires."""
    set_photos(peopled, 4)

    assert 0 == peopled.expire_replaced(at(1), at(100))
    assert 1 == peopled.expire_replaced(at(2), at(100))
    assert [CURRENT, REPLACED, REPLACED, EXPIRED] == states(peopled)
    assert 2 == peopled.expire_replaced(at(1000), at(101))
    assert [CURRENT, EXPIRED, EXPIRED, EXPIRED] == states(peopled)


def test_a_restored_photo_has_its_time_afresh(peopled: Database) -> None:
    """Its first replacing is forgotten."""
    first, _ = set_photos(peopled, 2)
    peopled.restore_photo(user().id, first.id, at(50))

    assert 0 == peopled.expire_replaced(at(50), at(100))
    peopled.set_photo(photo(set_at=at(60)))

    assert 1 == peopled.expire_replaced(at(60), at(100))
    assert [CURRENT, EXPIRED, REPLACED] == states(peopled)


def test_deleted_photos_wait_to_be_purged_oldest_first(peopled: Database) -> None:
    """As many as are asked for, until they are marked."""
    deleted_as = {}
    for number in (3, 1, 2):
        deleted_as[number] = peopled.set_photo(photo()).id
        peopled.delete_photo(user().id, at(10 + number))
    set_photos(peopled, 2)
    waiting = peopled.photos_to_purge(100)

    assert [deleted_as[number] for number in (1, 2, 3)] == [one.id for one in waiting]
    assert waiting[:2] == peopled.photos_to_purge(2)
    peopled.mark_purged([one.id for one in waiting[:2]], at(20))
    assert waiting[2:] == peopled.photos_to_purge(100)
    peopled.mark_purged([], at(21))
    assert waiting[2:] == peopled.photos_to_purge(100)


def test_what_a_sweep_would_remove_is_counted(peopled: Database) -> None:
    """Deleted ones that wait, and replaced ones from before a moment."""
    set_photos(peopled, 4)
    peopled.delete_photo(user().id, at(5))

    counts = [peopled.count_purgeable(at(moment)) for moment in (0, 1, 1.5, 2.5, 99)]
    peopled.mark_purged([one.id for one in peopled.photos_to_purge(9)], at(6))

    assert [1, 1, 2, 3, 4] == counts
    assert 3 == peopled.count_purgeable(at(99))


def test_photos_are_known_until_they_are_purged(peopled: Database) -> None:
    """Current, replaced and deleted ones, out of 1200 ids at a time."""
    made = set_photos(peopled, 1200)
    ids = {one.id for one in made}
    peopled.expire_replaced(at(700), at(2000))
    purged = {one.id for one in peopled.photos_to_purge(5)}
    peopled.mark_purged(sorted(purged), at(2001))

    assert ids - purged == peopled.known_photo_ids(ids | {1, 2, 999_999_999_999})
    assert {made[-1].id} == peopled.known_photo_ids([made[-1].id])
    assert set() == peopled.known_photo_ids(purged | {3})
    assert set() == peopled.known_photo_ids([])


@pytest.mark.parametrize("form", FORMATS_MADE)
def test_a_prepared_picture_comes_back_as_added(peopled: Database, form: Format) -> None:
    """To its owner only."""
    added = staged(format=form)

    peopled.add_staged(added)

    assert added == peopled.staged(user().id, added.id, NOW)
    assert peopled.staged(user(2).id, added.id, NOW) is None
    assert peopled.staged(user().id, "0" * 32, NOW) is None


@pytest.mark.parametrize(
    ("seconds", "is_there"), [(0, True), (3599.999999, True), (3600, False), (3601, False)]
)
def test_a_prepared_picture_is_there_or_expired(
    peopled: Database, seconds: float, is_there: bool
) -> None:
    """Never both, never neither; it is over at the very moment."""
    peopled.add_staged(staged())

    found = peopled.staged(user().id, staged().id, at(seconds))

    assert (staged() if is_there else None) == found
    assert ([] if is_there else [staged()]) == peopled.expired_staged(at(seconds))


def test_prepared_pictures_are_removed_by_name(peopled: Database) -> None:
    """Unknown ones are no matter."""
    for number in range(3):
        peopled.add_staged(staged(number))

    peopled.remove_staged([staged(0).id, staged(2).id, "unknown"])
    peopled.remove_staged([])

    assert [staged(1)] == peopled.expired_staged(at(9999))


def disturb(database: Database, seed: int) -> None:
    """Set, delete and restore one user's photos at random."""
    chance = random.Random(seed)
    for turn in range(TURNS):
        if chance.random() < 0.5:
            database.set_photo(photo(set_at=at(turn)))
        elif chance.random() < 0.5:
            database.delete_photo(user().id, at(turn))
        elif kept := [one for one in database.history(user().id) if one.state is REPLACED]:
            database.restore_photo(user().id, chance.choice(kept).id, at(turn))


def watch(database: Database, is_over: threading.Event) -> set[int]:
    """How many current photos were seen at a time, until it is over."""
    seen = set[int]()
    while not is_over.is_set():
        seen.add(states(database).count(CURRENT))
        mine = shown(database)
        assert mine is None or mine.state is CURRENT
    return seen


def test_nobody_ever_has_two_current_photos(peopled: Database) -> None:
    """Eight threads set, delete and restore, and a ninth looks all the time."""
    is_over = threading.Event()

    with ThreadPoolExecutor(CROWD + 1) as pool:
        watching = pool.submit(watch, peopled, is_over)
        working = [pool.submit(disturb, peopled, seed) for seed in range(CROWD)]
        wait(working)
        is_over.set()

    current = [one for one in peopled.history(user().id) if one.state is CURRENT]
    assert watching.result() <= {0, 1}
    assert current == [one for one in [shown(peopled)] if one]
    assert [None] * CROWD == [worker.result() for worker in working]


def test_a_photo_of_nobody_is_not_kept(peopled: Database) -> None:
    """The transaction fails as a whole."""
    stranger = user(9)

    with pytest.raises(AccountInactive, match="does not exist any more"):
        peopled.set_photo(photo(user_id=stranger.id))

    assert [] == peopled.history(stranger.id)


def test_a_photo_is_found_by_its_id_whatever_became_of_it(peopled: Database) -> None:
    """And the one that its owner shows now."""
    first, second = set_photos(peopled, 2)

    assert replace(first, state=REPLACED) == peopled.photo(first.id)
    assert second == peopled.current_photo(user().id)
    assert peopled.current_photo(user(2).id) is None
    assert peopled.photo(1) is None


def test_a_photo_belongs_to_a_workspace(peopled: Database) -> None:
    """That of its user, also once it is gone; one that never was belongs to none."""
    mine = photo()
    peopled.set_photo(mine)

    assert peopled.team_of_photo(mine.id) == user().team_id
    peopled.delete_photo(user().id, at(9))
    assert peopled.team_of_photo(mine.id) == user().team_id
    assert peopled.team_of_photo(mine.id + 1) == ""
