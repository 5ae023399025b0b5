"""Photos that a provider has of people, over a real service and a real host by TLS on loopback."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import replace
from hashlib import sha256

import pytest
from sqlalchemy import update
from structlog.testing import capture_logs

from likeness import errands
from likeness.db.schema import users
from likeness.events import ACTOR_LENGTH_MAX, OPERATOR, Actor, Verb
from likeness.identities import Claims
from likeness.model import PhotoState, Source
from likeness.precedence import Offer, Policy
from likeness.provider_photos import actor_of
from support.document_host import head_of
from support.patience import until
from support.pictures import jpeg
from support.provider_stage import ADA, ISSUER, PHOTOS, URL, Stage, bind

pytestmark = pytest.mark.anyio

StageFor = Callable[..., Stage]


async def test_a_photo_comes_with_its_source(stage: Stage) -> None:
    """Into the history and into the log, by the provider's name; the claim is kept as a digest."""
    ada = await stage.arrive()

    [photo] = stage.work.service.database.history(ada.id)
    assert ada.photo == photo
    assert (ada.photo_source, photo.source) == (Source.PROVIDER, Source.PROVIDER)
    assert photo.set_by == f"oidc:{ISSUER}"
    newest = stage.work.service.database.events(user_id=ada.id, limit=1)[0]
    assert (newest.verb, newest.actor) == (Verb.PHOTO_SET, f"oidc:{ISSUER}")
    assert stage.known().photo_digest == sha256(jpeg(600, 600)).digest()
    assert URL not in str(stage.known())


async def test_small_photos_are_welcome(stage: Stage) -> None:
    """Providers have few others."""
    stage.host.answer("/ada", jpeg(96, 96))

    ada = await stage.arrive()

    assert ada.photo
    assert ada.photo.width == 96


async def test_what_did_not_change_is_not_fetched_again_until_a_day_later(stage: Stage) -> None:
    """Then the bytes tell, and nothing is set that is there."""
    await stage.arrive()
    again = await stage.arrive()
    assert len(stage.host.asked) == 1

    stage.work.clock.advance(days=1)
    later = await stage.arrive()
    assert len(stage.host.asked) == 2
    assert again.photo == later.photo
    await stage.arrive()
    assert len(stage.host.asked) == 2


async def test_a_photo_that_changed_comes(stage: Stage) -> None:
    """At once where its URL changed too, a day later where only its bytes did."""
    first = await stage.arrive()
    stage.host.answer("/new", jpeg(500, 500))
    second = await stage.arrive(replace(ADA, picture=f"https://{PHOTOS}/new"))
    stage.host.answer("/new", jpeg(400, 400))
    stage.work.clock.advance(days=1)
    third = await stage.arrive(replace(ADA, picture=f"https://{PHOTOS}/new"))

    assert first.photo
    assert second.photo
    assert third.photo
    assert [600, 500, 400] == [first.photo.width, second.photo.width, third.photo.width]
    states = [each.state for each in stage.work.service.database.history(first.id)]
    assert states == [PhotoState.CURRENT, PhotoState.REPLACED, PhotoState.REPLACED]


async def own(stage: Stage) -> None:
    await stage.work.service.photos.set(stage.work.ada, jpeg(700, 700), None)


async def none_of_their_own(stage: Stage) -> None:
    await own(stage)
    await stage.work.service.photos.delete(await stage.work.again(stage.work.ada))


async def administrators(stage: Stage) -> None:
    photos = stage.work.service.photos
    await photos.set(stage.work.ada, jpeg(700, 700), None, by=OPERATOR)


async def imported(stage: Stage) -> None:
    offer = Offer(Source.IMPORT, Policy.ALWAYS)
    by = Actor("cli", Source.IMPORT)
    await stage.work.service.offers.offer(stage.work.ada, jpeg(700, 700), offer, by)


async def of_a_directory(stage: Stage) -> None:
    offer, by = Offer(Source.DIRECTORY), Actor("scim", Source.DIRECTORY)
    await stage.work.service.offers.offer(stage.work.ada, jpeg(700, 700), offer, by)


async def locked(stage: Stage) -> None:
    mine = update(users).where(users.c.id == stage.work.ada.id)
    with stage.work.service.database._write() as connection:
        connection.execute(mine.values(lock_reason="a badge"))


Choose = Callable[[Stage], Awaitable[None]]
CHOICES: list[Choose] = [own, none_of_their_own, administrators, imported, of_a_directory, locked]


