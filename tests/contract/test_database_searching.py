"""Whatever changes names or addresses, people are found by what they are called now."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import select, update

from likeness import db
from likeness.db import Arrivals, Database, Enrolment, Renewed, Which
from likeness.db.schema import users
from likeness.db.searching import search_text, sort_name
from likeness.events import OPERATOR
from likeness.identities import Identity
from likeness.model import Address
from support.rows import NOW, at, team, user


def address(number: int, email: str) -> Address:
    """A further address of somebody."""
    return Address(team().id, user(number).id, email, email, at(1))


def renamed(database: Database) -> None:
    database.rename_user(user(1).id, "Jürgen Müller", at(1))


def added(database: Database) -> None:
    database.add_address(address(1, "mueller@example.net"))


def removed(database: Database) -> None:
    added(database)
    database.remove_address(address(1, "mueller@example.net"), at(2))


def moved(database: Database) -> None:
    database.change_email(user(1), address(1, "mueller@example.net"))


def forgotten(database: Database) -> None:
    database.change_email(user(1), address(1, "mueller@example.net"), forgets=True)


def succeeded(database: Database) -> None:
    database.deactivate_user(user(2).id, at(1))
    database.add_address(address(1, user(2).email), succeeds=True)


def followed(database: Database) -> None:
    identity = Identity(team().id, "oidc:x", "sub", user(1).id, NOW, NOW)
    database.bind(identity, OPERATOR)
    database.follow(identity, user(1), address(1, "mueller@example.net"), OPERATOR)


def taken_in(database: Database) -> None:
    new = user(3)
    database.take_in(
        Arrivals(
            users=[new],
            renewed=[Renewed(user(2).id, user(2).email, "name", "Élise")],
            addresses=[address(3, new.email), address(1, "one@example.net")],
        ),
        at(1),
        OPERATOR,
    )


def enrolled(database: Database) -> None:
    known = Identity(team().id, "scim", "one", user(1).id, NOW, NOW)
    database.enrol(Enrolment(user(1), known, real_name="Élise"), at(1), OPERATOR)


def merged(database: Database) -> None:
    database.merge_users(user(2).id, user(1).id, at(1), OPERATOR)


WRITERS = (
    renamed,
    added,
    removed,
    moved,
    forgotten,
    succeeded,
    followed,
    taken_in,
    enrolled,
    merged,
)


@pytest.mark.parametrize("write", WRITERS, ids=lambda write: write.__name__)
def test_whoever_was_changed_is_found_by_what_they_are_called_now(
    peopled: Database, write: Callable[[Database], None]
) -> None:
    """By every name and address of today, and by none of before."""
    write(peopled)

    with peopled._read() as connection:
        rows = {row.id: row for row in connection.execute(select(users))}
    assert rows
    for user_id, row in rows.items():
        emails = [each.email for each in peopled.addresses(user_id)]
        assert row.search == search_text(row.real_name, row.name, emails)
        assert row.sort_name == sort_name(row.real_name)


def test_the_order_of_names_is_the_same_in_every_database(peopled: Database) -> None:
    """That of code points of what is searched for."""
    for number, name in enumerate(["zoe", "Ärnst", "_x", "Ørsted", "Émile", "李", "bob b"], 10):
        peopled.add_user(user(number, real_name=name))

    found = [one.real_name for one in peopled.people_page(team().id, Which(), "", 100)]

    assert found == ["_x", "Ärnst", "bob b", "Émile", "Person 1", "Person 2", "zoe", "Ørsted", "李"]


def test_who_was_added_by_the_version_before_is_listed_first(peopled: Database) -> None:
    """Until their name is written again: nobody is left out of the list."""
    with peopled._write() as connection:
        connection.execute(update(users).where(users.c.id == user(2).id).values(sort_name=""))

    assert peopled.people_page(team().id, Which(), "", 9)[0].id == user(2).id


def test_each_module_that_writes_names_or_addresses_has_people_found_by_them() -> None:
    """A new writer belongs into WRITERS as well."""
    folder = Path(db.__file__).parent
    names = re.compile(r"update\(users\)[\s\S]*real_name|real_name[\s\S]*update\(users\)")
    rows = re.compile(r"(insert|update|delete)\((users|addresses)\)\.?(values\(\*|where\(mine)")
    found = {
        path.name
        for path in folder.glob("*.py")
        if names.search(path.read_text()) or rows.search(path.read_text())
    }
    silent = {name for name in found if "note_" not in (folder / name).read_text()}

    assert {"addresses.py", "people.py", "importing.py", "enrolling.py"} <= found
    assert silent == set(), "call note_names of db/searching.py in the same transaction"
