"""Use case: export all data about one user, as a zip of one JSON document and pictures."""

import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import IO, Any, Final
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

from likeness.blobs import BlobStore
from likeness.db import Database
from likeness.errors import Mistake
from likeness.model import ORIGINAL, Photo, Staged, User
from likeness.people import People
from likeness.threads import in_thread

DOCUMENT: Final = "person.json"
"""The name of the JSON document in the zip."""

VERSION: Final = 1
"""Raised when a reader of the document would have to change."""

_PRIVATE: Final = 0o600


class Exporting:
    """Writes what is known of people. `url` gives the public address of a photo's file."""

    def __init__(
        self,
        *,
        database: Database,
        blobs: BlobStore,
        people: People,
        url: Callable[[Photo, str], str],
        clock: Callable[[], datetime],
    ) -> None:
        self._database = database
        self._blobs = blobs
        self._people = people
        self._url = url
        self._clock = clock

    async def export(self, email: str, path: Path, workspace: str = "") -> dict[str, Any]:
        """Write the zip to a new file that only its owner may read; gives its document.

        Raises Mistake where nobody has the address, where the file is there already or cannot be
        made, and ServiceUnavailable while the database or the store is away: then there is no file.
        """
        user = await self._people.find(email, workspace)
        return await in_thread(self._write, user, path)

    def _write(self, user: User, path: Path) -> dict[str, Any]:
        document = self._document(user)
        with _new_file(path) as file, ZipFile(file, "w") as archive:
            # Pictures first: the document says which of them are there.
            kept = [each for each in self._database.history(user.id) if each.state.has_files]
            names = {photo.id: self._add_photo(archive, photo) for photo in kept}
            for row in document["photos"]:
                row["file"] = names.get(row["id"])
            waiting = self._database.staged_of(user.id)
            prepared = {picture.id: self._add_prepared(archive, picture) for picture in waiting}
            for row in document["staged"]:
                row["file"] = prepared.get(row["id"])
            text = json.dumps(document, indent=2, ensure_ascii=False, default=_plain)
            archive.writestr(_entry(DOCUMENT, ZIP_DEFLATED), text + "\n")
        return document

    def _document(self, user: User) -> dict[str, Any]:
        """Everything but the pictures: the rows of every table, as they are kept."""
        [team] = [team for team in self._database.teams() if team.id == user.team_id]
        rows = self._database.rows_about(user.id)
        about = rows.pop("users")
        urls = {photo.id: self._url(photo, ORIGINAL) for photo in self._database.history(user.id)}
        if not about or any(row["id"] not in urls for row in rows["photos"]):
            raise Mistake(f"{user.email} was erased or merged meanwhile; nothing was written")
        for row in rows["photos"]:
            row["url"] = urls[row["id"]]
        # Of these only bytes are kept, which are made of the addresses.
        rows.pop("digests")
        workspace = {"id": team.id, "name": team.name, "domain": team.domain}
        head = {"version": VERSION, "exported_at": self._clock(), "workspace": workspace}
        return {**head, "user": about[0], **rows}

    def _add_photo(self, archive: ZipFile, photo: Photo) -> str | None:
        name = f"photos/{photo.id}.{photo.format.extension}"
        return self._add(archive, photo.key(ORIGINAL), name)

    def _add_prepared(self, archive: ZipFile, picture: Staged) -> str | None:
        return self._add(archive, picture.key, picture.key)

    def _add(self, archive: ZipFile, key: str, name: str) -> str | None:
        """Add a file of the store under a name, which is given back; None where it is lost."""
        data = self._blobs.get(key)
        if data is None:
            return None
        # Pictures are packed already.
        archive.writestr(_entry(name, ZIP_STORED), data)
        return name


def _entry(name: str, packing: int) -> ZipInfo:
    """An entry that is unpacked with a mode for its owner alone."""
    entry = ZipInfo(name)
    entry.compress_type = packing
    entry.external_attr = _PRIVATE << 16
    return entry


@contextmanager
def _new_file(path: Path) -> Iterator[IO[bytes]]:
    """A file that gets its name when all of it is on the disk; one of that name stays as it is.

    Only its owner may read it. Raises Mistake where it cannot be made.
    """
    if path.is_symlink() or path.exists():
        raise _taken(path)
    try:
        with NamedTemporaryFile(dir=path.parent, prefix=".likeness-", suffix=".part") as draft:
            yield draft
            draft.flush()
            os.fsync(draft.fileno())
            os.link(draft.name, path)
    except FileExistsError as error:
        raise _taken(path) from error
    except OSError as error:
        raise Mistake(f"{path} cannot be written: {error.strerror}") from error


def _taken(path: Path) -> Mistake:
    return Mistake(f"{path} is there already; nothing is ever overwritten, so name another file")


def _plain(value: date) -> str:
    """Days and moments as ISO 8601 writes them."""
    return value.isoformat()
