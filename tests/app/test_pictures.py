"""What has to do with pictures is wired when it is asked for, and once."""

from pathlib import Path

import pytest

from likeness.app.service import open_service
from likeness.config import load

pytestmark = pytest.mark.anyio


async def test_a_service_that_is_asked_for_people_wires_no_pictures(tmp_path: Path) -> None:
    """And can be closed without them; what begins an installation opens the store as well."""
    config = load({"LIKENESS_DATA": str(tmp_path)})
    service = open_service(config)
    await service.prepare()
    assert (tmp_path / "blobs").is_dir()
    await service.close()

    again = open_service(config)
    await again.prepare(begins=False)
    assert await again.people.teams() == []
    assert "pictures" not in vars(again)
    await again.close()


async def test_all_parts_share_one_store_and_one_engine(tmp_path: Path) -> None:
    service = open_service(load({"LIKENESS_DATA": str(tmp_path)}))
    try:
        assert service.pictures is service.pictures
        assert service.engine is service.pictures.engine
        assert service.photos is service.pictures.photos
        assert service.delivery is service.pictures.delivery
    finally:
        await service.close()
