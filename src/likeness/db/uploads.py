"""Statements about uploaded files of imports."""

import json
from collections.abc import Collection
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import RowMapping, delete, func, insert, select, update

from likeness.db.connection import Connected
from likeness.db.schema import uploads
from likeness.uploads import Kind, Stage, Upload


class Uploads(Connected):
    """Files that administrators uploaded, and how far their imports are."""

    def add_upload(self, upload: Upload) -> None:
        """Remember a file all of whose pieces are in the store."""
        values = asdict(upload) | {
            "kind": upload.kind.value,
            "stage": upload.stage.value,
            "counts": json.dumps(dict(upload.counts)),
        }
        with self._write() as connection:
            connection.execute(insert(uploads).values(**values))

    def upload(self, team_id: str, upload_id: str) -> Upload | None:
        """One of a team."""
        found = self._uploads(uploads.c.team_id == team_id, uploads.c.id == upload_id)
        return found[0] if found else None

    def uploads_of(self, team_id: str) -> list[Upload]:
        """All of a team, newest first."""
        return self._uploads(uploads.c.team_id == team_id)

    def expired_uploads(self, now: datetime) -> list[Upload]:
        """Those whose time is over."""
        return self._uploads(uploads.c.expires_at <= now)

    def count_uploads(self, team_id: str) -> int:
        """How many a team has."""
        counted = select(func.count()).select_from(uploads).where(uploads.c.team_id == team_id)
        with self._read() as connection:
            return int(connection.execute(counted).scalar_one())

    def claim_upload(
        self,
        upload_id: str,
        before: Stage,
        stage: Stage,
        at: datetime,
        stale_before: datetime,
    ) -> bool:
        """Begin the work of a stage, from the one before it; False where somebody else has.

        Work that has given no sign since `stale_before` is nobody's any more.
        """
        is_next = uploads.c.stage == before.value
        is_left = (uploads.c.stage == stage.value) & (uploads.c.beat_at < stale_before)
        claiming = update(uploads).where(uploads.c.id == upload_id, is_next | is_left)
        values = {"stage": stage.value, "beat_at": at, "rows_done": 0, "note": ""}
        with self._write() as connection:
            return bool(connection.execute(claiming.values(values)).rowcount)

    def note_upload(self, upload_id: str, **values: Any) -> None:
        """Keep how far one is: `beat_at`, `stage`, `rows_done` and others by their columns."""
        if "counts" in values:
            values["counts"] = json.dumps(dict(values["counts"]))
        with self._write() as connection:
            connection.execute(update(uploads).where(uploads.c.id == upload_id).values(values))

    def remove_uploads(self, upload_ids: Collection[str]) -> None:
        """Forget some; what they have in the store is removed before."""
        with self._write() as connection:
            connection.execute(delete(uploads).where(uploads.c.id.in_(upload_ids)))

    def _uploads(self, *conditions: Any) -> list[Upload]:
        newest = select(uploads).where(*conditions)
        in_order = newest.order_by(uploads.c.created_at.desc(), uploads.c.id)
        with self._read() as connection:
            return [_upload_of(row) for row in connection.execute(in_order).mappings()]


def _upload_of(row: RowMapping) -> Upload:
    read = {"kind": Kind(row["kind"]), "stage": Stage(row["stage"])}
    return Upload(**dict(row) | read | {"counts": json.loads(row["counts"])})
