"""How one process hears what another one changed: NOTIFY in the transaction, LISTEN in a thread.

A notification has the ids of subjects alone; listeners then ask the database. SQLite has none:
processes that share a file cache answers for one second at most.
"""

import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import URL, Connection, Select, bindparam, func, literal, select

from likeness.db import postgres
from likeness.db.copies import mark
from likeness.db.schema import digests
from likeness.model import Change
from likeness.seldom import Outage

if TYPE_CHECKING:
    import psycopg

CHANNEL: Final = "likeness"

RETRY_INTERVAL_S: Final = 0.5
"""How long after a failure the next attempt to hear begins."""

_TOLD_AT_A_TIME: Final = 300
"""Ids of 12 digits: PostgreSQL allows less than 8000 bytes; users with equal digests follow."""

_TURN_S: Final = 0.2
"""How often the thread looks whether it shall end."""

_LIFE_SIGN_INTERVAL_S: Final = 5.0
"""How often the server is asked whether it is there: silence alone does not tell."""


def _of_person() -> Select[Any]:
    """Also notify users with the same address, since the newest photo among them wins."""
    mine, theirs = digests.alias(), digests.alias()
    ids = func.string_agg(theirs.c.user_id.distinct(), literal(" "))
    shared = select(func.coalesce(ids, "")).where(
        mine.c.user_id == bindparam("of_user"), theirs.c.digest == mine.c.digest
    )
    return select(func.pg_notify(CHANNEL, bindparam("others") + shared.scalar_subquery()))


_OF_PERSON: Final = _of_person()


def announce(connection: Connection, *subjects: str | int) -> None:
    """Tell every process that listens, at the moment when the transaction becomes true.

    `subjects` are those of `model.Change`.
    """
    if connection.dialect.name != "postgresql":
        return
    for start in range(0, max(len(subjects), 1), _TOLD_AT_A_TIME):
        told = " ".join(map(str, subjects[start : start + _TOLD_AT_A_TIME]))
        connection.execute(select(func.pg_notify(CHANNEL, told)))


def announce_person(connection: Connection, user_id: str, *others: str | int) -> None:
    """Tell that a user looks different, and of `others`, in the same way.

    Targets are behind with the user from then on.
    """
    mark(connection, user_id)
    if connection.dialect.name != "postgresql":
        return
    told = "".join(f"{each} " for each in (user_id, *others[:_TOLD_AT_A_TIME]))
    connection.execute(_OF_PERSON, {"of_user": user_id, "others": told})
    if rest := others[_TOLD_AT_A_TIME:]:
        announce(connection, *rest)


class Listener:
    """A thread that hears changes, from every process, this one included; it reconnects for ever.

    `heard` is called in that thread with each change, `linked` with whether it is connected, each
    time that this changes. Notifications between False and the next True are lost: every cache
    must be invalidated then.
    """

    def __init__(
        self, url: URL, heard: Callable[[Change], None], linked: Callable[[bool], None]
    ) -> None:
        self._url = url.set(drivername="postgresql")
        self._heard = heard
        self._linked = linked
        self._is_linked: bool | None = None
        self._outage = Outage("not_listening", "listening_again")
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._run, name="listener", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End the thread; waits for its turn to be over."""
        self._ending.set()
        self._thread.join()

    def _run(self) -> None:
        # Importing it takes 20 ms, which a start with SQLite saves.
        from psycopg import Error, connect  # noqa: PLC0415 - see above

        while not self._ending.is_set():
            try:
                address = self._url.render_as_string(hide_password=False)
                options = postgres.connect_arguments(self._url)
                with connect(address, autocommit=True, **options) as connection:
                    connection.execute(f"LISTEN {CHANNEL}")
                    self._say(is_linked=True)
                    self._hear(connection)
            except Error as error:
                self._outage.met(str(error))
                self._say(is_linked=False)
                self._ending.wait(RETRY_INTERVAL_S)

    def _say(self, *, is_linked: bool) -> None:
        if is_linked is not self._is_linked:
            if is_linked:
                self._outage.over()
            self._is_linked = is_linked
            self._linked(is_linked)

    def _hear(self, connection: "psycopg.Connection") -> None:
        """Until the end. Raises psycopg.Error when the server does not answer any more."""
        asked_at = time.monotonic()
        while not self._ending.is_set():
            for notice in connection.notifies(timeout=_TURN_S, stop_after=1):
                self._heard(Change(frozenset(notice.payload.split())))
            if time.monotonic() - asked_at > _LIFE_SIGN_INTERVAL_S:
                connection.execute("")
                asked_at = time.monotonic()
