"""Whole teams, by all that rows may call their people."""

from sqlalchemy import insert

from likeness.db import Database
from likeness.db.schema import identities
from likeness.model import Address
from support.rows import NOW, photo, team, user


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
