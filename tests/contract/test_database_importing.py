"""What every database must do for whole teams, by all that rows may call their people."""

from hashlib import sha256

import pytest
from sqlalchemy import insert

from likeness.db import Arrivals, Database, Member, Renewed
from likeness.db.schema import identities
from likeness.errors import Mistake
from likeness.events import OPERATOR, Verb
from likeness.identities import Identity
from likeness.model import Address
from support.rows import NOW, at, photo, team, user


def know(database: Database, source: str, external_id: str, number: int, name: str | None) -> None:
    """Note by which id another system knows a user."""
    values = {
        "team_id": team().id,
        "source": source,
        "external_id": external_id,
        "user_id": user(number).id,
        "user_name": name,
        "created_at": NOW,
        "seen_at": NOW,
    }
    with database._write() as connection:
        connection.execute(insert(identities).values(**values))


def test_people_have_addresses_ids_and_user_names(peopled: Database) -> None:
    """Those of an identity provider are nobody's business but its own."""
    peopled.add_address(Address(team().id, user().id, "more@example.org", "more@example.org", NOW))
    know(peopled, "csv", "4711", 1, "ada")
    know(peopled, "ldap:main", "guid", 2, None)
    know(peopled, "oidc:https://id.example.org", "subject", 2, None)

    assert set(peopled.team_emails(team().id)) == {
        ("person-1@example.org", user().id),
        ("more@example.org", user().id),
        ("person-2@example.org", user(2).id),
    }
    assert set(peopled.team_external_ids(team().id)) == {
        ("4711", user().id),
        ("guid", user(2).id),
    }
    assert set(peopled.team_user_names(team().id)) == {
        ("person-1", user().id),
        ("ada", user().id),
        ("person-2", user(2).id),
    }


def test_another_teams_people_are_not_among_them(peopled: Database) -> None:
    """Not by any name."""
    peopled.add_team(team(2))

    assert peopled.team_emails(team(2).id) == []
    assert peopled.team_external_ids(team(2).id) == []
    assert peopled.team_user_names(team(2).id) == []


def test_users_come_by_their_ids_with_their_photos(peopled: Database) -> None:
    """Ids of nobody give nobody; more than a statement takes are asked for in parts."""
    shown = peopled.set_photo(photo())
    many = [f"U{each}" for each in range(2000)]

    found = peopled.users_among([user().id, user(2).id, *many])

    assert set(found) == {user().id, user(2).id}
    assert found[user().id].photo == shown
    assert found[user(2).id].photo is None


def test_many_people_come_in_at_once(peopled: Database) -> None:
    """With all that belongs to them, and what the log says of it."""
    new, renewed = user(3), Renewed(user().id, "new@example.org", "nick", "New Name")
    arrivals = Arrivals(
        [new],
        [renewed],
        [Address(team().id, new.id, new.email, new.email.upper(), NOW)],
        [Identity(team().id, "csv", "4711", new.id, NOW, NOW, "three")],
        [(new.id, Verb.USER_ADDED), (user().id, Verb.USER_RENAMED)],
    )

    peopled.take_in(arrivals, at(5), OPERATOR)

    assert peopled.user(team().id, new.id) == new
    assert peopled.listed(sha256(new.email.upper().encode()).digest()) == new
    assert peopled.team_identities(team().id, "csv") == {"4711": new.id}
    assert peopled.team_identities(team().id, "ldap") == {}
    members = {each.id: each for each in peopled.team_members(team().id)}
    assert members[user().id] == Member(*renewed, is_bot=False, deleted_at=None)
    assert members[new.id] == Member(new.id, new.email, new.name, new.real_name, False, None)
    events = peopled.events(limit=2)
    assert [(each.user_id, each.verb, each.at) for each in events] == [
        (user().id, Verb.USER_RENAMED, at(5)),
        (new.id, Verb.USER_ADDED, at(5)),
    ]


def test_all_of_it_comes_in_or_nothing(peopled: Database) -> None:
    """Somebody has the address already."""
    taken = Address(team().id, user(3).id, user(2).email, user(2).email, NOW)

    with pytest.raises(Mistake, match="run the same command again"):
        peopled.take_in(Arrivals([user(3)], addresses=[taken]), NOW, OPERATOR)

    assert peopled.user(team().id, user(3).id) is None
    peopled.take_in(Arrivals(), NOW, OPERATOR)
