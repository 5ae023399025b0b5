"""The job: who is behind is looked for, woken for, and one bad target holds up no other."""

import asyncio
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from pathlib import Path

import pytest

from likeness.app import pushing as jobs
from likeness.app.lane import Lane
from likeness.app.pushing import Pushing
from likeness.app.target_figures import FAMILIES
from likeness.copies import Copies
from likeness.copy_pictures import CopyPictures
from likeness.elsewhere import Delivery, Result, Target
from likeness.figures import Sheet
from likeness.targets.port import Holder, News, Receiver
from support.holders import Ear
from support.patience import until
from support.pictures import jpeg
from support.studio import Studio, studio

pytestmark = pytest.mark.anyio


@pytest.fixture
async def work(tmp_path: Path) -> AsyncIterator[Studio]:
    """A service without targets."""
    async with studio(tmp_path) as fresh:
        yield fresh


class Deaf(Ear):
    """A target that takes for ever."""

    async def tell(self, news: News) -> str:
        """Never end."""
        await asyncio.sleep(3600)
        return ""


def add_target(work: Studio, name: str) -> None:
    """One of a name, which is its id as well."""
    work.service.database.add_target(
        Target(name, name, "webhook", "https://h.example.org", work.clock())
    )


def pushing_to(work: Studio, port_of: Callable[[str], Holder | Receiver]) -> Pushing:
    """The job, with what each target is by its name."""
    pictures = CopyPictures(work.service.delivery.view, "https://photos.example.org")
    copies = Copies(work.service.database, pictures.pictured, work.clock)

    def lane_of(target: Target) -> Lane:
        return Lane(
            target,
            opened=lambda opened: port_of(opened.name),
            copies=copies,
            database=work.service.database,
            clock=work.clock,
            sheet=Sheet.alone(*FAMILIES),
        )

    return Pushing(work.service.database, lane_of, work.clock, timedelta(days=30))


async def set_photo(work: Studio, number: int = 1) -> None:
    """A new photo of Ada's."""
    work.clock.advance(seconds=1)
    await work.service.photos.set(await work.again(work.ada), jpeg(600, 600, number), None)


async def test_a_change_is_brought_to_every_target(work: Studio) -> None:
    ears = {"a": Ear(), "b": Ear()}
    for name in ears:
        add_target(work, name)
    pushing = pushing_to(work, ears.__getitem__)
    await set_photo(work)

    await pushing.look()
    await pushing.settled()

    assert [len(ear.heard) for ear in ears.values()] == [1, 1]


async def test_a_target_that_never_answers_holds_up_no_other(
    work: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nor does its removal, or the end of the process, wait for it."""
    ear = Ear()
    add_target(work, "bad")
    add_target(work, "good")
    pushing = pushing_to(work, {"bad": Deaf(), "good": ear}.__getitem__)
    for number in range(3):
        await set_photo(work, number)
        await pushing.look()
        await pushing.look()
        await until(lambda: len(ear.heard) > number)  # noqa: B023 - asked within the round.

    await until(lambda: list(pushing._running) == ["bad"])
    monkeypatch.setattr(jobs, "STOP_GRACE_S", 0.01)
    await pushing.stop()


async def test_who_is_woken_looks_at_once(work: Studio, monkeypatch: pytest.MonkeyPatch) -> None:
    """And stops when told, without waiting longer than the grace for what never ends."""
    monkeypatch.setattr(jobs, "POLL_S", 3600.0)
    monkeypatch.setattr(jobs, "STOP_GRACE_S", 0.01)
    ear = Ear()
    add_target(work, "good")
    add_target(work, "bad")
    pushing = pushing_to(work, {"bad": Deaf(), "good": ear}.__getitem__)
    work.service.photos.watch(pushing.wake)
    running = asyncio.create_task(pushing.run())
    await until(lambda: bool(pushing._lanes))

    await set_photo(work)
    await until(lambda: len(ear.heard) == 1)
    await pushing.stop()
    await running

    assert pushing._running == {}


async def test_without_targets_nothing_wakes_it(work: Studio) -> None:
    pushing = pushing_to(work, lambda _: Ear())

    await pushing.look()
    pushing.wake()

    assert not pushing._woken.is_set()


async def test_a_target_that_was_removed_has_no_lane(work: Studio) -> None:
    add_target(work, "a")
    pushing = pushing_to(work, lambda _: Ear())
    await pushing.look()
    assert list(pushing._lanes) == ["a"]

    work.service.database.remove_target("a")
    await pushing.look()

    assert pushing._lanes == {}


async def test_the_log_of_deliveries_is_pruned(work: Studio) -> None:
    add_target(work, "a")
    for days in (0, 31):
        at = work.clock() - timedelta(days=days)
        work.service.database.add_delivery(Delivery(at, "a", work.ada.id, 1, Result.DONE, 1))

    await pushing_to(work, lambda _: Ear()).look()

    assert len(work.service.database.deliveries_of("a", 9)) == 1


async def test_a_target_that_is_new_gets_a_lane(
    work: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs, "IDLE_POLL_S", 0.01)
    monkeypatch.setattr(jobs, "POLL_S", 0.01)
    ear = Ear()
    pushing = pushing_to(work, lambda _: ear)
    running = asyncio.create_task(pushing.run())
    add_target(work, "a")
    await until(lambda: bool(pushing._lanes))
    await set_photo(work)
    await until(lambda: len(ear.heard) == 1)

    await pushing.stop()
    await running
