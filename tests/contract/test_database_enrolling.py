"""What every database must do for people whom a directory brings."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Final

from likeness.db import Database, Enrolment
from likeness.events import Verb
from likeness.identities import Condition, Identity, Sought
from likeness.model import Address, TokenKind, User
from support.enrolled import SCIM
from support.rows import NOW, at, team, user

CROWD: Final = 16
LATER: Final = at(3600)


def identity(external_id: str = "one", number: int = 1) -> Identity:
    """What a directory calls `user(number)`."""
    first = user(number).email
    return Identity(
        team().id, "scim", external_id, user(number).id, NOW, NOW, first, document='{"a": 1}'
    )


def address(email: str, number: int = 1) -> Address:
    """One of a user's, as it came an hour later."""
    return Address(team().id, user(number).id, email, email.upper(), LATER)


def now(database: Database, number: int = 1) -> User:
    """A user as they are kept."""
    kept = database.user(team().id, user(number).id)
    assert kept
    return kept


def verbs(database: Database, number: int = 1) -> set[Verb]:
    """What the log says that the directory did to a user."""
    told = database.events(user_id=user(number).id, limit=10)
    return {event.verb for event in told if event.actor == "scim"}


def test_somebody_new_comes_with_all_that_is_said(peopled: Database) -> None:
    """Names, addresses, the document, and that they left already."""
    change = Enrolment(
        user(3),
        identity(number=3),
        is_new=True,
        first=address(user(3).email, 3),
        further=(address("more@example.org", 3),),
        is_active=False,
    )

    assert peopled.enrol(change, LATER, SCIM)

    assert now(peopled, 3).deleted_at == LATER
    assert {user(3).email, "more@example.org"} == {
        each.email for each in peopled.addresses(user(3).id)
    }
    assert identity(number=3) == peopled.identity(team().id, "scim", "one")
    assert verbs(peopled, 3) == {Verb.USER_ADDED, Verb.IDENTITY_BOUND, Verb.USER_DEACTIVATED}


def test_somebody_new_without_a_typed_address_has_that_of_theirs(peopled: Database) -> None:
    """In its normal form."""
    assert peopled.enrol(Enrolment(user(3), identity(number=3), is_new=True), LATER, SCIM)

    assert [user(3).email] == [each.entered for each in peopled.addresses(user(3).id)]


def test_somebody_who_is_here_is_bound_and_changed(peopled: Database) -> None:
    """By one transaction."""
    change = Enrolment(
        user(),
        identity(),
        name="ada",
        real_name="Ada Lovelace",
        first=address("ada@example.org"),
        further=(address("more@example.org"),),
    )

    assert peopled.enrol(change, LATER, SCIM)

    ada = now(peopled)
    assert (ada.email, ada.name, ada.real_name) == ("ada@example.org", "ada", "Ada Lovelace")
    assert 3 == len(peopled.addresses(ada.id))
    assert ada.updated_at == LATER
    assert verbs(peopled) == {Verb.IDENTITY_BOUND, Verb.USER_ADDRESSED, Verb.USER_RENAMED}


def test_a_name_that_is_written_again_is_no_news(peopled: Database) -> None:
    """A new first address would change the short name, and the directory keeps it."""
    change = Enrolment(user(), identity(), name=user().name, first=address("ada@example.org"))

    assert peopled.enrol(change, LATER, SCIM)

    assert now(peopled).name == user().name
    assert Verb.USER_RENAMED not in verbs(peopled)


def test_who_leaves_and_comes_back_does_so_once(peopled: Database) -> None:
    """Their tokens end; the noted photo is forgotten, and what else is noted of one stays."""
    before = replace(identity(), photo_digest=bytes(32))
    peopled.bind(before, SCIM)
    peopled.add_token(
        digest=bytes(32),
        user_id=user().id,
        kind=TokenKind.USER,
        scopes=(),
        created_at=NOW,
        expires_at=None,
    )

    left = replace(before, document="{}", seen_at=LATER, photo_digest=b"stale")
    assert peopled.enrol(Enrolment(user(), left, before, is_active=False), LATER, SCIM)
    assert now(peopled).deleted_at == LATER
    assert [LATER] == [each.revoked_at for each in peopled.tokens_of(user().id)]
    assert [replace(left, photo_digest=bytes(32))] == peopled.identities_of(user().id)

    back = replace(left, photo_digest=None)
    assert peopled.enrol(Enrolment(user(), back, left, is_active=True), LATER, SCIM)
    assert now(peopled).deleted_at is None
    assert [back] == peopled.identities_of(user().id)
    assert {Verb.USER_DEACTIVATED, Verb.USER_REACTIVATED} < verbs(peopled)


