"""Links in letters: who gets one, for what, how often, and what each of them is good for."""

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from urllib.parse import unquote

import pytest

from likeness.errors import Mistake, NotAdmitted, Ratelimited
from likeness.events import Verb
from likeness.mailing import (
    ADDRESS_BURST,
    ADDRESSES_MAX,
    LIFETIME,
    NETWORK_BURST,
    PERSON_BURST,
    Mailing,
)
from likeness.model import Secret
from likeness.postbox import Postbox
from support.post import Outbox, mailing_of, running
from support.studio import Studio

pytestmark = pytest.mark.anyio

CLIENT = "192.0.2.7"
ADA, COUNTESS = "ada@example.org", "countess@example.org"


@dataclass
class Desk:
    """Mailing of a studio, and what it sent."""

    work: Studio
    mailing: Mailing
    postbox: Postbox
    outbox: Outbox

    async def readers(self) -> list[str]:
        """To whom letters went."""
        await self.postbox.empty()
        return [each.to for each in self.outbox.letters]

    async def code(self) -> Secret:
        """That of the newest letter."""
        await self.postbox.empty()
        found = re.search(r"code=(\S+)", self.outbox.letters[-1].text)
        assert found
        return Secret(unquote(found[1]))


@pytest.fixture
async def desk(work: Studio) -> AsyncIterator[Desk]:
    """One that sends."""
    outbox = Outbox()
    async with running(Postbox(outbox)) as postbox:
        mailing = mailing_of(work, postbox)
        yield Desk(work, mailing, postbox, outbox)


async def test_a_link_signs_in_whoever_has_the_address(desk: Desk) -> None:
    """However it was typed; the log says that they gave it to themselves."""
    assert await desk.mailing.ask_link(" Ada@Example.org ", CLIENT) == ADA

    session = await desk.work.service.sessions.use_link(await desk.code())

    assert session.user.id == desk.work.ada.id
    assert "https://photos.example.org/sign-in?code=" in desk.outbox.letters[0].text
    [event, *_] = desk.work.service.database.events(user_id=desk.work.ada.id, limit=2)
    assert {event.actor} == {desk.work.ada.id}
    assert Verb.ACCESS_GIVEN in {
        each.verb for each in desk.work.service.database.events(user_id=event.user_id, limit=9)
    }


async def test_a_further_address_is_written_to_itself(desk: Desk) -> None:
    await desk.work.service.people.add_address(ADA, COUNTESS)

    await desk.mailing.ask_link(COUNTESS, CLIENT)

    assert await desk.readers() == [COUNTESS]


async def test_each_workspace_has_its_letter(desk: Desk) -> None:
    """The same address may be somebody else there."""
    people = desk.work.service.people
    await people.add_team("Umbrella")
    await people.add_user(ADA, "Umbrella")

    await desk.mailing.ask_link(ADA, CLIENT)

    assert await desk.readers() == [ADA, ADA]
    assert {"Acme", "Umbrella"} == {
        each.subject.rpartition(" at ")[2] for each in desk.outbox.letters
    }


async def test_nobody_else_gets_a_letter(desk: Desk) -> None:
    """Strangers, who left, whose workspace was removed, and bots; all are answered alike."""
    people = desk.work.service.people
    await people.deactivate("bob@example.org")
    await people.add_user("robot@example.org", "Acme", is_bot=True)
    await people.add_team("Umbrella")
    await people.add_user("eve@example.org", "Umbrella")
    await people.remove_team("Umbrella", "Umbrella")

    for name in ("stranger", "bob", "robot", "eve"):
        assert await desk.mailing.ask_link(f"{name}@example.org", CLIENT)

    assert await desk.readers() == []


async def test_what_is_no_address_is_told(desk: Desk) -> None:
    """That says nothing of anybody."""
    with pytest.raises(Mistake, match="no e-mail address"):
        await desk.mailing.ask_link("ada", CLIENT)


