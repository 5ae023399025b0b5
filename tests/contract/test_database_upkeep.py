"""Pages of everything, for who compares rows with files, on every kind of database."""

import queue
import threading

from sqlalchemy import update

from likeness.db import Database, Pointer
from likeness.db.schema import users
from likeness.model import Change
from support.patience import PATIENCE_S
from support.rows import at, photo, staged, team, user


def test_kept_photos_come_in_pages_by_their_ids(peopled: Database) -> None:
    """Those that are shown and those that can be restored."""
    assert not peopled.has_photos()
    replaced, current, deleted = photo(), photo(set_at=at(1)), photo(user_id=user(2).id)
    for each in (replaced, current, deleted):
        peopled.set_photo(each)
    peopled.delete_photo(user(2).id, at(2))

    first = peopled.kept_photos(0, 1)
    rest = peopled.kept_photos(first[0].id, 5)

    assert [replaced.id, current.id] == [each.id for each in first + rest]
    assert peopled.kept_photos(current.id, 5) == []
    assert peopled.count_kept_photos() == 2
    assert peopled.has_photos()


def test_purged_photos_are_told_from_others(peopled: Database) -> None:
    """However many are asked for."""
    kept, gone = photo(), photo(user_id=user(2).id)
    peopled.set_photo(kept)
    peopled.set_photo(gone)
    peopled.delete_photo(user(2).id, at(1))
    peopled.mark_purged([gone.id], at(2))

    assert peopled.purged_photo_ids({kept.id, gone.id, *range(2000)}) == {gone.id}


def test_prepared_pictures_come_in_pages(peopled: Database) -> None:
    """By their ids, those of everybody."""
    for number in (3, 1, 2):
        peopled.add_staged(staged(number))

    first = peopled.staged_after("", 2)

    assert [staged(1), staged(2)] == first
    assert [staged(3)] == peopled.staged_after(first[-1].id, 2)


def test_who_points_at_the_wrong_photo_is_mended(peopled: Database) -> None:
    """Once; whose pointer is right is left alone."""
    mine, theirs = photo(), photo(user_id=user(2).id)
    peopled.set_photo(mine)
    peopled.set_photo(theirs)
    with peopled._write() as connection:
        connection.execute(update(users).where(users.c.id == user(1).id).values(photo_id=theirs.id))

    wrong = peopled.pointers("", 1)
    rest = peopled.pointers(wrong[0].user_id, 9)

    assert [Pointer(user(1).id, theirs.id, mine.id)] == wrong
    assert [Pointer(user(2).id, theirs.id, theirs.id)] == rest
    assert peopled.mend_pointer(user(1).id, at(1))
    assert not peopled.mend_pointer(user(1).id, at(1))
    shown = peopled.user(team().id, user(1).id)
    assert shown
    assert shown.photo == mine


def test_whoever_listens_is_told_of_files(peopled: Database) -> None:
    """Where the database tells anybody; elsewhere it is no error."""
    heard, linked = queue.Queue[Change](), threading.Event()
    listener = peopled.listen(heard.put, lambda is_linked: linked.set() if is_linked else None)
    peopled.announce_files(())
    if listener is None:
        peopled.announce_files({7})
        return
    assert linked.wait(PATIENCE_S)

    peopled.announce_files({7})

    assert Change.of(7) == heard.get(timeout=PATIENCE_S)
    listener.stop()
