"""One target, one person, one state: shown, told, taken away, and each way in which it fails."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from likeness.copies import ABSENT_S, BACK_OFF_S, JITTER, Copies, back_off_s
from likeness.copy_pictures import CopyPictures
from likeness.elsewhere import Copy, CopyState, Result, Target
from likeness.erasing import Erasing
from likeness.events import OPERATOR
from likeness.targets.port import Away, Gone, Holder, Later, Receiver, Refused
from support.holders import Album, Ear
from support.pictures import jpeg
from support.studio import Studio, studio

pytestmark = pytest.mark.anyio

ADA, BOB = "ada@example.org", "bob@example.org"


@pytest.fixture
async def work(tmp_path: Path) -> AsyncIterator[Studio]:
    """A service with one target."""
    async with studio(tmp_path) as fresh:
        target = Target("tg1", "album", "album", "https://album.example.org", fresh.clock())
        fresh.service.database.add_target(target)
        yield fresh


@pytest.fixture
def album() -> Album:
    """A program that knows Ada."""
    return Album({ADA: "a1"})


def copies_of(work: Studio) -> Copies:
    """The use case."""
    pictures = CopyPictures(work.service.delivery.view, "https://photos.example.org")
    return Copies(work.service.database, pictures.pictured, work.clock)


def due(work: Studio) -> list[Copy]:
    """What is due now, leased for a minute."""
    now = work.clock()
    return work.service.database.lease_copies("tg1", now, now + timedelta(minutes=1), 20)


async def push(work: Studio, port: Holder | Receiver) -> list[Result]:
    """Bring all that is due."""
    [target] = work.service.database.targets()
    return [await copies_of(work).bring(target, port, copy) for copy in due(work)]


def copy_of(work: Studio) -> Copy:
    """Ada's."""
    [copy] = work.service.database.copies_of_user(work.ada.id)
    return copy


async def set_photo(work: Studio, number: int = 1) -> str:
    """A new photo of Ada's; gives its avatar_hash."""
    work.clock.advance(seconds=1)
    done = await work.service.photos.set(await work.again(work.ada), jpeg(600, 600, number), None)
    return done.photo.avatar_hash


async def test_a_photo_is_shown_changed_and_taken_away(work: Studio, album: Album) -> None:
    first = await set_photo(work)
    assert await push(work, album) == [Result.DONE]
    assert album.shown == {"a1": first}

    second = await set_photo(work, 2)
    await push(work, album)
    assert album.shown == {"a1": second}
    assert (copy_of(work).shown, copy_of(work).state) == (second, CopyState.CURRENT)

    await work.service.photos.delete(await work.again(work.ada))
    await push(work, album)

    assert album.shown == {}
    assert copy_of(work).shown == ""
    assert await push(work, album) == []


@pytest.mark.parametrize("way", ["hide", "deactivate", "remove workspace", "erase"])
async def test_whoever_is_not_to_be_seen_is_taken_away(
    work: Studio, album: Album, way: str
) -> None:
    """Of somebody who was erased nothing is kept then."""
    await set_photo(work)
    await push(work, album)
    service = work.service
    if way == "hide":
        await service.people.set_listed(ADA, is_listed=False)
    elif way == "deactivate":
        await service.people.deactivate(ADA)
    elif way == "remove workspace":
        await service.people.remove_team("Acme", "Acme")
    else:
        erasing = Erasing(
            database=service.database,
            blobs=service.blobs,
            people=service.people,
            writer=service.writer,
            clock=work.clock,
        )
        await erasing.erase(await work.again(work.ada), OPERATOR)

    await push(work, album)

    assert album.shown == {}
    assert len(service.database.copies_of_user(work.ada.id)) == (way != "erase")


async def test_an_unchanged_photo_is_not_shown_again_unless_it_is_wanted(
    work: Studio, album: Album
) -> None:
    await set_photo(work)
    await push(work, album)
    await work.service.people.rename(ADA, "Ada L.")
    assert await push(work, album) == [Result.UNCHANGED]

    work.service.database.resync_copy("tg1", work.ada.id, work.clock(), "resync")

    assert await push(work, album) == [Result.DONE]
    assert album.acts == [("show", "a1")] * 2


async def test_somebody_unknown_there_is_looked_for_again_a_day_later(work: Studio) -> None:
    album = Album({})
    await set_photo(work)

    assert await push(work, album) == [Result.ABSENT]

    assert copy_of(work).state is CopyState.ABSENT
    album.people[ADA] = "a1"
    work.clock.advance(seconds=ABSENT_S - 1)
    assert await push(work, album) == []
    work.clock.advance(seconds=2)
    assert await push(work, album) == [Result.DONE]


async def test_somebody_is_found_by_a_further_address(work: Studio) -> None:
    await work.service.people.add_address(ADA, "ada@example.com")
    album = Album({"ada@example.com": "a2"})
    shown = await set_photo(work)

    await push(work, album)

    assert album.shown == {"a2": shown}


