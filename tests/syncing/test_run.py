"""Runs against a real OpenLDAP: who comes, leaves and comes back, and whose photo is shown."""

from pathlib import Path

import pytest

from likeness.app.directory import Silent, directory_sync
from likeness.errors import Mistake
from likeness.events import Actor, Verb
from likeness.model import Source
from likeness.precedence import Kept
from likeness.syncing.lease import leased
from support.directory import Step, dn, in_step, under
from support.organisation import picture
from support.pictures import gif, jpeg
from support.slapd import PEOPLE, POOR_DN, added, entry, person, removed, replaced

pytestmark = [pytest.mark.anyio, pytest.mark.slow]

OPERATOR = Actor("cli", Source.ADMINISTRATOR)


def people(count: int) -> str:
    return "".join(person(each, jpegPhoto=picture(each)) for each in range(count))


async def verbs_of(step: Step, number: int) -> list[Verb]:
    user = await step.user(number)
    entries = await step.work.service.roster.log(user.email, limit=100)
    return [each.event.verb for each in entries]


async def test_people_and_photos_come_in_and_nothing_is_done_twice(tmp_path: Path) -> None:
    async with in_step(tmp_path, people(3)) as step:
        done = await step.sync()

        assert (done.plan.counts()["added"], done.photos) == (3, {"set": 3})
        user = await step.user(1)
        assert (user.real_name, user.name) == ("Person 1", "u1")
        assert user.photo
        assert (user.photo.source, user.photo.set_by) == (Source.DIRECTORY, "ldap:example.org")

        before, kept = step.everybody(), await verbs_of(step, 1)
        again = await step.sync()
        assert (again.plan.counts()["unchanged"], again.photos) == (3, {})
        assert step.everybody() == before
        assert await verbs_of(step, 1) == kept


async def test_what_changes_there_changes_here(tmp_path: Path) -> None:
    """Names, addresses and photos; a photo that goes there goes here."""
    async with in_step(tmp_path, people(3)) as step:
        await step.sync()
        step.directory.modify(replaced(dn(0), displayName="Ada", mail=["ada@x.org", "l@x.org"]))
        step.directory.modify(replaced(dn(1), jpegPhoto=picture(77)))
        step.directory.modify(replaced(dn(2), jpegPhoto=""))
        before = await step.user(1)
        plan = await step.plan()
        done = await step.sync()

        assert (plan.counts()["updated"], plan.counts()["photos_removed"]) == (3, 1)
        assert done.photos == {"set": 1, "removed": 1, Kept.UNCHANGED.value: 1}
        ada = await step.by_email("l@x.org")
        assert (ada.email, ada.real_name) == ("ada@x.org", "Ada")
        changed, without = await step.user(1), await step.user(2)
        assert changed.photo
        assert before.photo
        assert changed.photo.id != before.photo.id
        assert without.photo is None
        assert (await step.sync()).photos == {}


async def test_only_photos_of_changed_entries_are_read_and_only_new_ones_made(
    tmp_path: Path,
) -> None:
    """A telephone number changes an entry, and not its photo."""
    async with in_step(tmp_path, people(3)) as step:
        await step.sync()
        step.directory.modify(replaced(dn(1), telephoneNumber="+44 20 7946 0000"))
        before = await step.user(1)
        done = await step.sync()

        assert done.photos == {Kept.UNCHANGED.value: 1}
        assert (await step.user(1)).photo == before.photo


async def test_leavers_leave_and_come_back(tmp_path: Path) -> None:
    """Whoever is removed or locked there; nobody else: Ada and Bob are not the directory's."""
    async with in_step(tmp_path, people(4)) as step:
        await step.sync()
        gone = await step.user(0)
        step.directory.modify(removed(dn(0)))
        step.directory.modify(replaced(dn(1), userAccountControl="514"))
        step.directory.modify(replaced(dn(2), pwdAccountLockedTime="000001010000Z"))
        done = await step.sync()

        assert done.plan.counts()["deactivated"] == 3
        for each in range(3):
            assert (await step.user(each)).deleted_at
        for other in (await step.user(3), await step.work.again(step.work.ada)):
            assert other.deleted_at is None

        step.directory.modify(replaced(dn(1), userAccountControl="512"))
        step.directory.modify(replaced(dn(2), pwdAccountLockedTime=""))
        done = await step.sync()
        assert done.plan.counts()["reactivated"] == 2
        for each in (1, 2):
            back = await step.user(each)
            assert back.deleted_at is None
            assert back.photo
        assert (await step.user(0)).id == gone.id


async def test_who_vanishes_and_is_there_again_is_back(tmp_path: Path) -> None:
    """The same entry, as after a filter was wrong for an hour."""
    async with in_step(tmp_path, people(2)) as step:
        await step.sync()
        await under(step, ldap_filter="(uid=u0)").sync()
        assert (await step.user(1)).deleted_at
        await step.sync()
        assert (await step.user(1)).deleted_at is None
        assert (await step.user(1)).photo


