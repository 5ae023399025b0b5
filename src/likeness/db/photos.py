"""Statements about photos and prepared pictures. Each change of a photo is one transaction."""

from collections.abc import Collection, Sequence
from dataclasses import asdict, replace
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import (
    ColumnElement,
    Connection,
    bindparam,
    delete,
    false,
    func,
    insert,
    or_,
    select,
    true,
    update,
)

from likeness.db.connection import Connected
from likeness.db.notices import announce, announce_person
from likeness.db.rows import photo_of, photo_values, staged_of
from likeness.db.schema import photos, staged, teams, users
from likeness.model import Photo, PhotoState, Staged

_CURRENT: Final = PhotoState.CURRENT.value
_REPLACED: Final = PhotoState.REPLACED.value
_EXPIRED: Final = PhotoState.EXPIRED.value
_DELETED: Final = PhotoState.DELETED.value

_GONE: Final = photos.c.state.in_((_EXPIRED, _DELETED))

_STEP: Final = timedelta(seconds=1)
"""Moments are told to caches in whole seconds."""

_IDS_AT_A_TIME: Final = 500
"""SQLite takes 32 766 parameters and older builds 999; this is below both."""

# Statements of every upload are built once, since building takes longer than running them.
_ADD: Final = insert(photos)
_END: Final = (
    update(photos)
    .where(photos.c.user_id == bindparam("of_user"), photos.c.state == _CURRENT)
    .values(state=bindparam("new_state"), ended_at=bindparam("at"))
)
_NEWEST_AT: Final = select(func.max(photos.c.set_at)).where(
    photos.c.user_id == bindparam("of_user")
)
_POINT: Final = (
    update(users)
    .where(users.c.id == bindparam("of_user"))
    .values(photo_id=bindparam("shown"), updated_at=bindparam("at"))
)