async def test_a_target_that_is_away_is_tried_for_ever_and_ever_more_seldom(
    work: Studio, album: Album
) -> None:
    """Days later it gets the photo of then, and nothing on the way."""
    await set_photo(work)
    for wait_s in (*BACK_OFF_S, BACK_OFF_S[-1], BACK_OFF_S[-1]):
        album.trouble = Away("no answer")
        assert await push(work, album) == [Result.AWAY]
        work.clock.advance(seconds=wait_s * (1 - JITTER) - 1)
        assert await push(work, album) == []
        work.clock.advance(seconds=2 * wait_s * JITTER + 2)
    assert (copy_of(work).attempts, copy_of(work).last_error) == (8, "no answer")

    last = await set_photo(work, 2)
    await push(work, album)

    assert album.acts == [("show", "a1")]
    assert album.shown == {"a1": last}
    assert copy_of(work).last_error is None


async def test_a_target_says_when_it_wants_to_be_asked_again(work: Studio, album: Album) -> None:
    await set_photo(work)
    album.trouble = Later("slowly", 7)

    assert await push(work, album) == [Result.LATER]

    assert copy_of(work).due_at == work.clock() + timedelta(seconds=7)


async def test_a_refusal_waits_for_the_next_change(work: Studio, album: Album) -> None:
    await set_photo(work)
    album.trouble = Refused("too large for us " * 50)
    assert await push(work, album) == [Result.REFUSED]
    assert copy_of(work).state is CopyState.REFUSED
    assert len(copy_of(work).last_error or "") == 300
    work.clock.advance(days=30)
    assert await push(work, album) == []

    await set_photo(work, 2)

    assert await push(work, album) == [Result.DONE]


async def test_a_target_that_is_gone_is_paused(work: Studio, album: Album) -> None:
    await set_photo(work)
    album.trouble = Gone("it answered 410")

    assert await push(work, album) == [Result.GONE]

    [target] = work.service.database.targets()
    assert target.pause_reason == "it is gone: it answered 410"
    assert copy_of(work).state is CopyState.DUE


async def test_what_was_on_its_way_when_the_process_died_is_taken_away(
    work: Studio, album: Album
) -> None:
    """The photo went there, nobody noted that, and then it was deleted."""
    await set_photo(work)
    [copy] = due(work)
    database = work.service.database
    database.begin_copy(copy, shown="abcdefabcdef", remote_id="a1")
    album.shown["a1"] = "abcdefabcdef"
    await work.service.photos.delete(await work.again(work.ada))

    await push(work, album)

    assert album.shown == {}


async def test_two_who_are_one_there_are_not_taken_from_each_other(
    work: Studio, album: Album
) -> None:
    album.people[BOB] = "a1"
    await set_photo(work)
    await work.service.photos.set(work.bob, jpeg(600, 600, 3), None)
    await push(work, album)

    await work.service.photos.delete(await work.again(work.ada))
    await push(work, album)

    assert list(album.shown) == ["a1"]


async def test_what_somebody_chose_there_may_be_kept(work: Studio, album: Album) -> None:
    await set_photo(work)
    await push(work, album)
    album.shown["a1"] = "somebody's own"
    await set_photo(work, 2)
    [target] = work.service.database.targets()
    keeping = replace(target, options={"if_changed_there": "keep"})
    [copy] = due(work)

    assert await copies_of(work).bring(keeping, album, copy) is Result.REFUSED

    assert album.shown == {"a1": "somebody's own"}
    # By default ours is put back, with the next change of ours.
    work.service.database.retry_copies("tg1")
    assert await push(work, album) == [Result.DONE]


async def test_a_receiver_hears_the_present_state_once(work: Studio) -> None:
    """With why it is so, what it was told before, and an id that is the same in all attempts."""
    ear = Ear(trouble=Away("no answer"))
    first = await set_photo(work)
    await push(work, ear)
    work.clock.advance(minutes=1)
    await push(work, ear)
    await set_photo(work, 2)
    await push(work, ear)
    await work.service.people.set_listed(ADA, is_listed=False)
    await push(work, ear)

    told = [(each.reason, each.before, each.photo is None) for each in ear.heard]
    assert told == [
        ("set", first, False),
        ("set", first, False),
        ("hidden", ear.heard[1].photo and ear.heard[1].photo.avatar_hash, True),
    ]
    assert ear.heard[0].message_id == f"msg_tg1_{work.ada.id}_1"
    assert ear.heard[0].attempt == 1
    assert [each.version for each in ear.heard] == sorted({each.version for each in ear.heard})


async def test_a_receiver_hears_nothing_of_who_has_nothing(work: Studio) -> None:
    await work.service.people.rename(ADA, "Ada L.")

    assert await push(work, Ear()) == [Result.UNCHANGED]


async def test_each_attempt_is_in_the_log_of_deliveries(work: Studio, album: Album) -> None:
    await set_photo(work)
    album.trouble = Away("no answer")
    await push(work, album)
    work.clock.advance(minutes=1)
    await push(work, album)

    logged = work.service.database.deliveries_of("tg1", 9)

    assert [each.result for each in logged] == [Result.DONE, Result.AWAY]
    assert logged[1].detail == "no answer"
    assert logged[0].detail.startswith("shown, as 256 px in ")


async def test_a_target_that_is_emptied_shows_nobody(work: Studio, album: Album) -> None:
    await set_photo(work)
    await push(work, album)

    work.service.database.empty_target("tg1")
    await push(work, album)

    assert album.shown == {}


def test_waits_grow_and_are_scattered() -> None:
    for attempts, wait_s in enumerate((*BACK_OFF_S, BACK_OFF_S[-1])):
        assert wait_s * (1 - JITTER) <= back_off_s(attempts) <= wait_s * (1 + JITTER)
