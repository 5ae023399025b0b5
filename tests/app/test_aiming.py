"""What an operator does with targets, where the verbs' tests do not reach: taking away, filling."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from likeness.app.aiming import Aiming, Wish
from likeness.app.lane import Lane
from likeness.app.target_figures import FAMILIES
from likeness.app.targets import lane_of
from likeness.elsewhere import Target
from likeness.errors import Mistake
from likeness.figures import Sheet
from support.pictures import jpeg
from support.receivers import ReceivingHost, answer, receiving_host
from support.studio import Studio, studio

pytestmark = pytest.mark.anyio

ADA = "ada@example.org"


@pytest.fixture
async def host() -> AsyncIterator[ReceivingHost]:
    """A receiver."""
    async with receiving_host() as running:
        yield running


@pytest.fixture
async def work(tmp_path: Path) -> AsyncIterator[Studio]:
    """A service that may ask this machine; Ada has a photo."""
    async with studio(tmp_path, target_networks="127.0.0.0/8") as fresh:
        await fresh.service.photos.set(fresh.ada, jpeg(600, 600), None)
        yield fresh


async def added(work: Studio, host: ReceivingHost, **changes: str) -> Target:
    """The target, filled, with all brought there."""
    aiming = Aiming(work.service)
    target, _ = await aiming.add(Wish("webhook", "hook", host.url, **changes))
    await aiming.fill(target)
    await lane(work, target).run()
    return target


def lane(work: Studio, target: Target) -> Lane:
    """Its lane."""
    return lane_of(work.service, target, Sheet.alone(*FAMILIES))


async def test_what_a_target_shows_is_taken_away_before_it_is_removed(
    work: Studio, host: ReceivingHost
) -> None:
    """Where it does not answer it is said how many are left."""
    target, aiming = await added(work, host), Aiming(work.service)
    host.answers = [answer(500)]
    assert await aiming.clear(target) == 1

    host.answers = [answer(200)]
    await aiming.resume(target)
    assert await aiming.clear(target) == 0

    assert b"photo.removed" in host.got[-1].body
    await aiming.remove(target)
    assert await aiming.stands() == []


async def test_a_target_of_one_workspace_gets_its_people(work: Studio, host: ReceivingHost) -> None:
    await work.service.people.add_team("Other")
    target = await added(work, host, workspace="Other")

    assert len(host.got) == 1
    assert target.team_id
    assert await Aiming(work.service).resync(target, work.ada) == 0


async def test_an_erased_person_has_no_address_in_the_list(
    work: Studio, host: ReceivingHost
) -> None:
    target = await added(work, host)
    database = work.service.database
    [copy] = database.copies_of_user(work.ada.id)

    [(listed, user)] = await Aiming(work.service).copies(target, frozenset({copy.state}))

    assert (listed, user and user.email) == (copy, ADA)


async def test_a_target_that_turned_away_is_told_in_words(
    work: Studio, host: ReceivingHost
) -> None:
    target = await added(work, host)
    host.answers = [answer(410)]

    with pytest.raises(Mistake, match="hook: it answered 410"):
        await Aiming(work.service).check(target)
