"""Statements about photos. Each change of a photo is one transaction, its row in the log too."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import (
    ColumnElement,
    Connection,
    bindparam,
    false,
    func,
    insert,
    or_,
    select,
    true,
    update,
)

from likeness.db.connection import Connected
from likeness.db.events import note
from likeness.db.notices import announce, announce_person
from likeness.db.portions import portions
from likeness.db.rows import photo_of, photo_values, user_of, users_with_photos
from likeness.db.schema import photos, users
from likeness.db.staged import end_staged
from likeness.events import OPERATOR, Actor, Event, Verb, before_in_words, shown_before
from likeness.model import Photo, PhotoState, Source
from likeness.precedence import Kept, Offer, Standing, erased, judge, locked

_CURRENT: Final = PhotoState.CURRENT.value
_REPLACED: Final = PhotoState.REPLACED.value
_EXPIRED: Final = PhotoState.EXPIRED.value
_DELETED: Final = PhotoState.DELETED.value

_GONE: Final = photos.c.state.in_((_EXPIRED, _DELETED))

_STEP: Final = timedelta(seconds=1)
"""Moments are told to caches in whole seconds."""

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
    .values(
        photo_id=bindparam("shown"), photo_source=bindparam("source"), updated_at=bindparam("at")
    )
    .returning(users.c.lock_reason)
)


class PhotoRows(Connected):
    """Current and earlier photos."""

    def set_photo(self, photo: Photo, origin: str = "") -> Photo:
        """Make `photo` the one that its user shows. The one before is replaced.

        Gives it with the moment at which it was set: a second after their newest one where the
        clock has not gone on since, so that the newest photo is the newest. `origin` is that of the
        `Actor` that the photo names. Raises AccessDenied for a locked user's own photo, and
        AccountInactive where the user was erased meanwhile, as `offer_photo` does.
        """
        with self._write() as connection:
            # The user's row first: other changes of their photo wait here until this one is done.
            reason = point(connection, photo.user_id, photo.id, photo.set_at, photo.source)
            if reason is not None and photo.source is Source.SELF:
                raise locked(reason)
            return _show_new(connection, photo, origin)

    def offer_photo(self, photo: Photo, offer: Offer, origin: str = "") -> Photo | Kept:
        """Do as `set_photo`, unless `precedence.judge` says no: then why, and nothing is changed.

        The log says what was shown before and who had chosen that, for `take_back_photo`.
        """
        with self._write() as connection:
            now, before_id = _standing(connection, photo.user_id)
            if (kept := judge(now, offer)) is not None:
                return kept
            point(connection, photo.user_id, photo.id, photo.set_at, photo.source)
            return _show_new(connection, photo, origin, before_in_words(before_id, now.source))

    def delete_photo(
        self, user_id: str, at: datetime, photo_id: int | None = None, actor: Actor = OPERATOR
    ) -> list[Photo]:
        """Take the current photo away with all that may be of its upload, or only one by its id.

        Prepared pictures of the user end as well. Gives the photos whose files are there still.
        Raises AccessDenied where a locked user acts on themselves.
        """
        with self._write() as connection:
            _lock_for(connection, user_id, actor)
            if photo_id is None:
                upload = _of_current_upload(connection, user_id)
                _choose(connection, user_id, actor.source)
                return take_away(connection, user_id, upload, at, actor)
            return take_away(connection, user_id, photos.c.id == photo_id, at, actor)

    def delete_photos(self, user_id: str, at: datetime, actor: Actor = OPERATOR) -> list[Photo]:
        """Take all photos that somebody has and had away, as `delete_photo` does one."""
        with self._write() as connection:
            _lock_for(connection, user_id, actor)
            _choose(connection, user_id, actor.source)
            return take_away(connection, user_id, true(), at, actor)

    def restore_photo(
        self, user_id: str, photo_id: int, at: datetime, actor: Actor = OPERATOR
    ) -> Photo | None:
        """Make a replaced photo the current one again; None when it cannot be.

        Raises AccessDenied where a locked user acts on themselves.
        """
        with self._write() as connection:
            _lock_for(connection, user_id, actor)
            restored = _bring_back(connection, user_id, photo_id, at, actor.source)
            if restored is not None:
                note(connection, at, actor, user_id, Verb.PHOTO_RESTORED, photo_id=photo_id)
            return restored

    def confirm_photo(self, user_id: str, photo_id: int, at: datetime, actor: Actor) -> None:
        """Note that it is `actor` now who wants the photo that is shown, if it still is that one.

        Raises AccessDenied where a locked user acts on themselves.
        """
        with self._write() as connection:
            _lock_for(connection, user_id, actor)
            shown = update(users).where(users.c.id == user_id, users.c.photo_id == photo_id)
            if connection.execute(shown.values(photo_source=actor.source)).rowcount:
                note(connection, at, actor, user_id, Verb.PHOTO_KEPT, photo_id=photo_id)

    def withdraw_photo(self, user_id: str, at: datetime, actor: Actor) -> list[Photo]:
        """Take the shown photo away where `actor` set it; what was before stays where it is.

        From then on nobody has chosen. Gives the photos whose files are there still.
        """
        with self._write() as connection:
            now, photo_id = _standing(connection, user_id)
            if now.source is not actor.source or now.set_by != actor.name:
                return []
            ended = take_away(connection, user_id, photos.c.id == photo_id, at, actor)
            _choose(connection, user_id, None)
            return ended

    def take_back_photo(self, event: Event, at: datetime, actor: Actor) -> list[Photo] | None:
        """Put back what was shown before `offer_photo` set the photo that the event tells of.

        None where that photo is not shown any more: then nothing changes. Gives the photos whose
        files are there still. An earlier photo whose files are gone cannot come back.
        """
        before_id, source = shown_before(event)
        with self._write() as connection:
            now, shown_id = _standing(connection, event.user_id)
            if shown_id != event.photo_id or now.source is not event.source:
                return None
            ended = take_away(connection, event.user_id, photos.c.id == shown_id, at, actor)
            _choose(connection, event.user_id, source)
            if before_id and _bring_back(connection, event.user_id, before_id, at, source):
                verb = Verb.PHOTO_RESTORED
                note(connection, at, actor, event.user_id, verb, photo_id=before_id)
            return ended

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
        """Of these ids, those whose files are still needed."""
        with self._read() as connection:
            return ids_among(connection, photo_ids, photos.c.purged_at.is_(None))


def ids_among(
    connection: Connection, photo_ids: Collection[int], condition: ColumnElement[bool]
) -> set[int]:
    """Of these ids, those whose photos fulfil a condition."""
    found = set[int]()
    for some in portions(photo_ids):
        chosen = select(photos.c.id).where(photos.c.id.in_(some), condition)
        found.update(connection.execute(chosen).scalars())
    return found


def lock(connection: Connection, user_id: str) -> str | None:
    """Let nobody else change this user's photo until the transaction ends; the `lock_reason`."""
    theirs = select(users.c.lock_reason).where(users.c.id == user_id)
    return connection.execute(theirs.with_for_update()).scalar_one_or_none()


