"""What monitors are told of targets."""

from pathlib import Path

import pytest

from likeness.app.metrics import exposition
from likeness.app.target_figures import FAMILIES, TargetFigures
from likeness.elsewhere import Target
from likeness.figures import Board
from likeness.targets.kinds import KINDS
from likeness.targets.names import KIND_NAMES
from support.pictures import jpeg
from support.studio import studio

pytestmark = pytest.mark.anyio


async def test_targets_are_told_as_they_stand(tmp_path: Path) -> None:
    async with studio(tmp_path) as work:
        database = work.service.database
        figures = TargetFigures(database, work.clock)
        assert await figures.look() == {}
        for name in ("hook", "other"):
            database.add_target(Target(name, name, "webhook", "https://h.example", work.clock()))
        await work.service.photos.set(work.ada, jpeg(600, 600), None)
        database.pause_target("other", work.clock(), "by hand")
        work.clock.advance(days=9999)

        told = exposition(Board(FAMILIES), await figures.look()).decode()

    assert 'likeness_copies{state="due",target="hook"} 1.0' in told
    assert 'likeness_copies{state="current",target="hook"} 0.0' in told
    assert 'likeness_target_paused{target="other"} 1.0' in told
    [oldest] = [line for line in told.splitlines() if line.startswith("likeness_copies_oldest")][:1]
    assert float(oldest.split()[-1]) > 0


def test_every_kind_is_counted() -> None:
    assert tuple(KINDS) == KIND_NAMES