@pytest.mark.parametrize("is_later", [False, True])
@pytest.mark.parametrize("choose", CHOICES, ids=lambda each: each.__name__)
async def test_what_others_chose_stays(stage: Stage, choose: Choose, is_later: bool) -> None:
    """Before the provider's photo came or after; then the host is not even asked."""
    if is_later:
        await stage.arrive()
    await choose(stage)
    before = await stage.work.again(stage.work.ada)
    asked = len(stage.host.asked)

    stage.work.clock.advance(days=2)
    changed = await stage.arrive(replace(ADA, picture=f"{URL}?v=2"))
    gone = await stage.arrive(replace(ADA, picture=None))

    assert before.photo == changed.photo == gone.photo
    assert before.photo_source == changed.photo_source == gone.photo_source
    assert len(stage.host.asked) == asked


async def test_what_a_person_chooses_while_it_is_fetched_stays(stage: Stage) -> None:
    """It is judged again when it is written."""
    going = asyncio.Event()

    async def after_the_choice(writer: asyncio.StreamWriter) -> None:
        going.set()
        await chosen.wait()
        body = jpeg(600, 600)
        writer.write(head_of(200, {"content-type": "image/jpeg"}) + body)

    chosen = asyncio.Event()
    stage.host.says["/ada"] = after_the_choice
    bind(stage.work, stage.work.ada, ADA)
    stage.photos.arrived(stage.work.ada, ADA)
    await going.wait()
    await none_of_their_own(stage)
    chosen.set()
    await stage.photos.idle()

    assert (await stage.work.again(stage.work.ada)).photo is None


async def test_a_photo_that_went_away_goes_and_can_come_back(stage: Stage) -> None:
    """What was before it is not brought back, and nobody has chosen then."""
    await stage.arrive()

    without = await stage.arrive(replace(ADA, picture=None))
    assert (without.photo, without.photo_source) == (None, None)
    [gone] = stage.work.service.database.history(without.id)
    assert PhotoState.DELETED is gone.state
    assert stage.known().photo_ref is None

    assert (await stage.arrive()).photo is not None


async def test_a_provider_takes_away_only_what_it_set(stage: Stage) -> None:
    """Not the photo of another one, nor anything where it never had a photo."""
    await stage.arrive()
    other = Claims("https://other.example", "ada", picture=None)

    assert (await stage.arrive(other)).photo is not None
    # It had one, which another provider's has replaced since.
    stage.host.answer("/other", jpeg(300, 300))
    await stage.arrive(replace(other, picture=f"https://{PHOTOS}/other"))
    assert (await stage.arrive(replace(ADA, picture=None))).photo is not None


@pytest.mark.parametrize("status", [302, 404, 500])
async def test_a_host_that_fails_is_asked_again_at_the_next_sign_in(
    stage: Stage, status: int
) -> None:
    """Until then all stays as it is: that of a claim which is still made does not go."""
    before = await stage.arrive()
    changed = replace(ADA, picture=f"https://{PHOTOS}/new")
    stage.host.answer("/new", status=status)

    with capture_logs() as lines:
        assert before.photo == (await stage.arrive(changed)).photo
    assert lines
    stage.host.answer("/new", jpeg(500, 500))
    after = await stage.arrive(changed)

    assert after.photo
    assert after.photo.width == 500


@pytest.mark.parametrize("picture", [b"<svg/>", b"\xff\xd8\xff rubbish", jpeg(20, 20)])
async def test_a_picture_that_cannot_be_used_is_told_once_a_day(
    stage: Stage, picture: bytes
) -> None:
    """It is not fetched again by each sign-in, and changes nothing."""
    stage.host.answer("/ada", picture)

    with capture_logs() as lines:
        for _ in range(2):
            assert (await stage.arrive()).photo is None

    assert [line["event"] for line in lines] == ["provider_photo_unusable"]
    assert len(stage.host.asked) == 1


async def test_two_tasks_of_one_person_do_not_race(stage: Stage) -> None:
    """The second sign-in is left to the next one, and other people go on meanwhile."""
    going, free = asyncio.Event(), asyncio.Event()

    async def when_free(writer: asyncio.StreamWriter) -> None:
        going.set()
        await free.wait()
        writer.write(head_of(200, {"content-type": "image/jpeg"}) + jpeg(600, 600))

    stage.host.says["/ada"] = when_free
    bind(stage.work, stage.work.ada, ADA)
    stage.photos.arrived(stage.work.ada, ADA)
    await going.wait()
    stage.photos.arrived(stage.work.ada, replace(ADA, picture=f"https://{PHOTOS}/other"))
    of_bob = replace(ADA, subject="bob", picture=f"https://{PHOTOS}/bob")
    stage.host.answer("/bob", jpeg(500, 500))
    bind(stage.work, stage.work.bob, of_bob)
    stage.photos.arrived(stage.work.bob, of_bob)
    free.set()
    await stage.photos.idle()

    assert stage.host.asked_for("/other") == []
    assert (await stage.work.again(stage.work.bob)).photo
    assert (await stage.work.again(stage.work.ada)).photo


