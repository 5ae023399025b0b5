"""Letters about photos that an administrator changed."""

import pytest

from likeness.change_letters import SETTLED_AFTER, TOLD_WITHIN, ChangeLetters
from likeness.events import OPERATOR, SWEEP, Actor
from likeness.mail.port import Undelivered
from likeness.model import Source
from likeness.postbox import Postbox
from likeness.precedence import Offer, Policy
from support.pictures import jpeg
from support.post import Outbox
from support.studio import Studio

pytestmark = pytest.mark.anyio


class Told:
    """What was told of a studio's people."""

    def __init__(self, work: Studio) -> None:
        self.work = work
        self.outbox = Outbox()
        service = work.service
        self._letters = ChangeLetters(
            service.database,
            service.people,
            Postbox(self.outbox, retry_interval_s=0),
            work.clock,
            public_url="https://photos.example.org",
        )

    async def round(self) -> list[str]:
        """To whom letters went in one round, when all is settled."""
        self.work.clock.advance(seconds=SETTLED_AFTER.total_seconds() + 1)
        before = len(self.outbox.letters)
        count = await self._letters.round()
        sent = [each.to for each in self.outbox.letters[before:]]
        assert len(sent) <= count
        return sent


@pytest.fixture
async def told(work: Studio) -> Told:
    """After the first round, which begins with now."""
    await work.service.photos.set(work.ada, jpeg(600, 600), None, by=OPERATOR)
    told = Told(work)
    assert await told.round() == []
    return told


async def test_whoever_was_changed_by_another_is_told_once(told: Told) -> None:
    """Set, brought back and removed, each with its words."""
    photos, work = told.work.service.photos, told.work
    await photos.set(work.ada, jpeg(700, 700), None, by=OPERATOR)
    assert await told.round() == ["ada@example.org"]
    assert await told.round() == []

    await photos.delete(await work.again(work.ada), by=Actor.on(work.ada, work.bob))
    assert await told.round() == ["ada@example.org"]

    assert "set a photo of you" in told.outbox.letters[0].text
    assert "removed your photo" in told.outbox.letters[1].text
    assert "https://photos.example.org/" in told.outbox.letters[1].text


async def test_what_people_and_programs_do_is_not_told(told: Told) -> None:
    """Their own changes, the sweep's, and what imports and directories bring."""
    work, photos = told.work, told.work.service.photos
    await photos.set(work.ada, jpeg(700, 700), None, by=Actor.on(work.ada, work.ada))
    await photos.set(work.ada, jpeg(701, 701), None, by=SWEEP)
    batch = Actor("cli", Source.ADMINISTRATOR, batch_id="b1")
    await photos.set(work.ada, jpeg(702, 702), None, by=batch)
    by = Actor("ldap:main", Source.DIRECTORY)
    offer = Offer(Source.DIRECTORY, Policy.ALWAYS, set_by=by.name)
    await work.service.offers.offer(work.bob, jpeg(600, 600), offer, by)
    await work.service.people.set_listed("ada@example.org", is_listed=False)

    assert await told.round() == []


async def test_who_is_gone_and_bots_are_not_written_to(told: Told) -> None:
    people, photos, work = told.work.service.people, told.work.service.photos, told.work
    robot = await people.add_user("robot@example.org", "Acme", is_bot=True)
    await photos.set(robot, jpeg(600, 600), None, by=OPERATOR)
    await photos.set(work.bob, jpeg(600, 600), None, by=OPERATOR)
    await people.deactivate("bob@example.org")
    await people.add_team("Umbrella")
    eve = await people.add_user("eve@example.org", "Umbrella")
    await photos.set(eve, jpeg(600, 600), None, by=OPERATOR)
    await people.remove_team("Umbrella", "Umbrella")

    assert await told.round() == []


async def test_a_letter_waits_for_the_mail_server(told: Told) -> None:
    """And for no longer than it is news."""
    work = told.work
    await work.service.photos.set(work.ada, jpeg(700, 700), None, by=OPERATOR)
    told.outbox.failures = [Undelivered("away", is_final=False)] * 3
    assert await told.round() == []
    assert await told.round() == ["ada@example.org"]

    await work.service.photos.set(work.ada, jpeg(701, 701), None, by=OPERATOR)
    told.outbox.failures = [Undelivered("away", is_final=False)] * 3
    assert await told.round() == []
    work.clock.advance(seconds=TOLD_WITHIN.total_seconds())
    assert await told.round() == []


async def test_a_mailbox_that_is_none_keeps_nobody_waiting(told: Told) -> None:
    work = told.work
    await work.service.photos.set(work.ada, jpeg(700, 700), None, by=OPERATOR)
    await work.service.photos.set(work.bob, jpeg(701, 701), None, by=OPERATOR)
    told.outbox.failures = [Undelivered("no such mailbox", is_final=True)]

    assert await told.round() == ["bob@example.org"]


async def test_what_is_not_settled_waits(told: Told) -> None:
    """An entry of another transaction may still come before it."""
    work = told.work
    await work.service.photos.set(work.ada, jpeg(700, 700), None, by=OPERATOR)

    assert await told._letters.round() == 0
    assert await told.round() == ["ada@example.org"]
