"""Use case: an import by upload. A file is kept in pieces, planned, and on a word applied.

The store has the file and the database how far it is, so that any process may go on where another
was stopped: to apply a file again gives the same end (decision 48). All of it ends with the day.
"""

import asyncio
import json
import secrets
import shutil
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any, Final

from likeness.blobs import BlobStore
from likeness.db import Database
from likeness.errors import Mistake, ServiceUnavailable
from likeness.events import Actor
from likeness.imports.matching import EVERY_MATCH, Match
from likeness.imports.outcomes import Row, counted
from likeness.imports.people_import import PeopleImport, rows_of
from likeness.imports.photo_import import PhotoImport, Terms, new_batch_id
from likeness.imports.records import Record
from likeness.imports.reports import packed
from likeness.imports.sources import Source, opened_source
from likeness.log import Log
from likeness.model import Source as From
from likeness.model import Team, User
from likeness.precedence import Policy
from likeness.threads import in_thread
from likeness.upload_files import remove_uploads
from likeness.uploads import PIECE_LENGTH, Kind, Stage, Upload, piece_key

LIFE: Final = timedelta(hours=12)
"""How long an uploaded file and its report are kept: half of the grace after which a file of the
store that nobody knows is swept, so that one is never swept while it is used."""

UPLOADS_MAX: Final = 5
"""Files that a workspace may have at once; the oldest is discarded by hand, or ends by itself."""

BEAT_S: Final = 2.0
STALE_AFTER: Final = timedelta(seconds=30)
"""How often work says that it goes on, and when it is taken for stopped without it."""

AT_ONCE: Final = 1
"""Imports that one process works on; the others wait."""

NOTE_LENGTH_MAX: Final = 1000
NAME_LENGTH_MAX: Final = 200
"""Characters of what went wrong, and of a file's name, which columns of the database hold."""

SUFFIXES: Final = {
    Kind.PEOPLE: frozenset({".csv", ".tsv", ".txt", ".ldif", ".ldf"}),
    Kind.PHOTOS: frozenset({".zip", ".csv", ".tsv", ".txt", ".ldif", ".ldf"}),
}
"""Which files bring what, by the ends of their names."""

_FOLDER: Final = "import-"
"""How folders are called in which files are put together."""

_log = Log(__name__)


@dataclass(frozen=True, slots=True)
class Wishes:
    """How a file is to be taken: the first three are for photos, the others for people."""

    matches: Sequence[Match] = EVERY_MATCH
    policy: Policy = Policy.IF_NOT_OWN
    opens_locks: bool = False
    deactivates: bool = False
    force: bool = False

    def text(self) -> str:
        """For the database."""
        return json.dumps(asdict(self))

    @classmethod
    def of(cls, text: str) -> "Wishes":
        """From there."""
        values = json.loads(text)
        values["matches"] = tuple(map(Match, values["matches"]))
        return cls(**values | {"policy": Policy(values["policy"])})


@dataclass
class _Progress:
    """What was told of rows so far."""

    total: int = 0
    rows: list[Row] = field(default_factory=list)

    def __call__(self, row: Row) -> None:
        self.rows.append(row)


@dataclass(frozen=True, slots=True)
class _Job:
    """What is to be done with an upload, on whose word."""

    team: Team
    upload: Upload
    by: Actor
    stage: Stage
    progress: _Progress = field(default_factory=_Progress)

    @property
    def is_for_good(self) -> bool:
        """Whether it is not only a plan."""
        return self.stage is Stage.APPLYING


class Draft:
    """A file that is being received. One that is longer than `length_max` is refused."""

    def __init__(self, blobs: BlobStore, length_max: int) -> None:
        self._blobs = blobs
        self._length_max = length_max
        self._held = bytearray()
        self.key: Final = secrets.token_hex(16)
        self.pieces = 0
        self.length = 0

    async def write(self, data: bytes | bytearray) -> None:
        """Take more of it. Raises Mistake for too much, ServiceUnavailable."""
        self.length += len(data)
        if self.length > self._length_max:
            raise Mistake(
                f"the file has more than {self._length_max:,} bytes, which is the most that "
                "LIKENESS_IMPORT_BYTES_MAX allows; make several, or use `likeness photo import`"
            )
        self._held += data
        while len(self._held) >= PIECE_LENGTH:
            await self._put(bytes(self._held[:PIECE_LENGTH]))
            del self._held[:PIECE_LENGTH]

    async def end(self) -> None:
        """All of it was received."""
        if self._held:
            await self._put(bytes(self._held))
            self._held.clear()

    async def drop(self) -> None:
        """Remove what was received; what cannot be removed now is swept as a file of nobody."""
        keys = [piece_key(self.key, number) for number in range(self.pieces + 1)]
        with suppress(ServiceUnavailable):
            await in_thread(self._blobs.delete, keys)

    async def _put(self, piece: bytes) -> None:
        await in_thread(self._blobs.put, {piece_key(self.key, self.pieces): piece})
        self.pieces += 1


