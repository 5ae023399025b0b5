"""Garbage collection: deleted and expired photos, stale uploads, files without a row.

Rows say that a photo is gone before its files are removed, so that a crash in between leaves files
which the next sweep finds.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from likeness.blobs import BlobStore
from likeness.db import Database
from likeness.events import SWEEP
from likeness.photo_writer import PURGE_BATCH, PhotoWriter
from likeness.threads import in_thread
from likeness.upkeep.orphans import ORPHAN_GRACE, find_orphans
from likeness.upload_files import remove_uploads

LEAVERS_AT_A_TIME: Final = 100
"""People whose photos end in one transaction, for the length of which uploads wait on SQLite."""


@dataclass(frozen=True, slots=True)
class SweepReport:
    """What a sweep removed, or would remove: photos, prepared pictures, orphaned files, bytes."""

    photos: int
    prepared: int
    orphans: int
    bytes_freed: int


class Sweeper:
    """Sweeps one installation.

    `keep_replaced` is how long a replaced photo can be restored, `keep_leavers` how long photos of
    deactivated people are kept, None for ever, and `keep_events` how long the log remembers.
    """

    def __init__(
        self,
        *,
        database: Database,
        blobs: BlobStore,
        writer: PhotoWriter,
        clock: Callable[[], datetime],
        keep_replaced: timedelta,
        keep_leavers: timedelta | None,
        keep_events: timedelta,
    ) -> None:
        self._database = database
        self._blobs = blobs
        self._writer = writer
        self._clock = clock
        self._keep_replaced = keep_replaced
        self._keep_leavers = keep_leavers
        self._keep_events = keep_events

    async def sweep(self, *, dry_run: bool = False, orphans: bool = True) -> SweepReport:
        """Sweep once. Raises ServiceUnavailable where database or store are away.

        `orphans=False` leaves out the listing of the whole store, which is the slow part.
        """
        now = self._clock()
        photos = await self._sweep_photos(now, dry_run=dry_run)
        prepared = await self._writer.end_expired_prepared(now, dry_run=dry_run)
        if not dry_run:
            await in_thread(self._database.forget_events, now - self._keep_events)
            uploads = await in_thread(self._database.expired_uploads, now)
            await remove_uploads(self._database, self._blobs, uploads)
        lost = (0, 0)
        if orphans:
            before = now - ORPHAN_GRACE
            lost = await in_thread(self._sweep_orphans, before, dry_run=dry_run)
        return SweepReport(photos, prepared, *lost)

    async def _sweep_photos(self, now: datetime, *, dry_run: bool) -> int:
        replaced_before = now - self._keep_replaced
        left_before = None if self._keep_leavers is None else now - self._keep_leavers
        if dry_run:
            return await in_thread(self._count_photos, replaced_before, left_before)
        # Expiring is a transaction of its own: from then on the photo cannot be restored, so its
        # files can be removed without racing a restore.
        await in_thread(self._database.expire_replaced, replaced_before, now)
        if left_before is not None:
            await in_thread(self._end_leavers, left_before, now)
        purged = 0
        while photos := await in_thread(self._database.photos_to_purge, PURGE_BATCH):
            await self._writer.purge(photos)
            purged += len(photos)
        return purged

    def _count_photos(self, replaced_before: datetime, left_before: datetime | None) -> int:
        """How many photos would end, or have ended while their files may still be there."""
        counted = self._database.count_purgeable(replaced_before)
        if left_before is None:
            return counted
        return counted + self._database.count_photos_of_leavers(left_before, replaced_before)

    def _end_leavers(self, left_before: datetime, now: datetime) -> None:
        """End the photos of people who left before a moment, some people at a time."""
        end = self._database.end_photos_of_leavers
        while end(left_before, now, SWEEP, LEAVERS_AT_A_TIME):
            pass

    def _sweep_orphans(self, before: datetime, *, dry_run: bool) -> tuple[int, int]:
        """How many orphans there were, and their bytes."""
        count = length = 0
        for lost in find_orphans(self._database, self._blobs, before):
            if not dry_run:
                self._blobs.delete([blob.key for blob in lost])
            count += len(lost)
            length += sum(blob.length for blob in lost)
        return count, length