class PhotoRows(Connected):
    """Current and earlier photos, and prepared pictures."""

    def set_photo(self, photo: Photo) -> Photo:
        """Make `photo` the one that its user shows. The one before is replaced.

        Gives it with the moment at which it was set: a second after their newest one where the
        clock has not gone on since, so that the newest photo is the newest.
        """
        with self._write() as connection:
            # The user's row first: other changes of their photo wait here until this one is done.
            point(connection, photo.user_id, photo.id, photo.set_at)
            photo = _as_newest(connection, photo)
            _end_current(connection, photo.user_id, _REPLACED, photo.set_at)
            connection.execute(_ADD, photo_values(photo))
            announce_person(connection, photo.user_id)
        return photo

    def delete_photo(self, user_id: str, at: datetime, photo_id: int | None = None) -> list[Photo]:
        """Take the current photo away with all that may be of its upload, or only one by its id.

        Prepared pictures of the user end as well. Gives the photos whose files are there still.
        """
        with self._write() as connection:
            lock(connection, user_id)
            if photo_id is None:
                return _take_away(connection, user_id, _of_current_upload(connection, user_id), at)
            return _take_away(connection, user_id, photos.c.id == photo_id, at)

    def delete_photos(self, user_id: str, at: datetime) -> list[Photo]:
        """Take all photos that somebody has and had away, as `delete_photo` does one."""
        with self._write() as connection:
            lock(connection, user_id)
            return _take_away(connection, user_id, true(), at)

    def restore_photo(self, user_id: str, photo_id: int, at: datetime) -> Photo | None:
        """Make a replaced photo the current one again; None when it cannot be."""
        mine = (photos.c.id == photo_id) & (photos.c.user_id == user_id)
        with self._write() as connection:
            lock(connection, user_id)
            # Locked too, or a sweep could end it between this look and the change.
            chosen = select(photos).where(mine, photos.c.state == _REPLACED).with_for_update()
            if connection.execute(chosen).one_or_none() is None:
                return None
            _end_current(connection, user_id, _REPLACED, at)
            back = update(photos).where(mine).values(state=_CURRENT, ended_at=None)
            row = connection.execute(back.returning(*photos.columns)).mappings().one()
            point(connection, user_id, photo_id, at)
            announce_person(connection, user_id)
            return photo_of(row)

    def photo(self, photo_id: int) -> Photo | None:
        """One photo, in any state."""
        with self._read() as connection:
            chosen = select(photos).where(photos.c.id == photo_id)
            row = connection.execute(chosen).mappings().one_or_none()
            return photo_of(row) if row else None

    def team_of_photo(self, photo_id: int) -> str:
        """The workspace of a photo, in any state; "" where it is unknown."""
        chosen = select(users.c.team_id).join(photos, photos.c.user_id == users.c.id)
        with self._read() as connection:
            found = connection.execute(chosen.where(photos.c.id == photo_id))
            return found.scalar_one_or_none() or ""

    def current_photo(self, user_id: str) -> Photo | None:
        """The photo that a user shows now."""
        with self._read() as connection:
            chosen = select(photos).join(users, users.c.photo_id == photos.c.id)
            row = connection.execute(chosen.where(users.c.id == user_id)).mappings().one_or_none()
            return photo_of(row) if row else None

    def history(self, user_id: str, limit: int | None = None) -> list[Photo]:
        """Every photo that somebody had, newest first; at most `limit` of them."""
        chosen = select(photos).where(photos.c.user_id == user_id)
        newest_first = chosen.order_by(photos.c.set_at.desc(), photos.c.id.desc())
        with self._read() as connection:
            some = connection.execute(newest_first.limit(limit))
            return [photo_of(row) for row in some.mappings()]

    def expire_replaced(self, before: datetime, at: datetime) -> int:
        """End the keeping of photos replaced before a moment; from then on they are expired."""
        old = (photos.c.state == _REPLACED) & (photos.c.ended_at < before)
        with self._write() as connection:
            changed = update(photos).where(old).values(state=_EXPIRED, ended_at=at)
            return connection.execute(changed).rowcount

    def photos_to_purge(self, limit: int) -> list[Photo]:
        """Photos that are gone while their files may still be there, oldest first."""
        chosen = select(photos).where(_GONE, photos.c.purged_at.is_(None))
        with self._read() as connection:
            oldest_first = chosen.order_by(photos.c.ended_at).limit(limit)
            return [photo_of(row) for row in connection.execute(oldest_first).mappings()]

    def count_purgeable(self, replaced_before: datetime) -> int:
        """How many photos a sweep would remove."""
        gone = _GONE & photos.c.purged_at.is_(None)
        expired = (photos.c.state == _REPLACED) & (photos.c.ended_at < replaced_before)
        with self._read() as connection:
            counted = select(func.count()).select_from(photos).where(or_(gone, expired))
            return connection.execute(counted).scalar_one()

    def mark_purged(self, photo_ids: Sequence[int], at: datetime) -> None:
        """Remember that the files of these photos are gone."""
        with self._write() as connection:
            connection.execute(
                update(photos).where(photos.c.id.in_(photo_ids)).values(purged_at=at)
            )
            if photo_ids:
                announce(connection, *photo_ids)

    def known_photo_ids(self, photo_ids: Collection[int]) -> set[int]:
        """Those of the ids whose files are still needed."""
        with self._read() as connection:
            return ids_among(connection, photo_ids, photos.c.purged_at.is_(None))

    def add_staged(self, picture: Staged) -> None:
        """Remember a prepared picture."""
        values = asdict(picture) | {"format": picture.format.value}
        with self._write() as connection:
            connection.execute(insert(staged).values(**values))

    def staged(self, user_id: str, staged_id: str, now: datetime) -> Staged | None:
        """A prepared picture of this user that has not expired."""
        mine = (staged.c.id == staged_id) & (staged.c.user_id == user_id)
        with self._read() as connection:
            chosen = select(staged).where(mine, staged.c.expires_at > now)
            row = connection.execute(chosen).mappings().one_or_none()
            return staged_of(row) if row else None

    def is_staged(self, key: str, now: datetime) -> bool:
        """Whether a key is that of a prepared picture whose hour is not over.

        Those of a deactivated user or team count as over.
        """
        owned = staged.join(users, users.c.id == staged.c.user_id)
        chosen = select(staged.c.id).select_from(owned.join(teams, teams.c.id == users.c.team_id))
        is_active = users.c.deleted_at.is_(None) & teams.c.deleted_at.is_(None)
        open_ = (staged.c.key == key) & (staged.c.expires_at > now) & is_active
        with self._read() as connection:
            return connection.execute(chosen.where(open_)).first() is not None

    def expired_staged(self, now: datetime) -> list[Staged]:
        """Prepared pictures whose hour is over."""
        with self._read() as connection:
            rows = connection.execute(select(staged).where(staged.c.expires_at <= now))
            return [staged_of(row) for row in rows.mappings()]

    def remove_staged(self, staged_ids: Sequence[str]) -> None:
        """Forget prepared pictures."""
        with self._write() as connection:
            connection.execute(delete(staged).where(staged.c.id.in_(staged_ids)))