async def test_what_is_more_than_may_wait_is_dropped_and_told(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By the number of people, and by the length of what they bring."""
    monkeypatch.setattr(errands, "WAITING_MAX", 1)
    bind(stage.work, stage.work.ada, ADA)
    with capture_logs() as lines:
        stage.photos.arrived(stage.work.ada, ADA)
        stage.photos.arrived(stage.work.bob, replace(ADA, subject="bob"))
        await stage.photos.idle()
    assert [line["event"] for line in lines if line["log_level"] == "warning"] == [
        "provider_photo_dropped"
    ]

    monkeypatch.setattr(errands, "HELD_LENGTH_MAX", len(URL))
    stage.photos.arrived(stage.work.bob, replace(ADA, subject="bob", picture=f"{URL}x"))
    assert stage.photos._errands.waiting == 0
    stage.photos.arrived(stage.work.bob, replace(ADA, subject="bob", picture=URL))
    await stage.photos.idle()
    await asyncio.sleep(0)
    assert (stage.photos._errands.waiting, stage.photos._errands.held) == (0, 0)


async def test_more_people_than_are_fetched_at_once_take_turns(stage: Stage) -> None:
    """The host has as many requests as may be, and no place is free; in the end it has all."""
    free, most = asyncio.Event(), errands.AT_ONCE_MAX

    async def when_free(writer: asyncio.StreamWriter) -> None:
        await free.wait()
        writer.write(head_of(404, {"content-length": "0"}))

    people = stage.work.service.people
    for number in range(most + 3):
        user = await people.add_user(f"p{number}@example.org", "Acme")
        claims = replace(ADA, subject=str(number), picture=f"https://{PHOTOS}/{number}")
        stage.host.says[f"/{number}"] = when_free
        bind(stage.work, user, claims)
        stage.photos.arrived(user, claims)
    await until(lambda: len(stage.host.asked) == most)
    assert stage.photos._errands._turns.locked()
    free.set()
    await stage.photos.idle()

    assert len(stage.host.asked) == most + 3


async def test_who_left_meanwhile_or_is_not_bound_gets_none(stage: Stage) -> None:
    """And an identity is needed, since the rest is kept with it."""
    stage.photos.arrived(stage.work.ada, ADA)
    await stage.photos.idle()
    await stage.work.service.people.deactivate("bob@example.org")
    bind(stage.work, stage.work.bob, ADA)
    stage.photos.arrived(stage.work.bob, ADA)
    await stage.photos.idle()

    assert stage.host.asked == []


async def test_closing_ends_what_is_under_way(stage: Stage) -> None:
    """The next sign-in begins it again."""
    going = asyncio.Event()

    async def never(_writer: asyncio.StreamWriter) -> None:
        going.set()
        await asyncio.Event().wait()

    stage.host.says["/ada"] = never
    bind(stage.work, stage.work.ada, ADA)
    stage.photos.arrived(stage.work.ada, ADA)
    await going.wait()

    with suppress(asyncio.CancelledError):
        await stage.photos.close()

    assert (await stage.work.again(stage.work.ada)).photo is None
    assert stage.known().photo_ref is None


async def test_a_fault_of_ours_is_told_by_the_log(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody waits for the task that has it."""
    bind(stage.work, stage.work.ada, ADA)
    monkeypatch.setattr(stage.photos, "_offers", None)
    with capture_logs() as lines:
        stage.photos.arrived(stage.work.ada, ADA)
        await stage.photos.idle()

    assert [line["event"] for line in lines] == ["provider_photo_failed"]


def test_a_long_name_of_a_provider_is_cut_and_stays_its_own() -> None:
    """The log has room for so much, and one provider must not be taken for another."""
    first, second = (f"oidc:https://{'a' * 200}.example/{end}" for end in "xy")

    assert actor_of("oidc:https://id.example.org").name == "oidc:https://id.example.org"
    assert len(actor_of(first).name) == ACTOR_LENGTH_MAX
    assert actor_of(first) == actor_of(first)
    assert actor_of(first) != actor_of(second)
