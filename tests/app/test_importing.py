"""How imports by upload are wired."""

from pathlib import Path

import pytest

from likeness.app.importing import undoing_of, uploading_of
from support.studio import studio

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize(("workers", "at_once"), [("1", 1), ("2", 1), ("4", 3)])
async def test_a_worker_is_left_to_people(tmp_path: Path, workers: str, at_once: int) -> None:
    """Where there is more than one."""
    async with studio(tmp_path, picture_workers=workers, import_bytes_max="2000000") as work:
        made = uploading_of(work.service)

        assert made._photos._at_once == at_once
        assert made.length_max == 2_000_000
        assert await undoing_of(work.service).batches(await work.service.people.team()) == []
