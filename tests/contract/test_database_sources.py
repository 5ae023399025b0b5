"""What every database must do for photos that come in by themselves, and for locked people."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from sqlalchemy import update

from likeness.db import Database
from likeness.db.schema import users
from likeness.errors import AccessDenied
from likeness.events import OPERATOR, Actor, Event, Verb
from likeness.model import Photo, PhotoState, Source, User
from likeness.precedence import Kept, Offer, Policy
from support.rows import at, photo, user

ADA = user().id
HERSELF = Actor(ADA, Source.SELF)
BATCH = Actor("cli", Source.IMPORT, batch_id="b1")
LDAP = Actor("ldap", Source.DIRECTORY)
ALWAYS = Offer(Source.IMPORT, Policy.ALWAYS)
USUAL = Offer(Source.IMPORT)


def incoming(actor: Actor = BATCH, seconds: float = 0) -> Photo:
    """A photo that `actor` brings."""
    names = {"source": actor.source, "set_by": actor.name, "batch_id": actor.batch_id}
    return photo(set_at=at(seconds), **names)


def now(database: Database) -> User:
    """Ada as she stands."""
    found = database.user(user().team_id, ADA)
    assert found
    return found


def lock(database: Database) -> None:
    """Lock everybody's photo, as an administrator does."""
    with database._write() as connection:
        connection.execute(update(users).values(lock_reason="the badge shows it"))


def set_event(database: Database) -> Event:
    """The newest row of the log that tells of a photo that was set."""
    events = database.events(limit=99, user_id=ADA)
    return next(event for event in events if event.verb is Verb.PHOTO_SET)


def test_an_offered_photo_is_shown_with_its_source(peopled: Database) -> None:
    """And the log says what it replaced."""
    first, second = incoming(), incoming(seconds=1)

    assert peopled.offer_photo(first, USUAL) == first
    assert peopled.offer_photo(second, USUAL) == second

    assert (now(peopled).photo, now(peopled).photo_source) == (second, Source.IMPORT)
    event = set_event(peopled)
    assert (event.batch_id, event.source, event.detail) == (
        "b1",
        Source.IMPORT,
        f"{first.id} import",
    )


def test_a_choice_that_was_made_meanwhile_stays(peopled: Database) -> None:
    """It is judged by the rows, not by what the caller knew."""
    own = photo(set_at=at(1))
    peopled.set_photo(own)

    assert peopled.offer_photo(incoming(seconds=2), USUAL) is Kept.OWN
    assert now(peopled).photo == own
    assert [own] == peopled.history(ADA)


@pytest.mark.parametrize("had_one", [True, False])
def test_no_photo_is_a_choice(peopled: Database, *, had_one: bool) -> None:
    """Also of somebody who had none."""
    if had_one:
        peopled.set_photo(photo())
    peopled.delete_photo(ADA, at(1), actor=HERSELF)

    assert now(peopled).photo_source is Source.SELF
    assert peopled.offer_photo(incoming(seconds=2), USUAL) is Kept.REMOVED
    assert isinstance(peopled.offer_photo(incoming(seconds=2), ALWAYS), Photo)


def test_the_shown_photo_can_be_removed_by_its_id(peopled: Database) -> None:
    """That is a choice as well; to remove an earlier one is none."""
    first, second = incoming(), incoming(seconds=1)
    for one in (first, second):
        peopled.offer_photo(one, USUAL)

    peopled.delete_photo(ADA, at(2), first.id, HERSELF)
    assert now(peopled).photo_source is Source.IMPORT
    peopled.delete_photo(ADA, at(2), second.id, HERSELF)
    assert now(peopled).photo_source is Source.SELF


def test_whoever_wants_the_photo_that_is_shown_has_chosen_it(peopled: Database) -> None:
    """The next import leaves it. One that is not shown any more is no choice."""
    shown = incoming()
    peopled.offer_photo(shown, USUAL)

    peopled.confirm_photo(ADA, shown.id + 1, at(1), HERSELF)
    assert now(peopled).photo_source is Source.IMPORT
    peopled.confirm_photo(ADA, shown.id, at(1), HERSELF)

    assert now(peopled).photo_source is Source.SELF
    assert peopled.offer_photo(incoming(seconds=2), USUAL) is Kept.OWN
    assert peopled.events(limit=1)[0].verb is Verb.PHOTO_KEPT


