"""Use case: compare all rows with all files, and repair faults where possible.

The store is listed once, then the rows are read in pages, so that millions of photos take no more
memory than thousands. Each suspect is checked a second time, since the service may be running: a
photo that was set or deleted meanwhile is no fault.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from functools import partial
from itertools import chain, groupby
from typing import Final

from likeness.blobs import BlobStore, StoredBlob
from likeness.db import Database
from likeness.errors import ServiceUnavailable
from likeness.imaging.port import ImageEngine
from likeness.model import Photo
from likeness.threads import in_thread
from likeness.upkeep.listing import Listing, Progress, photo_id_of
from likeness.upkeep.mending import (
    EMPTY,
    MISSING,
    Fault,
    Mending,
    expected,
    expected_copies,
    fault_of,
)
from likeness.upkeep.orphans import ORPHAN_GRACE, unreferenced

PAGE: Final = 500
"""Photos that are looked at together: with at most 22 files each, some 3 MB of listing."""

READERS: Final = 4
"""Files that are read at once; each is at most as long as an upload may be."""

FINDINGS_SHOWN: Final = 1000
"""All are counted, the first ones are named."""


class Kind(StrEnum):
    """The kinds of faults."""

    FILES = "files"
    LEFT_BEHIND = "left_behind"
    ORPHANS = "orphans"
    STAGED = "staged"
    POINTERS = "pointers"


_ADVICE: Final = {
    Kind.FILES: (
        "restore these files from a backup; without one, somebody sets the photo again, "
        "or takes it away with `likeness photo remove`"
    ),
    Kind.LEFT_BEHIND: "",
    Kind.ORPHANS: (
        "the database never had a photo: see whether it is the right one before anything is removed"
    ),
    Kind.STAGED: "",
    Kind.POINTERS: "",
}
"""The remedies for faults that no repair mends."""

_BY_REPAIR: Final = "`likeness check --repair` makes it right"
_NOT_TRIED: Final = (
    "whether `likeness check --repair` can make these again is not known, since no picture could "
    "be made: "
)


@dataclass(frozen=True, slots=True)
class Finding:
    """A fault: of which photo, prepared picture or person, and the details."""

    kind: Kind
    subject: str
    details: tuple[str, ...]
    person: str = ""
    is_repaired: bool = False
    advice: str = ""
    is_repairable: bool = False


@dataclass
class CheckReport:
    """The numbers of checked items and of faults.

    `found`, `repaired`, and `repairable`, the faults that a repair would mend, count by kind.
    """

    is_deep: bool
    photos: int = 0
    files: int = 0
    found: Counter[Kind] = field(default_factory=Counter)
    repaired: Counter[Kind] = field(default_factory=Counter)
    repairable: Counter[Kind] = field(default_factory=Counter)
    findings: list[Finding] = field(default_factory=list)

    @property
    def is_right(self) -> bool:
        """Whether nothing is wrong now."""
        return self.found == self.repaired

    def add(self, finding: Finding) -> None:
        """Count it, and keep it while there is room."""
        self.found[finding.kind] += 1
        self.repaired[finding.kind] += finding.is_repaired
        self.repairable[finding.kind] += finding.is_repairable
        if len(self.findings) < FINDINGS_SHOWN:
            self.findings.append(finding)


@dataclass(frozen=True, slots=True)
class _Suspect:
    """A photo with files that look wrong."""

    photo: Photo
    faults: tuple[Fault, ...]


class Checking:
    """Compares, tells, and repairs when it is told to."""

    def __init__(
        self,
        database: Database,
        blobs: BlobStore,
        engine: ImageEngine,
        clock: Callable[[], datetime],
    ) -> None:
        self._database = database
        self._blobs = blobs
        self._mending = Mending(database, blobs, engine)
        self._clock = clock

    async def run(
        self, progress: Progress, *, is_deep: bool = False, repairs: bool = False
    ) -> CheckReport:
        """Look at everything. A deep look reads every file and follows it from start to end.

        `progress` hears of photos. Raises ServiceUnavailable.
        """
        report = CheckReport(is_deep)
        listing = await in_thread(Listing, self._blobs, progress.listed)
        with closing(listing):
            report.files = listing.count
            progress.expect(await in_thread(self._database.count_kept_photos))
            await self._check_photos(listing, report, progress, repairs=repairs)
            rest = partial(self._check_rest, listing, report, repairs=repairs)
            await in_thread(rest)
        return report

    async def _check_photos(
        self, listing: Listing, report: CheckReport, progress: Progress, *, repairs: bool
    ) -> None:
        after = 0
        while photos := await in_thread(self._database.kept_photos, after, PAGE):
            look = partial(self._suspects, photos, listing, is_deep=report.is_deep)
            for suspect in await in_thread(look):
                report.add(await self._told(suspect, repairs=repairs))
            report.photos += len(photos)
            progress.advance(len(photos))
            after = photos[-1].id

    async def _told(self, suspect: _Suspect, *, repairs: bool) -> Finding:
        """The faults of a photo's files, after those that can be are mended, where asked."""
        mend = self._mending.mend if repairs else self._mending.mendable
        reason, mended = "", set[str]()
        try:
            mended = await mend(suspect.photo, suspect.faults)
        except ServiceUnavailable as refusal:
            if repairs:
                raise
            reason = _NOT_TRIED + refusal.reason
        person = await in_thread(self._database.email_of, suspect.photo.user_id)
        whole = "made again" if repairs else "can be made again"
        return _finding(
            Kind.FILES,
            f"photo {suspect.photo.id} ({suspect.photo.state})",
            tuple(
                f"{fault.key}: {fault.found}{f', {whole}' * (fault.key in mended)}"
                for fault in suspect.faults
            ),
            person,
            repairs=repairs,
            can_be=all(fault.key in mended for fault in suspect.faults),
            advice=reason,
        )

    def _suspects(self, photos: list[Photo], listing: Listing, *, is_deep: bool) -> list[_Suspect]:
        """The photos with files at fault, by a second look."""
        lengths = {blob.key: blob.length for blob in listing.of_photos(photos[0].id, photos[-1].id)}
        look = partial(self._broken if is_deep else _absent, lengths=lengths)
        with ThreadPoolExecutor(READERS) as readers:
            looked = zip(photos, (readers.map if is_deep else map)(look, photos), strict=True)
            found = [_Suspect(photo, tuple(faults)) for photo, faults in looked if faults]
        return [sure for suspect in found if (sure := self._confirmed(suspect))]

    def _broken(self, photo: Photo, lengths: Mapping[str, int]) -> list[Fault]:
        """The faults of a photo's files, by their bytes."""
        copies = {key: out for key, out in expected_copies(photo).items() if key in lengths}
        looked = [
            Fault(key, fault_of(out, self._blobs.get(key) if key in lengths else None))
            for key, out in (expected(photo) | copies).items()
        ]
        return [fault for fault in looked if fault.found]

    def _confirmed(self, suspect: _Suspect) -> _Suspect | None:
        """The same, checked again: a file may have come, or the photo gone, meanwhile."""
        now = self._database.photo(suspect.photo.id)
        if now is None or not now.state.has_files:
            return None
        copies = expected_copies(now)
        outs = expected(now) | copies
        looked = [(fault.key, self._blobs.get(fault.key)) for fault in suspect.faults]
        faults = tuple(
            Fault(key, found)
            for key, data in looked
            if (found := fault_of(outs[key], data)) and not (data is None and key in copies)
        )
        return _Suspect(now, faults) if faults else None

    def _check_rest(self, listing: Listing, report: CheckReport, *, repairs: bool) -> None:
        everything = chain(
            self._unwanted(listing, repairs=repairs),
            self._lost_staged(repairs=repairs),
            self._wrong_pointers(repairs=repairs),
        )
        for finding in everything:
            report.add(finding)

    def _unwanted(self, listing: Listing, *, repairs: bool) -> Iterator[Finding]:
        """Files of photos that were taken away, and files of no row."""
        old = self._clock() - ORPHAN_GRACE
        has_photos = self._database.has_photos()
        for batch in listing.entries():
            ids = {number for blob in batch if (number := photo_id_of(blob.key)) is not None}
            purged = self._database.purged_photo_ids(ids)
            gone = [blob for blob in batch if photo_id_of(blob.key) in purged]
            rest = [blob for blob in batch if photo_id_of(blob.key) not in purged]
            lost = unreferenced(self._database, rest, old)
            yield from self._cleared(Kind.LEFT_BEHIND, gone, repairs=repairs)
            staged = [blob for blob in lost if photo_id_of(blob.key) is None]
            photos = [blob for blob in lost if photo_id_of(blob.key) is not None]
            yield from self._cleared(Kind.ORPHANS, staged, repairs=repairs)
            # As in a sweep: a database that never had a photo is more likely the wrong one.
            yield from self._cleared(Kind.ORPHANS, photos, repairs=repairs, can_be=has_photos)

    def _cleared(
        self, kind: Kind, blobs: list[StoredBlob], *, repairs: bool, can_be: bool = True
    ) -> Iterator[Finding]:
        # Listed files may have been swept since.
        there = [blob.key for blob in blobs if self._blobs.get(blob.key) is not None]
        if repairs and can_be:
            self._blobs.delete(there)
            ids = {number for key in there if (number := photo_id_of(key)) is not None}
            self._database.announce_files(ids)
        for stem, keys in groupby(sorted(there), lambda key: key.rpartition("_")[0] or key):
            yield _finding(kind, stem, tuple(keys), repairs=repairs, can_be=can_be)

    def _lost_staged(self, *, repairs: bool) -> Iterator[Finding]:
        """Prepared pictures without their file: nothing can be cut from them."""
        after = ""
        while some := self._database.staged_after(after, PAGE):
            # The others are on their way out, files first.
            valid = [each for each in some if each.expires_at > self._clock()]
            lost = [each for each in valid if self._blobs.get(each.key) is None]
            if repairs:
                self._database.remove_staged([each.id for each in lost])
            for each in lost:
                person = self._database.email_of(each.user_id)
                yield _finding(Kind.STAGED, each.key, ("missing",), person, repairs=repairs)
            after = some[-1].id

    def _wrong_pointers(self, *, repairs: bool) -> Iterator[Finding]:
        """Users whose row names another photo than their current one; the photo's row is right."""
        after = ""
        while some := self._database.pointers(after, PAGE):
            for each in some:
                if each.shown == each.current:
                    continue
                if repairs:
                    self._database.mend_pointer(each.user_id, self._clock())
                told = f"shows photo {each.shown or '(none)'}, has {each.current or '(none)'}"
                person = self._database.email_of(each.user_id)
                yield _finding(Kind.POINTERS, each.user_id, (told,), person, repairs=repairs)
            after = some[-1].user_id


def _absent(photo: Photo, lengths: Mapping[str, int]) -> list[Fault]:
    """Which of a photo's files are not there, or have nothing in them, by the listing."""
    copies = [key for key in photo.copy_keys() if key in lengths]
    keys = [key for key in (*photo.blob_keys(), *copies) if not lengths.get(key)]
    return [Fault(key, EMPTY if key in lengths else MISSING) for key in keys]


def _finding(
    kind: Kind,
    subject: str,
    details: tuple[str, ...],
    person: str = "",
    *,
    repairs: bool,
    can_be: bool = True,
    advice: str = "",
) -> Finding:
    """A finding; `can_be` says whether a repair makes it right, or has done so."""
    advice = advice or (_BY_REPAIR if can_be else _ADVICE[kind])
    return Finding(
        kind,
        subject,
        details,
        person,
        is_repaired=repairs and can_be,
        advice="" if repairs and can_be else advice,
        is_repairable=can_be,
    )