def _lock_for(connection: Connection, user_id: str, actor: Actor) -> None:
    reason = lock(connection, user_id)
    if reason is not None and actor.source is Source.SELF:
        raise locked(reason)


def _standing(connection: Connection, user_id: str) -> tuple[Standing, int | None]:
    """How a user stands now, whom nobody else changes until the end, and the id of their photo."""
    lock(connection, user_id)
    chosen = users_with_photos().where(users.c.id == user_id)
    row = connection.execute(chosen).mappings().one_or_none()
    if row is None:
        raise erased()
    user = user_of(row)
    return Standing.of(user), user.photo.id if user.photo else None


def _show_new(
    connection: Connection, photo: Photo, origin: str, detail: str | None = None
) -> Photo:
    """Add a photo that its user points at already."""
    photo = _as_newest(connection, photo)
    end_current(connection, photo.user_id, _REPLACED, photo.set_at)
    connection.execute(_ADD, photo_values(photo))
    actor = Actor(photo.set_by or photo.user_id, photo.source, origin, photo.batch_id)
    at, verb = photo.set_at, Verb.PHOTO_SET
    note(connection, at, actor, photo.user_id, verb, photo_id=photo.id, detail=detail)
    announce_person(connection, photo.user_id)
    return photo


def _bring_back(
    connection: Connection, user_id: str, photo_id: int, at: datetime, source: Source | None
) -> Photo | None:
    """Show a replaced photo again; None where there is none."""
    mine = (photos.c.id == photo_id) & (photos.c.user_id == user_id)
    # Locked too, or a sweep could end it between this look and the change.
    chosen = select(photos).where(mine, photos.c.state == _REPLACED).with_for_update()
    if connection.execute(chosen).one_or_none() is None:
        return None
    end_current(connection, user_id, _REPLACED, at)
    back = update(photos).where(mine).values(state=_CURRENT, ended_at=None)
    row = connection.execute(back.returning(*photos.columns)).mappings().one()
    point(connection, user_id, photo_id, at, source)
    announce_person(connection, user_id)
    return photo_of(row)


