"""What monitors read: every declared family, right for several processes, in Prometheus' format."""

from pathlib import Path

import httpx
import pytest

from likeness.app.metrics import BUSY, DEATHS, PICTURES, PictureFigures, exposition
from likeness.app.web import FAMILIES, build
from likeness.errors import BadImage
from likeness.figures import Board, Sheet
from support.developing import LENIENT
from support.engines import an_engine, develop, has_inside, stopped_worker
from support.patience import until
from support.pictures import jpeg
from support.processes import cut_down
from support.studio import studio

pytestmark = pytest.mark.anyio

HERE = "http://127.0.0.1:8080"


def figures(text: str) -> dict[str, float]:
    """A scrape by series."""
    pairs = [line.rpartition(" ") for line in text.splitlines() if not line.startswith("#")]
    return {series: float(value) for series, _, value in pairs}


def test_every_family_is_told_from_the_start() -> None:
    """So that nobody misses the first of anything; with a text, and as what it is."""
    text = exposition(Board(FAMILIES)).decode()

    for family in FAMILIES:
        assert f"# HELP {family.name}" in text
        assert f"# TYPE {family.name}" in text
    assert set(figures(text).values()) <= {0.0, 1.0}


def test_a_histogram_is_cumulative() -> None:
    """Each bucket counts all that is not above its bound; the last one counts all."""
    sheet = Sheet.alone(*FAMILIES)
    [seconds] = [each for each in FAMILIES if each.name == "likeness_read_seconds"]
    for value in (0.0005, 0.004, 99.0):
        sheet.observe(seconds, value, ("url",))

    told = figures(exposition(sheet.board).decode())

    assert told['likeness_read_seconds_bucket{address="url",le="0.001"}'] == 1
    assert told['likeness_read_seconds_bucket{address="url",le="0.005"}'] == 2
    assert told['likeness_read_seconds_bucket{address="url",le="10.0"}'] == 2
    assert told['likeness_read_seconds_bucket{address="url",le="+Inf"}'] == 3
    assert told['likeness_read_seconds_count{address="url"}'] == 3
    assert told['likeness_read_seconds_sum{address="url"}'] == pytest.approx(99.0045)


async def test_figures_of_pictures_are_those_of_the_moment() -> None:
    """Also when nobody asks; a successor counts on from what its sheet says."""
    board = Board(FAMILIES)
    sheet = board.sheet(board.take())
    sheet.set(PICTURES, 7, ("ok",))
    async with an_engine() as engine:
        PictureFigures(engine, sheet)
        await engine.develop(jpeg(50, 50), None, LENIENT)
        await until(lambda: sheet.get(BUSY) == 0)
        assert sheet.get(PICTURES, ("ok",)) == 8

        await engine.close()


async def test_a_worker_that_died_is_counted_by_its_signal() -> None:
    """A picture that is being made counts as busy meanwhile."""
    sheet = Sheet.alone(*FAMILIES)
    async with an_engine() as engine:
        PictureFigures(engine, sheet)
        worker = await stopped_worker(engine)
        refused = develop(engine, jpeg(50, 50))
        await until(lambda: has_inside(engine, 1) and sheet.get(BUSY) == 1)
        cut_down([worker])
        with pytest.raises(BadImage):
            await refused

        await until(lambda: sheet.get(BUSY) == 0)
        assert sheet.get(DEATHS, ("SIGKILL",)) == 1


async def test_any_process_of_a_board_tells_the_sums(tmp_path: Path) -> None:
    """What one application counted is told by the other."""
    board = Board(FAMILIES, sheets=2)
    async with studio(tmp_path / "a") as first, studio(tmp_path / "b") as second:
        texts = []
        for work in (first, second):
            application = build(work.service, None, board.sheet(board.take()))
            transport = httpx.ASGITransport(application)
            async with httpx.AsyncClient(transport=transport, base_url=HERE) as client:
                await client.post("/api/api.test")
                await client.post("/api/api.test", data={"error": "of_my_own"})
                await client.post("/api/no.such")
                await client.get("/avatars/nobody.jpg")
                texts.append((await client.get("/metrics")).text)

    once, twice = map(figures, texts)
    for series in (
        'likeness_calls_total{method="api.test",result="ok"}',
        'likeness_calls_total{method="api.test",result="other"}',
        'likeness_calls_total{method="unknown",result="unknown_method"}',
        'likeness_call_seconds_count{method="unknown"}',
        'likeness_reads_total{address="url",status="404"}',
        'likeness_read_seconds_count{address="url"}',
    ):
        assert (once[series], twice[series]) == (1, 2)
    assert (once["likeness_server_processes"], twice["likeness_server_processes"]) == (1, 2)
    assert twice["likeness_server_memory_bytes"] > 2**20