class Uploading:
    """Imports by upload, of one process. `folder` is where files are put together to be read."""

    def __init__(
        self,
        *,
        database: Database,
        blobs: BlobStore,
        people: PeopleImport,
        photos: PhotoImport,
        clock: Callable[[], datetime],
        folder: Path,
        length_max: int,
    ) -> None:
        self._database = database
        self._blobs = blobs
        self._people = people
        self._photos = photos
        self._clock = clock
        self._folder = folder
        self.length_max: Final = length_max
        self._turn = asyncio.Semaphore(AT_ONCE)
        self._tasks: set[asyncio.Task[None]] = set()

    @asynccontextmanager
    async def receiving(self, team: Team, name: str, kind: Kind) -> AsyncIterator[Draft]:
        """A draft for a file of that name; without an upload of it at the end it is dropped.

        Raises Mistake for a name of another kind, and where the workspace has too many.
        """
        if Path(name).suffix.casefold() not in SUFFIXES[kind]:
            ends = ", ".join(sorted(SUFFIXES[kind]))
            raise Mistake(f"{kind.value} come from files whose names end with one of: {ends}")
        if await in_thread(self._database.count_uploads, team.id) >= UPLOADS_MAX:
            raise Mistake(
                f"there are {UPLOADS_MAX} uploaded files already; discard one of them first"
            )
        draft = Draft(self._blobs, self.length_max)
        try:
            yield draft
        except BaseException:
            await draft.drop()
            raise

    async def keep(self, draft: Draft, user: User, name: str, kind: Kind, wishes: Wishes) -> Upload:
        """Remember a file that was received, and begin its plan."""
        await draft.end()
        now = self._clock()
        upload = Upload(
            id=new_batch_id(),
            team_id=user.team_id,
            user_id=user.id,
            name=name[-NAME_LENGTH_MAX:],
            kind=kind,
            wishes=wishes.text(),
            key=draft.key,
            pieces=draft.pieces,
            length=draft.length,
            created_at=now,
            expires_at=now + LIFE,
            # Nobody works on it yet.
            beat_at=now - 2 * STALE_AFTER,
        )
        await in_thread(self._database.add_upload, upload)
        return upload

    async def upload(self, team: Team, upload_id: str) -> Upload | None:
        """One of a workspace."""
        return await in_thread(self._database.upload, team.id, upload_id)

    async def uploads(self, team: Team) -> list[Upload]:
        """All of a workspace, newest first."""
        return await in_thread(self._database.uploads_of, team.id)

    async def report(self, upload: Upload) -> bytes | None:
        """What became of each row, see `reports`; None where it is not known, or not any more."""
        return await in_thread(self._blobs.get, upload.report) if upload.report else None

    def is_stopped(self, upload: Upload) -> bool:
        """Whether work on it ended in the middle, such as with a process; it may go on."""
        return upload.is_working and upload.beat_at < self._clock() - STALE_AFTER

    async def begin(self, team: Team, upload: Upload, by: Actor, stage: Stage) -> bool:
        """Plan it, or apply it, beside whatever else happens; False where that is being done.

        `by` is the administrator whose click it is.
        """
        before = Stage.PLANNED if stage is Stage.APPLYING else Stage.FAILED
        now = self._clock()
        claim = self._database.claim_upload
        if not await in_thread(claim, upload.id, before, stage, now, now - STALE_AFTER):
            return False
        task = asyncio.create_task(self._work(_Job(team, upload, by, stage)))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return True

    async def discard(self, upload: Upload) -> None:
        """Forget a file with its report; what was applied of it stays."""
        await remove_uploads(self._database, self._blobs, [upload])

    async def idle(self) -> None:
        """Wait until nothing is worked on."""
        while self._tasks:
            await asyncio.gather(*self._tasks)

    async def close(self) -> None:
        """Stop all work; it goes on when somebody asks for it again."""
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _work(self, job: _Job) -> None:
        beating = asyncio.create_task(self._beat(job))
        try:
            async with self._turn, self._opened(job.upload) as source:
                job.progress.total = len(source.records)
                warning = await self._done(job, source.records)
                over = Stage.DONE if job.is_for_good else Stage.PLANNED
                await self._end(job, over, " ".join([*source.notes, warning]).strip())
        except Mistake as mistake:
            await self._fail(job, str(mistake))
        except ServiceUnavailable as refusal:
            _log.warning("import_stopped", upload=job.upload.id, reason=refusal.reason)
            await self._fail(job, refusal.message)
        except Exception as error:  # noqa: BLE001 - Whatever it is, somebody waits for the end.
            _log.error("import_failed", upload=job.upload.id, exc_info=error)
            await self._fail(job, "something failed here; the log of the service has it")
        finally:
            beating.cancel()

    async def _done(self, job: _Job, records: Sequence[Record]) -> str:
        """Do the work by the code of the verbs; gives the warning of a plan, if any."""
        wishes = Wishes.of(job.upload.wishes)
        if job.upload.kind is Kind.PEOPLE:
            return await self._people_done(job, records, wishes)
        terms = Terms(wishes.policy, wishes.opens_locks, wishes.matches)
        if job.is_for_good:
            await self._photos.apply(job.team, records, terms, job.progress, job.by)
        else:
            await self._photos.plan(job.team, records, terms, job.progress)
        return ""

    async def _people_done(self, job: _Job, records: Sequence[Record], wishes: Wishes) -> str:
        plan = await self._people.plan(job.team, records, deactivates=wishes.deactivates)
        job.progress.total = len(plan.rows) + len(plan.leaving)
        if job.is_for_good:
            by, force = job.by, wishes.force
            await self._people.apply(job.team, plan, job.progress, force=force, by=by)
            return ""
        for row in rows_of(plan):
            job.progress(row)
        return plan.warning

    @asynccontextmanager
    async def _opened(self, upload: Upload) -> AsyncIterator[Source]:
        """The rows of an uploaded file, which lies in a folder of its own meanwhile."""
        with tempfile.TemporaryDirectory(prefix=_FOLDER, dir=self._folder) as folder:
            path = Path(folder, "upload").with_suffix(Path(upload.name).suffix.casefold())
            await in_thread(self._put_together, upload, path)
            opening = opened_source(path)
            source = await in_thread(opening.__enter__)
            try:
                yield source
            finally:
                await in_thread(partial(opening.__exit__, None, None, None))

    def _put_together(self, upload: Upload, path: Path) -> None:
        """Write the file; what processes left that were killed over one is removed first."""
        for left in self._folder.glob(f"{_FOLDER}*"):
            if time.time() - left.stat().st_mtime > LIFE.total_seconds():
                shutil.rmtree(left, ignore_errors=True)
        with path.open("wb") as file:
            for key in upload.piece_keys:
                piece = self._blobs.get(key)
                if piece is None:
                    raise Mistake("the file is not kept any more; upload it again")
                file.write(piece)

    async def _beat(self, job: _Job) -> None:
        """Say that work goes on, and how far it is."""
        while True:
            await asyncio.sleep(BEAT_S)
            with suppress(ServiceUnavailable):
                await self._note(job, beat_at=self._clock())

    async def _fail(self, job: _Job, note: str) -> None:
        """Note that it failed, where that can be noted; else it is taken for stopped."""
        with suppress(ServiceUnavailable):
            await self._end(job, Stage.FAILED, note)

    async def _end(self, job: _Job, stage: Stage, note: str) -> None:
        """Keep what became of each row in place of what was known before."""
        upload, rows = job.upload, job.progress.rows
        report = f"staged/{secrets.token_hex(16)}.report"
        await in_thread(self._blobs.put, {report: packed(rows)})
        kept = await self.upload(job.team, upload.id)
        end = {"stage": stage.value, "note": note[:NOTE_LENGTH_MAX], "report": report}
        await self._note(job, **end, counts=counted(rows))
        # Of one that was discarded meanwhile nothing stays.
        stale = kept.report if kept else report
        if stale:
            await in_thread(self._blobs.delete, [stale])

    async def _note(self, job: _Job, **values: Any) -> None:
        progress = job.progress
        far = {"rows_done": len(progress.rows), "rows_total": progress.total}
        note = self._database.note_upload
        await in_thread(partial(note, job.upload.id, **far, **values))


def actor_of(upload: Upload, user: User, client: str) -> Actor:
    """An administrator who applies a file: its number is that of the batch to be taken back."""
    return replace(Actor.on(user, user, client), source=From.IMPORT, batch_id=upload.id)
