"""Statements that merge two users: all rows of one belong to the other from then on."""

from datetime import datetime
from typing import Final

from sqlalchemy import Connection, RowMapping, delete, select, update

from likeness.db.connection import Connected
from likeness.db.copies import hand_over_copies
from likeness.db.dialects import insert_new
from likeness.db.events import note
from likeness.db.limits import forget_calls
from likeness.db.notices import announce_person
from likeness.db.photos import end_current, point
from likeness.db.schema import (
    addresses,
    batches,
    digests,
    events,
    identities,
    links,
    photos,
    staged,
    tokens,
    uploads,
    users,
)
from likeness.db.searching import note_names
from likeness.db.staged import end_staged
from likeness.errors import Mistake
from likeness.events import Actor, Verb
from likeness.model import PhotoState, Source

_HANDED_OVER: Final = (
    addresses.c.user_id,
    identities.c.user_id,
    photos.c.user_id,
    photos.c.set_by,
    staged.c.user_id,
    events.c.user_id,
    events.c.actor,
    batches.c.actor,
    uploads.c.user_id,
)
"""Columns that name the one user, and name the other afterwards."""


class Merging(Connected):
    """Two users become one."""

    def merge_users(self, gone_id: str, kept_id: str, at: datetime, actor: Actor) -> None:
        """Give all that `gone_id` has to `kept_id`, and drop the row of `gone_id`.

        Tokens, links and prepared pictures of `gone_id` end. Their photo is shown where nobody ever
        chose one for `kept_id`; else it is kept as if it had been replaced now. Whoever was hidden
        or locked as either of both stays so. Raises Mistake where one of them is gone meanwhile.
        """
        with self._write() as connection:
            gone, kept = _locked(connection, gone_id, kept_id)
            # While the digests still lead there, so that those who share one are told as well.
            announce_person(connection, gone_id)
            for table in (tokens, links):
                connection.execute(delete(table).where(table.c.user_id == gone_id))
            end_staged(connection, gone_id)
            is_undecided = kept["photo_id"] is None and kept["photo_source"] is None
            if not is_undecided:
                end_current(connection, gone_id, PhotoState.REPLACED.value, at)
            moved = _hand_over(connection, gone_id, kept_id)
            if is_undecided:
                source = Source(gone["photo_source"]) if gone["photo_source"] else None
                point(connection, kept_id, gone["photo_id"], at, source)
            _join_states(connection, gone, kept, at)
            note_names(connection, [kept_id])
            note(connection, at, actor, kept_id, Verb.USER_MERGED, detail=gone_id)
            announce_person(connection, kept_id, gone_id, *moved)
            hand_over_copies(connection, gone_id, kept_id)
            connection.execute(delete(users).where(users.c.id == gone_id))


def _locked(connection: Connection, *user_ids: str) -> list[RowMapping]:
    """The rows of users, which nobody else changes until the end. Raises Mistake."""
    chosen = select(users).where(users.c.id.in_(user_ids))
    # In one order for everybody, so that two merges cannot wait for each other.
    rows = connection.execute(chosen.order_by(users.c.id).with_for_update()).mappings()
    found = {row["id"]: row for row in rows}
    if len(found) < len(set(user_ids)):
        raise Mistake("one of them is gone meanwhile; nothing was changed")
    return [found[user_id] for user_id in user_ids]


def _hand_over(connection: Connection, gone_id: str, kept_id: str) -> list[int]:
    """Let every row name the other user; gives the ids of the photos."""
    chosen = select(photos.c.id).where(photos.c.user_id == gone_id)
    moved = list(connection.execute(chosen).scalars())
    theirs = select(digests.c.digest).where(digests.c.user_id == gone_id)
    hashes = connection.execute(theirs).scalars()
    # One may lead to both already, where their addresses were typed alike.
    insert_new(connection, digests, [{"digest": each, "user_id": kept_id} for each in hashes])
    connection.execute(delete(digests).where(digests.c.user_id == gone_id))
    forget_calls(connection, gone_id)
    for column in _HANDED_OVER:
        naming = update(column.table).where(column == gone_id)
        connection.execute(naming.values({column.name: kept_id}))
    return moved


def _join_states(connection: Connection, gone: RowMapping, kept: RowMapping, at: datetime) -> None:
    """Widen no right: whoever was hidden or locked stays so, and nobody becomes administrator."""
    states = {
        "is_listed": gone["is_listed"] and kept["is_listed"],
        "lock_reason": kept["lock_reason"] or gone["lock_reason"],
        "updated_at": at,
    }
    connection.execute(update(users).where(users.c.id == kept["id"]).values(states))
