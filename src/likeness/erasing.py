"""Use case: erase a user. Their rows, files, digests and cached answers end; the log has ids.

Three steps, so that being killed between any two leaves something that is right, and that the same
call ends: the account and its photos end (one transaction), their files are removed, and only then
the rows go by which the files are found (one transaction).
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from likeness.blobs import BlobStore
from likeness.db import Database
from likeness.errors import Mistake
from likeness.events import Actor
from likeness.model import Photo, User
from likeness.people import People
from likeness.photo_writer import PhotoWriter
from likeness.threads import in_thread
from likeness.upload_files import remove_uploads

ROUNDS_MAX: Final = 5
"""How often files are removed that came while others were being removed. An account that has ended
uploads nothing, so that two rounds are enough, unless a program goes on setting its photo."""


@dataclass(frozen=True, slots=True)
class Traces:
    """The data of a user: the number of rows by table."""

    user: User
    rows: dict[str, int]


class Erasing:
    """Erases people and bots of one installation."""

    def __init__(
        self,
        *,
        database: Database,
        blobs: BlobStore,
        people: People,
        writer: PhotoWriter,
        clock: Callable[[], datetime],
    ) -> None:
        self._database = database
        self._blobs = blobs
        self._people = people
        self._writer = writer
        self._clock = clock

    async def traces(self, email: str, workspace: str = "") -> Traces:
        """Count what would be erased. Raises Mistake where nobody has the address."""
        user = await self._people.find(email, workspace)
        rows = await in_thread(self._database.rows_about, user.id)
        return Traces(user, {name: len(each) for name, each in rows.items()})

    async def erase(self, user: User, by: Actor) -> None:
        """Leave nothing of a user. Run again it goes on where it was interrupted.

        Raises ServiceUnavailable while the database or the store is away, and Mistake where a
        program goes on giving them photos.
        """
        # A file that somebody uploaded may name them, as may what was reported of it.
        uploads = await in_thread(self._database.uploads_of, user.team_id)
        await remove_uploads(self._database, self._blobs, uploads)
        await in_thread(self._database.begin_erasing, user.id, self._clock(), by)
        self._writer.tell(user, *await self._photos(user))
        for _ in range(ROUNDS_MAX):
            await self._remove_files(user)
            finish = self._database.finish_erasing
            if await in_thread(finish, user.id, self._clock(), by):
                await in_thread(self._database.empty_journal)
                self._writer.tell(user)
                return
            await in_thread(self._database.begin_erasing, user.id, self._clock(), by)
        raise Mistake(
            f"{user.email} is deactivated, but gets new photos all the time; stop the program that "
            "sets them, and run this again"
        )

    async def _remove_files(self, user: User) -> None:
        """Remove every file, also of photos that ended long ago: a copy may have come late."""
        await self._writer.purge(await self._photos(user))
        prepared = await in_thread(self._database.staged_of, user.id)
        await in_thread(self._blobs.delete, [picture.key for picture in prepared])
        await in_thread(self._database.remove_staged, [picture.id for picture in prepared])

    async def _photos(self, user: User) -> list[Photo]:
        return await in_thread(self._database.history, user.id)