def _choose(connection: Connection, user_id: str, source: Source | None) -> None:
    """Note who decided what is shown, or nobody; no photo is a choice too, also of who had none."""
    theirs = update(users).where(users.c.id == user_id)
    connection.execute(theirs.values(photo_source=source))


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


def take_away(
    connection: Connection,
    user_id: str,
    which: ColumnElement[bool],
    at: datetime,
    actor: Actor,
) -> list[Photo]:
    """Take those photos of a user away; gives the ones whose files are there still.

    Prepared pictures of theirs end too.
    """
    end_staged(connection, user_id)
    theirs = (photos.c.user_id == user_id) & (photos.c.state != _DELETED)
    ending = update(photos).where(theirs, which).values(state=_DELETED, ended_at=at)
    rows = connection.execute(ending.returning(*photos.columns)).mappings().all()
    gone = select(photos.c.id).where(photos.c.user_id == user_id, photos.c.state == _DELETED)
    shown = (users.c.id == user_id) & users.c.photo_id.in_(gone)
    none = {"photo_id": None, "photo_source": actor.source, "updated_at": at}
    connection.execute(update(users).where(shown).values(none))
    for row in rows:
        note(connection, at, actor, user_id, Verb.PHOTO_REMOVED, photo_id=row["id"])
    if rows:
        announce_person(connection, user_id, *(row["id"] for row in rows))
    return [photo_of(row) for row in rows if row["purged_at"] is None]


def _as_newest(connection: Connection, photo: Photo) -> Photo:
    row = connection.execute(_NEWEST_AT, {"of_user": photo.user_id})
    newest_at: datetime | None = row.scalar_one()
    if newest_at is None or newest_at < photo.set_at:
        return photo
    return replace(photo, set_at=newest_at + _STEP)


def end_current(connection: Connection, user_id: str, state: str, at: datetime) -> None:
    """Give the current photo, if there is one, its end."""
    connection.execute(_END, {"of_user": user_id, "new_state": state, "at": at})


def point(
    connection: Connection,
    user_id: str,
    photo_id: int | None,
    at: datetime,
    source: Source | None,
) -> str | None:
    """Let a user show this photo, or none, as `source` chose; gives their `lock_reason`.

    Raises AccountInactive where the user was erased meanwhile.
    """
    values = {"of_user": user_id, "shown": photo_id, "at": at, "source": source}
    row = connection.execute(_POINT, values).one_or_none()
    if row is None:
        raise erased()
    reason: str | None = row.lock_reason
    return reason