async def test_a_network_may_ask_so_often(desk: Desk) -> None:
    """Whoever is asked for; another network may go on, and this one after a while."""
    for number in range(NETWORK_BURST):
        await desk.mailing.ask_link(f"p{number}@example.org", "192.0.2.7")

    with pytest.raises(Ratelimited, match="try again in 1 min"):
        await desk.mailing.ask_link(ADA, "192.0.2.99")
    await desk.mailing.ask_link(ADA, "198.51.100.1")
    desk.work.clock.advance(minutes=1)
    await desk.mailing.ask_link(ADA, "192.0.2.99")

    assert await desk.readers() == [ADA, ADA]


async def test_a_mailbox_is_not_filled_by_others(desk: Desk) -> None:
    """They are answered as always."""
    for number in range(ADDRESS_BURST + 2):
        await desk.mailing.ask_link(ADA, f"198.51.{number}.1")

    assert await desk.readers() == [ADA] * ADDRESS_BURST


async def test_an_address_is_added_by_whoever_reads_its_mail(desk: Desk) -> None:
    """Also by a key that was exchanged meanwhile."""
    ada, people = desk.work.ada, desk.work.service.people
    assert await desk.mailing.ask_address(ada, "Countess@example.org") == COUNTESS
    code = await desk.code()

    assert await desk.readers() == [COUNTESS]
    assert desk.mailing.confirmed(ada, code) == COUNTESS
    added = await desk.mailing.add_address(ada, code, CLIENT)

    assert added.email == COUNTESS
    assert [each.email for each in await people.addresses(ADA)] == [ADA, COUNTESS]
    with pytest.raises(Mistake, match="already"):
        await desk.mailing.ask_address(ada, COUNTESS)


async def test_a_confirmation_is_for_one_person_and_one_address(desk: Desk) -> None:
    """And for a while."""
    ada, bob = desk.work.ada, desk.work.bob
    await desk.mailing.ask_address(ada, COUNTESS)
    code = (await desk.code()).reveal()

    for user, text in ((bob, code), (ada, code[:-1]), (ada, "x" + code), (ada, ""), (ada, ".é")):
        with pytest.raises(NotAdmitted, match="not for the account"):
            desk.mailing.confirmed(user, Secret(text))
    desk.work.clock.advance(seconds=LIFETIME.total_seconds() + 2)
    with pytest.raises(NotAdmitted, match="too old"):
        desk.mailing.confirmed(ada, Secret(code))


async def test_an_address_of_somebody_else_stays_theirs(desk: Desk) -> None:
    """Whoever reads its mail is told so, and nobody before that."""
    await desk.mailing.ask_address(desk.work.ada, "bob@example.org")

    with pytest.raises(Mistake, match=r"bob@example\.org"):
        await desk.mailing.add_address(desk.work.ada, await desk.code(), CLIENT)


async def test_a_person_may_ask_so_often_and_have_so_many(desk: Desk) -> None:
    ada = desk.work.ada
    for number in range(PERSON_BURST):
        await desk.mailing.ask_address(ada, f"ada{number}@example.org")
    with pytest.raises(Ratelimited):
        await desk.mailing.ask_address(ada, "one.more@example.org")

    for number in range(ADDRESSES_MAX - 1):
        await desk.work.service.people.add_address(ADA, f"ada{number}@example.org")
    with pytest.raises(Mistake, match=f"may have {ADDRESSES_MAX}"):
        await desk.mailing.ask_address(ada, "one.more@example.org")


async def test_confirmations_do_not_fill_a_mailbox_either(desk: Desk) -> None:
    """Several people may ask for one address."""
    for number in range(ADDRESS_BURST + 1):
        user = await desk.work.service.people.add_user(f"p{number}@example.org", "Acme")
        await desk.mailing.ask_address(user, COUNTESS)

    assert await desk.readers() == [COUNTESS] * ADDRESS_BURST