def test_a_directory_may_name_somebody_anew(peopled: Database) -> None:
    """Then the name of before means nobody."""
    peopled.bind(identity(), SCIM)

    assert peopled.enrol(Enrolment(user(), identity("two"), identity()), LATER, SCIM)

    assert [identity("two")] == peopled.identities_of(user().id)


def test_an_address_or_name_that_was_taken_meanwhile_changes_nothing(peopled: Database) -> None:
    """None of what came with it."""
    taken = Enrolment(user(), identity(), name="ada", further=(address(user(2).email),))
    assert not peopled.enrol(taken, LATER, SCIM)
    peopled.bind(identity(), SCIM)
    assert not peopled.enrol(Enrolment(user(), identity("two"), name="ada"), LATER, SCIM)
    gone = identity("gone")
    assert not peopled.enrol(Enrolment(user(), gone, gone, name="ada"), LATER, SCIM)
    peopled.bind(identity("two", 2), SCIM)
    assert not peopled.enrol(Enrolment(user(), identity("two"), identity()), LATER, SCIM)

    assert now(peopled) == user()
    assert [identity()] == peopled.identities_of(user().id)


def test_of_a_crowd_that_binds_one_user_one_does(peopled: Database) -> None:
    """The others are told that they came too late."""
    changes = [Enrolment(user(), identity(str(number))) for number in range(CROWD)]
    with ThreadPoolExecutor(CROWD) as pool:
        done = list(pool.map(lambda one: peopled.enrol(one, LATER, SCIM), changes))

    assert 1 == sum(done)
    assert 1 == len(peopled.identities_of(user().id))


def test_who_is_forgotten_is_deactivated(peopled: Database) -> None:
    """Once; who had left before stays as they were."""
    peopled.bind(identity(), SCIM)

    assert [True, False] == [peopled.forget_enrolled(identity(), LATER, SCIM) for _ in range(2)]
    assert now(peopled).deleted_at == LATER
    assert [] == peopled.identities_of(user().id)

    peopled.bind(identity(), SCIM)
    assert peopled.forget_enrolled(identity(), at(7200), SCIM)
    assert now(peopled).deleted_at == LATER


def test_a_team_has_lists_of_each_directory(peopled: Database) -> None:
    """Without documents, which nobody reads for all at once."""
    peopled.bind(identity(), SCIM)
    peopled.bind(replace(identity(number=2), source="ldap:staff"), SCIM)

    assert [replace(identity(), document=None)] == peopled.enrolled(team().id, "scim")
    assert [] == peopled.enrolled(team(2).id, "scim")


def sought(database: Database, *conditions: Condition, offset: int = 0, limit: int = 9) -> object:
    """How many there are, and the ids that the directory has for some."""
    found = database.enrolled_page(team().id, "scim", conditions, offset, limit)
    return found[0], [identity.external_id for identity, _ in found[1]]


def test_people_are_found_by_what_a_directory_asks(peopled: Database) -> None:
    """All of it has to be so, and no other team's people or other directory's are seen."""
    peopled.bind(identity(), SCIM)
    peopled.bind(identity("two", 2), SCIM)
    peopled.bind(replace(identity("three"), source="ldap:staff"), SCIM)
    peopled.add_address(address("more@example.org"))
    peopled.deactivate_user(user(2).id, LATER)

    assert (2, ["one", "two"]) == sought(peopled)
    for condition in (
        (Sought.ID, user().id),
        (Sought.USER_NAME, user().email),
        (Sought.EXTERNAL_ID, "one"),
        (Sought.EMAIL, "more@example.org"),
        (Sought.ACTIVE, True),
    ):
        assert (1, ["one"]) == sought(peopled, condition)
        assert (0, []) == sought(peopled, condition, (Sought.ACTIVE, False))
    assert (1, ["two"]) == sought(peopled, (Sought.ACTIVE, False))
    assert (0, []) == sought(peopled, (Sought.USER_NAME, "' OR 1=1 --"))
    assert (0, []) == peopled.enrolled_page(team(2).id, "scim", (), 0, 9)[:2]


def test_people_are_given_page_by_page(peopled: Database) -> None:
    """With who they are; nobody is on two pages."""
    for number in (1, 2):
        peopled.bind(identity(str(number), number), SCIM)

    assert [(2, ["1"]), (2, ["2"])] == [sought(peopled, offset=at, limit=1) for at in (0, 1)]
    assert (2, []) == sought(peopled, limit=0)
    assert (2, []) == sought(peopled, offset=2)
    [(known, who), _] = peopled.enrolled_page(team().id, "scim", (), 0, 2)[1]
    assert (known, who) == (identity("1"), user())
