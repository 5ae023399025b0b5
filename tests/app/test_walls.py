"""Which walls must stand around picture processes, and what is said of those that do not."""

from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from likeness.app.service import Service, open_service
from likeness.app.walls import check_walls, needed_walls, start_pictures, without_walls
from likeness.config import Config, load
from likeness.errors import Mistake
from likeness.imaging.pool import spawner
from likeness.imaging.sandbox import Mode
from support.processes import own_workers
from support.studio import studio


def settings(**own: str) -> Config:
    """Settings, the others as they are by default."""
    return load({f"LIKENESS_{name.upper()}": value for name, value in own.items()})


@pytest.mark.parametrize(
    ("own", "mode"),
    [
        ({}, Mode.AUTO),
        ({"host": "::1"}, Mode.AUTO),
        ({"host": "0.0.0.0"}, Mode.REQUIRE),
        ({"host": "10.0.0.5"}, Mode.REQUIRE),
        ({"host": "photos.lan"}, Mode.REQUIRE),
        ({"host": "0.0.0.0", "sandbox": "off"}, Mode.OFF),
        ({"sandbox": "off"}, Mode.OFF),
        ({"sandbox": "require"}, Mode.REQUIRE),
    ],
)
def test_whom_other_machines_reach_has_walls_or_says_off(own: dict[str, str], mode: Mode) -> None:
    """`auto` does without them only for pictures of this machine."""
    assert mode is needed_walls(settings(**own))


def test_a_start_without_the_walls_that_it_needs_ends_at_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Before anything is served; here a layer is needed that nobody has."""
    monkeypatch.setattr(spawner, "ESSENTIAL", "walls of gold")

    with pytest.raises(Mistake, match="LIKENESS_SANDBOX=off goes on without walls"):
        check_walls(settings(host="0.0.0.0"))
    check_walls(settings())
    check_walls(settings(host="0.0.0.0", sandbox="off"))

    assert [] == own_workers()


def test_a_start_with_its_walls_leaves_nothing_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    """No process: a fork may follow. What cannot be started at all is found later."""
    check_walls(settings(sandbox="require"))
    assert [] == own_workers()

    monkeypatch.setattr(spawner, "_COMMAND", ("/nowhere/python",))
    check_walls(settings(sandbox="require"))


async def started(service: Service) -> list[Any]:
    """What is logged when picture processes start."""
    with capture_logs() as lines:
        await start_pictures(service.engine, service.config)
    return lines


@pytest.mark.anyio
async def test_walls_that_are_missing_are_warned_about(tmp_path: Path) -> None:
    """Each start again; with all walls there is nothing to say."""
    async with studio(tmp_path / "off", sandbox="off") as open_one:
        [line] = await started(open_one.service)
    async with studio(tmp_path / "auto") as walled:
        assert [] == await started(walled.service)

    assert ("walls_are_missing", "warning", "none") == (
        line["event"],
        line["log_level"],
        line["sandbox"],
    )
    assert "as LIKENESS_SANDBOX=off says" in line["reason"]


@pytest.mark.anyio
async def test_photos_are_shown_where_no_picture_process_starts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The start goes on, and says why."""
    monkeypatch.setattr(spawner, "_COMMAND", ("/nowhere/python",))
    service = open_service(settings(DATA=str(tmp_path)))
    try:
        [line] = await started(service)
    finally:
        await service.close()

    assert "no_picture_processes" == line["event"]
    assert "/nowhere/python" in line["reason"]


def test_what_is_missing_is_told_with_what_to_do() -> None:
    """The layers that there are, and where there would be more."""
    told = without_walls(["limits", "nobody"], settings())

    assert "only limits, nobody" in told
    assert "use Linux 5.13 or newer" in told
    assert "has only nothing" in without_walls([], settings())
