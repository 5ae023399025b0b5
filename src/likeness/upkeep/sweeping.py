"""Garbage collection: deleted and expired photos, stale uploads, files without a row.

Rows say that a photo is gone before its files are removed, so that a crash in between leaves files
which the next sweep finds.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from likeness.blobs import BlobStore
from likeness.db import Database
from likeness.photo_writer import PURGE_BATCH, PhotoWriter
from likeness.threads import in_thread
from likeness.upkeep.orphans import ORPHAN_GRACE, find_orphans


@dataclass(frozen=True, slots=True)
class SweepReport:
    """What a sweep removed, or would remove: photos, prepared pictures, orphaned files, bytes."""

    photos: int
    prepared: int
    orphans: int
    bytes_freed: int


class Sweeper:
    """Sweeps one installation.

    `keep_replaced` is how long a replaced photo can be restored, `keep_events` how long the log
    remembers.
    """

    def __init__(
        self,
        *,
        database: Database,
        blobs: BlobStore,
        writer: PhotoWriter,
        clock: Callable[[], datetime],
        keep_replaced: timedelta,
        keep_events: timedelta,
    ) -> None:
        self._database = database
        self._blobs = blobs
        self._writer = writer
        self._clock = clock
        self._keep_replaced = keep_replaced
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
        lost = (0, 0)
        if orphans:
            before = now - ORPHAN_GRACE
            lost = await in_thread(self._sweep_orphans, before, dry_run=dry_run)
        return SweepReport(photos, prepared, *lost)

    async def _sweep_photos(self, now: datetime, *, dry_run: bool) -> int:
        replaced_before = now - self._keep_replaced
        if dry_run:
            return await in_thread(self._database.count_purgeable, replaced_before)
        # Expiring is a transaction of its own: from then on the photo cannot be restored, so its
        # files can be removed without racing a restore.
        await in_thread(self._database.expire_replaced, replaced_before, now)
        purged = 0
        while photos := await in_thread(self._database.photos_to_purge, PURGE_BATCH):
            await self._writer.purge(photos)
            purged += len(photos)
        return purged

    def _sweep_orphans(self, before: datetime, *, dry_run: bool) -> tuple[int, int]:
        """How many orphans there were, and their bytes."""
        count = length = 0
        for lost in find_orphans(self._database, self._blobs, before):
            if not dry_run:
                self._blobs.delete([blob.key for blob in lost])
            count += len(lost)
            length += sum(blob.length for blob in lost)
        return count, length