def ids_among(
    connection: Connection, photo_ids: Collection[int], condition: ColumnElement[bool]
) -> set[int]:
    """Those of the ids whose photos fulfil a condition."""
    wanted, found = sorted(photo_ids), set[int]()
    for start in range(0, len(wanted), _IDS_AT_A_TIME):
        some = photos.c.id.in_(wanted[start : start + _IDS_AT_A_TIME])
        found.update(connection.execute(select(photos.c.id).where(some, condition)).scalars())
    return found


def lock(connection: Connection, user_id: str) -> None:
    """Let nobody else change this user's photo until the transaction ends."""
    connection.execute(select(users.c.id).where(users.c.id == user_id).with_for_update())


def _of_current_upload(connection: Connection, user_id: str) -> ColumnElement[bool]:
    """The current photo and the earlier ones that may have been made from the same upload.

    One that can be restored stays only where both are known to come from different uploads.
    """
    chosen = select(photos).where(photos.c.user_id == user_id, photos.c.state == _CURRENT)
    row = connection.execute(chosen).mappings().one_or_none()
    if row is None:
        return false()
    current = photo_of(row)
    is_current = photos.c.id == current.id
    if current.upload_digest is None:
        return is_current | (photos.c.state == _REPLACED)
    is_unknown = photos.c.upload_digest.is_(None) & (photos.c.state == _REPLACED)
    return is_current | is_unknown | (photos.c.upload_digest == current.upload_digest)


def _take_away(
    connection: Connection, user_id: str, which: ColumnElement[bool], at: datetime
) -> list[Photo]:
    """Take those photos of a user away; gives the ones whose files are there still."""
    end_staged(connection, user_id)
    theirs = (photos.c.user_id == user_id) & (photos.c.state != _DELETED)
    ending = update(photos).where(theirs, which).values(state=_DELETED, ended_at=at)
    rows = connection.execute(ending.returning(*photos.columns)).mappings().all()
    gone = select(photos.c.id).where(photos.c.user_id == user_id, photos.c.state == _DELETED)
    shown = (users.c.id == user_id) & users.c.photo_id.in_(gone)
    connection.execute(update(users).where(shown).values(photo_id=None, updated_at=at))
    if rows:
        announce_person(connection, user_id, *(row["id"] for row in rows))
    return [photo_of(row) for row in rows if row["purged_at"] is None]


def end_staged(connection: Connection, user_id: str) -> None:
    """Expire a user's prepared pictures, without reading a clock; a sweep removes them."""
    theirs = update(staged).where(staged.c.user_id == user_id)
    connection.execute(theirs.values(expires_at=staged.c.created_at))


def _as_newest(connection: Connection, photo: Photo) -> Photo:
    row = connection.execute(_NEWEST_AT, {"of_user": photo.user_id})
    newest_at: datetime | None = row.scalar_one()
    if newest_at is None or newest_at < photo.set_at:
        return photo
    return replace(photo, set_at=newest_at + _STEP)


def _end_current(connection: Connection, user_id: str, state: str, at: datetime) -> None:
    """Give the current photo, if there is one, its end."""
    connection.execute(_END, {"of_user": user_id, "new_state": state, "at": at})


def point(connection: Connection, user_id: str, photo_id: int | None, at: datetime) -> None:
    """Let a user show this photo, or none."""
    connection.execute(_POINT, {"of_user": user_id, "shown": photo_id, "at": at})