async def test_whom_an_operator_deactivated_stays_so(tmp_path: Path) -> None:
    """Until the directory itself has them leave and come."""
    async with in_step(tmp_path, people(2)) as step:
        await step.sync()
        user = await step.user(1)
        database, clock = step.work.service.database, step.work.clock
        database.deactivate_user(user.id, clock(), OPERATOR)
        step.directory.modify(replaced(dn(1), displayName="New"))
        done = await step.sync()
        assert done.plan.counts()["kept_deactivated"] == 1
        assert (await step.user(1)).deleted_at

        step.directory.modify(replaced(dn(1), nsAccountLock="TRUE"))
        await step.sync()
        step.directory.modify(replaced(dn(1), nsAccountLock=""))
        await step.sync()
        assert (await step.user(1)).deleted_at is None


async def test_locked_entries_that_nobody_knows_stay_out(tmp_path: Path) -> None:
    """A directory keeps thousands of them."""
    locked = person(1, userAccountControl="514", mail="ada@example.org")
    async with in_step(tmp_path, person(0) + locked) as step:
        done = await step.sync()
        assert done.plan.counts()["ignored"] == 1
        assert (await step.work.again(step.work.ada)).deleted_at is None


async def test_a_persons_own_choice_outlives_each_run(tmp_path: Path) -> None:
    """A photo of their own, and none; a photo that is locked is taken once it is not."""
    async with in_step(tmp_path, people(4)) as step:
        service = step.work.service
        await step.sync()
        for each in (0, 1):
            user = await step.user(each)
            await service.photos.set(user, jpeg(), None)
        user = await step.user(1)
        await service.photos.delete(user)
        await service.people.lock("person2@example.org", "a reason")
        own = await step.user(0)
        for each in range(4):
            step.directory.modify(replaced(dn(each), jpegPhoto=picture(100 + each)))
        done = await step.sync()

        assert done.photos == {
            Kept.OWN.value: 1,
            Kept.REMOVED.value: 1,
            Kept.LOCKED.value: 1,
            "set": 1,
        }
        assert (await step.user(0)).photo == own.photo
        assert (await step.user(1)).photo is None
        assert (await step.sync()).photos == {}

        await service.people.unlock("person2@example.org")
        assert (await step.sync()).photos == {"set": 1}
        assert (await step.sync()).photos == {}


async def test_the_fuse_holds(tmp_path: Path) -> None:
    """Nobody leaves, and nobody is changed; by force it is done."""
    async with in_step(tmp_path, people(14)) as step:
        await step.sync()
        before = step.everybody()
        step.directory.modify("".join(removed(dn(each)) for each in range(12)))
        step.directory.modify(replaced(dn(13), displayName="New"))
        with pytest.raises(Mistake, match=r"12 of 14 people .* would be deactivated; --force"):
            await step.sync()
        assert step.everybody() == before

        await step.sync(force=True)
        assert sum(bool(active) for *_, active, _ in step.everybody()) == 2


async def test_the_fuse_holds_for_photos(tmp_path: Path) -> None:
    """As where the account may not read them any more."""
    async with in_step(tmp_path, people(12)) as step:
        await step.sync()
        step.directory.modify("".join(replaced(dn(each), jpegPhoto="") for each in range(11)))
        with pytest.raises(Mistake, match=r"11 of 12 photos .* would be removed"):
            await step.sync()
        done = await step.sync(force=True)
        assert done.photos == {"removed": 11}


async def test_an_incomplete_listing_changes_nothing(tmp_path: Path) -> None:
    """A size limit of 500, which OpenLDAP tells after 500 entries."""
    async with in_step(tmp_path, "".join(map(person, range(600)))) as step:
        await step.sync()
        before = step.everybody()
        step.directory.modify(removed(dn(0)))
        with pytest.raises(Mistake, match="incomplete, so that nothing was done"):
            await under(step, ldap_bind_dn=POOR_DN).sync()
        assert step.everybody() == before


async def test_nobody_at_all_is_no_listing(tmp_path: Path) -> None:
    async with in_step(tmp_path, people(1)) as step:
        await step.sync()
        with pytest.raises(Mistake, match="lists nobody"):
            await under(step, ldap_filter="(mail=nobody)").sync()


async def test_a_second_node_stands_aside(tmp_path: Path) -> None:
    async with in_step(tmp_path, people(1)) as step:
        service = step.work.service
        name = f"directory lease {step.team.id}"
        async with leased(service.database, name, service.clock):
            with pytest.raises(Mistake, match="another process reads the directory"):
                await step.sync()
        await step.sync()


async def test_active_directory_is_read_by_its_own_names(tmp_path: Path) -> None:
    """Ids of 16 bytes, addresses of Exchange, a disabled account, two photos of which one is it."""
    guid = bytes(range(16))
    ada = entry(
        f"cn=Ada,{PEOPLE}",
        sn="L",
        objectGUID=guid,
        sAMAccountName="ada",
        userAccountControl="66048",
        proxyAddresses=["smtp:lovelace@corp.example", "SMTP:a.lovelace@corp.example"],
        thumbnailPhoto=picture(1),
        jpegPhoto=jpeg(300, 300),
    )
    bob = entry(f"cn=Bob,{PEOPLE}", sn="B", mail="bob@corp.example", userAccountControl="514")
    settings = {"ldap_filter": "(|(mail=*)(proxyAddresses=*))"}
    async with in_step(tmp_path, ada + bob, **settings) as step:
        done = await step.sync()
        assert done.plan.counts()["ignored"] == 1
        user = await step.by_email("lovelace@corp.example")
        assert (user.email, user.name) == ("a.lovelace@corp.example", "ada")
        assert user.photo
        assert user.photo.width == 300


