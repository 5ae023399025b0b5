"""A run that is killed goes on when it is run again, and ends as if it had not been."""

import signal
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from support.directory import Step, dn, in_step
from support.live import LiveServer
from support.organisation import picture
from support.patience import until
from support.slapd import person, removed

pytestmark = [pytest.mark.anyio, pytest.mark.slow]

PEOPLE_COUNT = 40


def begun(step: Step) -> subprocess.Popen[bytes]:
    """A run of its own process on the same data, which waits for its locks as others do."""
    settings = {name.upper(): value for name, value in step.directory.settings().items()}
    live = LiveServer(step.work.service.config.data, settings)
    return subprocess.Popen(
        [sys.executable, "-m", "likeness", "directory", "sync", "--apply", "--json"],
        env=live.environment | {"LIKENESS_PICTURE_WORKERS": "1"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def photos(step: Step) -> int:
    """How many people have one."""
    return sum(photo is not None for *_, photo in step.everybody())


@pytest.mark.parametrize("at_least", [(1, 0), (PEOPLE_COUNT // 2, 0), (PEOPLE_COUNT, 3)])
async def test_a_run_that_is_killed_goes_on(tmp_path: Path, at_least: tuple[int, int]) -> None:
    """While people come in, and while photos do."""
    everybody = "".join(person(each, jpegPhoto=picture(each)) for each in range(PEOPLE_COUNT))
    async with in_step(tmp_path, everybody) as step:
        running = begun(step)
        await until(lambda: len(step.everybody()) >= at_least[0] and photos(step) >= at_least[1])
        running.send_signal(signal.SIGKILL)
        running.wait()
        left = photos(step)

        # The lease of who was killed is over then.
        step.work.clock.now = datetime.now(UTC) + timedelta(minutes=5)
        done = await step.sync()
        assert done.photos["set"] == PEOPLE_COUNT - left or photos(step) == PEOPLE_COUNT
        assert len(step.everybody()) == photos(step) == PEOPLE_COUNT
        ended = step.everybody()
        assert (await step.sync()).photos == {}
        assert step.everybody() == ended
        assert all(stamp.startswith("here ") for _, stamp, *_ in map(_texts, ended))

        step.directory.modify(removed(dn(0)))
        await step.sync()
        assert (await step.user(0)).deleted_at


def _texts(row: tuple[object, ...]) -> tuple[str, ...]:
    return tuple(map(str, row))
