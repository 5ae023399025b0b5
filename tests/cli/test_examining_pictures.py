"""What the doctor says of a picture process and its walls."""

from pathlib import Path

import pytest

from likeness.cli.examining_pictures import Pictures
from likeness.cli.finding import CaveatError
from likeness.config import load
from support.zygotes import shared_zygote

pytestmark = pytest.mark.anyio


async def looked_at(tmp_path: Path, sandbox: str) -> tuple[str, str]:
    """Whether one starts, and how it is walled in."""
    config = load({"LIKENESS_DATA": str(tmp_path), "LIKENESS_SANDBOX": sandbox})
    with shared_zygote():
        pictures = Pictures(config)
    try:
        started = await pictures.start()
        try:
            return started, await pictures.walls()
        except CaveatError as caveat:
            return started, f"not well: {caveat}"
    finally:
        await pictures.close()


async def test_a_picture_process_starts_and_reads_what_it_should(tmp_path: Path) -> None:
    started, _ = await looked_at(tmp_path, "auto")

    assert "and nothing else" in started


async def test_walls_that_are_switched_off_are_a_warning(tmp_path: Path) -> None:
    """It works, and will not do."""
    _, walls = await looked_at(tmp_path, "off")

    assert walls.startswith("not well: ")