async def test_what_cannot_be_used_is_refused_and_holds_up_nobody(tmp_path: Path) -> None:
    """A GIF is a picture, a text is none, and of two with one address neither is taken."""
    odd = [
        person(0, jpegPhoto=gif()),
        person(1, jpegPhoto=b"this is no picture"),
        person(2, mail="same@example.org"),
        person(3, mail="SAME@example.org"),
        person(4, mail="no address"),
        person(5, mail=["five@example.org", "all@example.org"]),
        person(6, mail=["six@example.org", "all@example.org"]),
    ]
    async with in_step(tmp_path, "".join(odd)) as step:
        done = await step.sync()
        refused = dict([*done.plan.refused(), *done.refused])

        assert set(refused) == {dn(1), dn(2), dn(3), dn(4)}
        assert "photo cannot be used: bad_image" in refused[dn(1)]
        assert "2 entries have the address" in refused[dn(2)]
        assert (await step.user(0)).photo
        assert (await step.user(1)).photo is None
        assert (await step.by_email("six@example.org")).deleted_at is None
        with pytest.raises(Mistake):
            await step.by_email("all@example.org")
        assert (await step.sync()).photos == {}


async def test_who_is_erased_before_their_photo_comes_gets_none(tmp_path: Path) -> None:
    """They are told as gone, and are somebody new for the next run."""
    async with in_step(tmp_path, people(2)) as step:
        database, clock = step.work.service.database, step.work.clock

        class Erasing(Silent):
            def expect(self, total: int, label: str) -> None:
                if label == "photos":
                    user = database.user_by_address(step.team.id, "person1@example.org")
                    assert user
                    database.begin_erasing(user.id, clock(), OPERATOR)
                    assert database.finish_erasing(user.id, clock(), OPERATOR)

        done = await directory_sync(step.work.service).apply(step.team, Erasing())
        assert done.photos == {"set": 1, "gone meanwhile": 1}
        again = await step.sync()
        assert (again.plan.counts()["added"], again.photos) == (1, {"set": 1})


async def test_photos_may_stay_away(tmp_path: Path) -> None:
    async with in_step(tmp_path, people(2), directory_photos="never") as step:
        done = await step.sync()
        assert (done.photos, done.plan.counts()["with_photo"]) == ({}, 0)


async def test_a_server_that_dies_among_the_photos_ends_the_run(tmp_path: Path) -> None:
    """What came before stays, and the rest comes with the next run."""
    async with in_step(tmp_path, people(12)) as step:
        made = 0

        def stop_after_two() -> None:
            nonlocal made
            made += 1
            if made == 2:
                step.directory.stop()

        step.work.service.engine.watch(stop_after_two)
        with pytest.raises(Mistake, match="jpegPhoto"):
            await step.sync()
        left = sum(photo is None for *_, photo in step.everybody())
        assert 0 < left < 12

        step.directory.start()
        done = await step.sync()
        assert done.photos == {"set": left}
        assert (await step.sync()).photos == {}


async def test_an_organisation_comes_in_and_some_leave(tmp_path: Path) -> None:
    """3,000 people, of whom some have photos: six pages, twice."""
    everybody = [
        person(each, jpegPhoto=picture(each) if each < 30 else b"") for each in range(3000)
    ]
    async with in_step(tmp_path, "".join(everybody)) as step:
        done = await step.sync()
        assert (done.plan.counts()["added"], done.photos) == (3000, {"set": 30})
        step.directory.modify("".join(removed(dn(each)) for each in range(0, 3000, 20)))
        again = await step.sync()

        assert again.plan.counts()["deactivated"] == 150
        assert again.plan.counts()["unchanged"] == 2850
        assert (await step.user(20)).deleted_at
        assert (await step.user(21)).deleted_at is None


async def test_an_entry_made_anew_is_nobodys_until_an_operator_says_so(tmp_path: Path) -> None:
    """A successor may have the address: they must not find the photo of who was there before."""
    async with in_step(tmp_path, people(2)) as step:
        await step.sync()
        user = await step.user(1)
        step.directory.modify(removed(dn(1)))
        step.directory.modify(added(person(1, displayName="Another")))
        done = await step.sync()
        [(_, reason)] = done.plan.refused()
        assert "unbind --directory" in reason
        assert (await step.user(1)).deleted_at

        await step.work.service.people.unbind(user.email, from_directory=True)
        done = await step.sync()
        assert done.plan.counts()["reactivated"] == 1
        again = await step.user(1)
        assert (again.id, again.real_name, again.deleted_at) == (user.id, "Another", None)