@pytest.mark.parametrize(
    "act",
    [
        lambda database, shown: database.set_photo(photo(set_at=at(5), set_by=ADA)),
        lambda database, shown: database.delete_photo(ADA, at(5), actor=HERSELF),
        lambda database, shown: database.delete_photo(ADA, at(5), shown.id, HERSELF),
        lambda database, shown: database.delete_photos(ADA, at(5), HERSELF),
        lambda database, shown: database.restore_photo(ADA, shown.id, at(5), HERSELF),
        lambda database, shown: database.confirm_photo(ADA, shown.id, at(5), HERSELF),
    ],
)
def test_who_is_locked_changes_nothing(
    peopled: Database, act: Callable[[Database, Photo], object]
) -> None:
    """The refusal has the reason; an administrator may do the same."""
    shown = photo()
    peopled.set_photo(shown)
    lock(peopled)
    before = now(peopled), peopled.history(ADA), peopled.events(limit=9)

    with pytest.raises(AccessDenied, match="the badge shows it"):
        act(peopled, shown)

    assert before == (now(peopled), peopled.history(ADA), peopled.events(limit=9))
    assert peopled.delete_photo(ADA, at(6), actor=OPERATOR) == [
        replace(shown, state=PhotoState.DELETED)
    ]


def test_a_lock_holds_imports_off_that_do_not_open_it(peopled: Database) -> None:
    """`ALWAYS` is not enough."""
    lock(peopled)

    assert peopled.offer_photo(incoming(), ALWAYS) is Kept.LOCKED
    opened = replace(ALWAYS, opens_locks=True)
    assert isinstance(peopled.offer_photo(incoming(), opened), Photo)


def test_only_who_set_a_photo_withdraws_it(peopled: Database) -> None:
    """Nobody has chosen then, and what was before stays where it is."""
    peopled.offer_photo(incoming(), USUAL)
    theirs = incoming(LDAP, 1)
    peopled.offer_photo(theirs, Offer(Source.DIRECTORY, set_by="ldap"))

    assert peopled.withdraw_photo(ADA, at(2), BATCH) == []
    assert peopled.withdraw_photo(ADA, at(2), replace(LDAP, name="scim")) == []
    [ended] = peopled.withdraw_photo(ADA, at(2), LDAP)

    assert ended.id == theirs.id
    assert (now(peopled).photo, now(peopled).photo_source) == (None, None)


@pytest.mark.parametrize("before", ["nothing", "own", "removed", "import"])
def test_an_offer_is_taken_back(peopled: Database, before: str) -> None:
    """What was shown is shown again, and whose choice it was is known again."""
    if before in {"own", "removed"}:
        peopled.set_photo(photo())
    if before == "removed":
        peopled.delete_photo(ADA, at(1), actor=HERSELF)
    if before == "import":
        peopled.offer_photo(incoming(), USUAL)
    stood = now(peopled)
    peopled.offer_photo(incoming(seconds=5), ALWAYS)

    [ended] = peopled.take_back_photo(set_event(peopled), at(9), BATCH) or []

    assert ended.set_at == at(5)
    assert (now(peopled).photo, now(peopled).photo_source) == (stood.photo, stood.photo_source)
    assert peopled.take_back_photo(set_event(peopled), at(9), BATCH) is None


@pytest.mark.parametrize("chosen", ["another", "confirmed", "removed"])
def test_a_newer_choice_is_not_taken_back(peopled: Database, chosen: str) -> None:
    """Whatever the person did since stays."""
    shown = incoming()
    peopled.offer_photo(shown, USUAL)
    event = set_event(peopled)
    if chosen == "another":
        peopled.set_photo(photo(set_at=at(1)))
    elif chosen == "confirmed":
        peopled.confirm_photo(ADA, shown.id, at(1), HERSELF)
    else:
        peopled.delete_photo(ADA, at(1), actor=HERSELF)
    stood = now(peopled)

    assert peopled.take_back_photo(event, at(9), BATCH) is None
    assert now(peopled) == stood


def test_an_earlier_photo_whose_files_are_gone_does_not_come_back(peopled: Database) -> None:
    """Then there is none, and the choice is as it was."""
    peopled.set_photo(photo())
    peopled.offer_photo(incoming(seconds=1), ALWAYS)
    peopled.expire_replaced(at(5), at(5))

    assert peopled.take_back_photo(set_event(peopled), at(9), BATCH)
    assert (now(peopled).photo, now(peopled).photo_source) == (None, Source.SELF)
