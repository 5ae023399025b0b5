"""The end of uploaded files: what is in the store goes first."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest

from likeness.errors import ServiceUnavailable
from likeness.upload_files import remove_uploads
from likeness.uploads import Kind, Upload
from support.studio import Studio

pytestmark = pytest.mark.anyio


async def test_a_row_goes_after_what_it_leads_to(
    work: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So that nothing is left that nobody knows of; done again, it goes on."""
    database, blobs, now = work.service.database, work.service.blobs, work.clock.now
    upload = Upload(
        *("0badcafe", work.ada.team_id, work.ada.id, "a.zip", Kind.PHOTOS, "{}", "aa", 2, 3),
        *(now, now + timedelta(hours=1), now),
    )
    database.add_upload(upload)
    blobs.put(dict.fromkeys(upload.keys, b"x"))

    def away(keys: Sequence[str]) -> None:
        raise ServiceUnavailable("away")

    with monkeypatch.context() as patched:
        patched.setattr(blobs, "delete", away)
        with pytest.raises(ServiceUnavailable):
            await remove_uploads(database, blobs, [upload])
    assert database.uploads_of(work.ada.team_id) == [replace(upload)]
    await remove_uploads(database, blobs, [])
    await remove_uploads(database, blobs, [upload])

    assert database.uploads_of(work.ada.team_id) == []
    assert work.files() == []
