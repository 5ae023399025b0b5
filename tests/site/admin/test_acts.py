"""What is done with several people at once, and in whose name the log has it."""

import pytest

from likeness.errors import NotAdmitted, ServiceUnavailable
from likeness.events import Actor
from likeness.mailing import Mailing
from likeness.model import Caller, Secret, User
from likeness.postbox import Postbox
from likeness.scopes import ADMIN_SCOPE
from likeness.site.admin.acts import (
    ACTS,
    DONE,
    LETTERS_MAX,
    LINK_LIVES,
    TOLD,
    Act,
    Acts,
    Wish,
    offered,
)
from support.pictures import jpeg
from support.post import Outbox, mailing_of, running
from support.studio import Studio

pytestmark = pytest.mark.anyio


async def caller_of(work: Studio) -> Caller:
    """Ada, who administers."""
    await work.service.people.set_admin("ada@example.org", is_admin=True)
    issued = await work.service.accounts.issue_token("ada@example.org", (ADMIN_SCOPE,), None)
    return await work.service.accounts.authenticate(issued.secret)


def acts_of(work: Studio, mailing: Mailing | None = None) -> Acts:
    service = work.service
    return Acts(service.people, service.photos, service.sessions, mailing)


def test_every_act_has_its_words() -> None:
    """On the button, on the page that asks, and on the one that says what was done."""
    assert set(ACTS) == set(TOLD) == set(DONE) == set(Act)


@pytest.mark.parametrize(
    ("act", "verb"),
    [
        (Act.HIDE, "user.hidden"),
        (Act.SHOW, "user.unhidden"),
        (Act.LOCK, "user.locked"),
        (Act.UNLOCK, "user.unlocked"),
        (Act.REMOVE, "photo.removed"),
    ],
)
async def test_an_act_is_done_to_each_by_an_administrator(
    work: Studio, act: Act, verb: str
) -> None:
    """From their network; a second time changes nothing."""
    people, caller = work.service.people, await caller_of(work)
    if act is Act.SHOW:
        await people.set_listed("bob@example.org", is_listed=False)
    if act is Act.UNLOCK:
        await people.lock("bob@example.org", "so")
    if act is Act.REMOVE:
        await work.service.photos.set(work.bob, jpeg(600, 600), None)
    wish = Wish(act, caller, "198.51.100.9", "the badge shows it")
    bob = await work.again(work.bob)

    [done] = await acts_of(work).each([bob], wish)
    [newest] = work.service.database.events(limit=1, user_id=bob.id)

    assert (done.user, done.trouble) == (bob, "")
    assert (newest.verb, newest.actor, newest.source) == (verb, caller.user.id, "administrator")
    assert newest.origin == "198.51.100.0/24"


async def test_what_cannot_be_done_to_one_is_done_to_the_others(work: Studio) -> None:
    """And says why: here a lock without a reason, which nobody would be told."""
    caller = await caller_of(work)
    wish = Wish(Act.LOCK, caller, "", "")

    done = await acts_of(work).each([work.ada, work.bob], wish)

    assert ["one sentence why" in each.trouble for each in done] == [True, True]


async def test_a_refusal_is_told_like_a_mistake(work: Studio) -> None:
    """Ada, whose own photo is locked, is no administrator of herself."""
    caller = await caller_of(work)
    locked = await work.service.people.lock("ada@example.org", "so")

    [done] = await acts_of(work).each([locked], Wish(Act.REMOVE, caller, ""))

    assert "ask them" in done.trouble


async def test_links_are_made_for_whoever_may_come_in(work: Studio) -> None:
    """Not for bots, who left, or other administrators, who would keep a right by them."""
    people, caller = work.service.people, await caller_of(work)
    robot = await people.add_user("robot@example.org", is_bot=True)
    gone = await people.add_user("gone@example.org")
    gone = await people.deactivate(gone.email)
    ada = await work.again(work.ada)
    wish = Wish(Act.LINKS, caller, "", life=LINK_LIVES["3"])

    done = await acts_of(work).each([work.bob, robot, gone, ada], wish)

    [link] = [each.link for each in done if each.link]
    assert (link.user.id, link.expires_at) == (work.bob.id, work.clock.now + LINK_LIVES["3"])
    assert (await work.service.sessions.use_link(link.code)).user.id == work.bob.id
    told = [each.trouble for each in done[1:]]
    assert ["bot" in told[0], "deactivated" in told[1], "command line" in told[2]] == [True] * 3


async def test_a_database_that_is_away_stops_all(
    work: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody is told that something was wrong with a person."""
    caller = await caller_of(work)

    async def away(user: User, photo_id: int | None = None, by: Actor | None = None) -> int:
        raise ServiceUnavailable("away")

    monkeypatch.setattr(work.service.photos, "delete", away)

    with pytest.raises(ServiceUnavailable):
        await acts_of(work).each([work.bob], Wish(Act.REMOVE, caller, ""))


def test_letters_are_offered_where_there_is_a_mail_server() -> None:
    assert set(offered(has_mail=True)) - set(offered(has_mail=False)) == {Act.LETTERS}


async def test_links_are_sent_by_letter(work: Studio) -> None:
    """To each person, administrators too, since nobody else gets to see them."""
    service, caller, outbox = work.service, await caller_of(work), Outbox()
    robot = await service.people.add_user("robot@example.org", "Acme", is_bot=True)
    gone = await service.people.add_user("gone@example.org", "Acme")
    await service.people.deactivate("gone@example.org")
    wish = Wish(Act.LETTERS, caller, "198.51.100.9", life=LINK_LIVES["3"])
    async with running(Postbox(outbox)) as postbox:
        mailing = mailing_of(work, postbox)
        users = [caller.user, work.bob, robot, await work.again(gone)]
        done = await acts_of(work, mailing).each(users, wish)
        await postbox.empty()

    assert [each.to for each in outbox.letters] == ["ada@example.org", "bob@example.org"]
    assert "It works for 3 days." in outbox.letters[0].text
    assert [bool(each.trouble) for each in done] == [False, False, True, True]
    code = Secret(outbox.letters[1].text.partition("code=")[2].split()[0])
    assert (await service.sessions.use_link(code)).user.id == work.bob.id


async def test_letters_need_a_mail_server_and_go_so_many_at_a_time(work: Studio) -> None:
    caller = await caller_of(work)
    wish = Wish(Act.LETTERS, caller, "198.51.100.9", life=LINK_LIVES["1"])

    [done] = await acts_of(work).each([work.bob], wish)
    with pytest.raises(NotAdmitted, match=f"at most {LETTERS_MAX} letters"):
        await acts_of(work).each([work.bob] * (LETTERS_MAX + 1), wish)

    assert "LIKENESS_SMTP_URL" in done.trouble
