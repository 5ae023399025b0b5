"""What every database must do for addresses, and for who is found by the digest of one."""

from dataclasses import replace
from hashlib import md5, sha256

import pytest

from likeness.db import Database
from likeness.errors import Mistake
from likeness.model import Address, User
from support.revisions import move
from support.rows import NOW, at, photo, team, user


def md5_of(text: str) -> bytes:
    """As Gravatar's older clients ask."""
    return md5(text.encode(), usedforsecurity=False).digest()


def sha256_of(text: str) -> bytes:
    """As its newer ones do."""
    return sha256(text.encode()).digest()


def another(email: str = "countess@example.org", entered: str = "", number: int = 1) -> Address:
    """A further address of a user."""
    return Address(team().id, user(number).id, email, entered or email, at(5))


def found(database: Database, digest: bytes) -> str | None:
    """The id of whoever a digest leads to."""
    person = database.listed(digest)
    if database.is_embedded:
        assert person == database.listed(digest, at_once=True)
    return person.id if person else None


def test_everybody_is_found_by_both_digests_of_their_first_address(peopled: Database) -> None:
    """With the photo that they show."""
    shown = photo()
    peopled.set_photo(shown)

    for digest in (md5_of(user().email), sha256_of(user().email)):
        person = peopled.listed(digest)
        assert person
        assert (person.id, person.photo) == (user().id, shown)
    assert found(peopled, md5_of(user(2).email)) == user(2).id


def test_nobody_is_found_by_what_is_no_digest_of_theirs(peopled: Database) -> None:
    """Other texts, other hashes, pieces."""
    for digest in (bytes(16), bytes(32), b"", md5_of("nobody"), sha256_of(user().email)[:16]):
        assert peopled.listed(digest) is None


def test_somebody_is_found_by_their_id_or_by_a_name_that_is_theirs_alone(
    peopled: Database,
) -> None:
    """In capitals or not, with the photo that they show; nobody who hides or left is found."""
    shown = photo()
    peopled.set_photo(shown)

    for name in (user().id, user().id.lower(), user().name, user().name.upper()):
        person = peopled.listed_called(name)
        assert person
        assert (person.id, person.photo) == (user().id, shown)
    assert peopled.listed_called("") is None
    peopled.add_user(user(7, name=user().name))
    assert peopled.listed_called(user().name) is None
    peopled.set_listed(user(7).id, at(1), is_listed=False)
    assert peopled.listed_called(user().name) is not None
    assert peopled.listed_called(user(7).id) is None
    peopled.deactivate_user(user().id, at(2))
    assert [peopled.listed_called(name) for name in (user().id, user().name)] == [None, None]


def test_an_address_is_also_found_as_it_was_entered(database: Database) -> None:
    """Some programs hash it with its capitals."""
    database.add_team(team())
    database.add_user(user(email="ada@example.org"), "Ada@Example.org")

    for text in ("ada@example.org", "Ada@Example.org"):
        assert found(database, md5_of(text)) == found(database, sha256_of(text)) == user().id
    assert found(database, md5_of("ADA@EXAMPLE.ORG")) is None


def test_somebody_may_have_several_addresses(peopled: Database) -> None:
    """Each leads to them, until it is taken away."""
    peopled.add_address(another())

    first = Address(team().id, user().id, user().email, user().email, user().created_at)
    assert sorted([first, another()], key=lambda each: each.added_at) == peopled.addresses(
        user().id
    )
    assert found(peopled, sha256_of("countess@example.org")) == user().id

    peopled.remove_address(another(), NOW)

    assert [first] == peopled.addresses(user().id)
    assert found(peopled, sha256_of("countess@example.org")) is None
    assert found(peopled, sha256_of(user().email)) == user().id


@pytest.mark.parametrize("taken", [user().email, user(2).email])
def test_an_address_belongs_to_one_in_a_team(peopled: Database, taken: str) -> None:
    """Whoever has it, first or further; nothing of the attempt is left."""
    with pytest.raises(Mistake, match="in that workspace already"):
        peopled.add_address(another(taken, "Other@Spelling"))

    assert found(peopled, md5_of("Other@Spelling")) is None


def test_nobody_is_added_with_somebodys_further_address(peopled: Database) -> None:
    """It would lead to two."""
    peopled.add_address(another())

    with pytest.raises(Mistake, match="in that workspace already"):
        peopled.add_user(user(3, email="countess@example.org"))

    assert peopled.user(team().id, user(3).id) is None


def test_who_is_not_listed_is_not_found(peopled: Database) -> None:
    """By no address, until they are again; the photo itself stays."""
    peopled.add_address(another())
    peopled.set_photo(photo())

    peopled.set_listed(user().id, NOW, is_listed=False)

    assert found(peopled, md5_of(user().email)) is None
    assert found(peopled, md5_of("countess@example.org")) is None
    hidden = peopled.user(team().id, user().id)
    assert hidden
    assert hidden.photo
    assert not hidden.is_listed

    peopled.set_listed(user().id, NOW, is_listed=True)
    assert found(peopled, md5_of(user().email)) == user().id


def test_who_is_deactivated_is_not_found(peopled: Database) -> None:
    """Nor anybody of a workspace that is closed."""
    peopled.deactivate_user(user().id, NOW)
    assert found(peopled, md5_of(user().email)) is None
    assert found(peopled, md5_of(user(2).email)) == user(2).id

    peopled.deactivate_team(team().id, NOW)
    assert found(peopled, md5_of(user(2).email)) is None


def twins(database: Database) -> list[User]:
    """The same person in three workspaces."""
    people = []
    for number in (1, 2, 3):
        database.add_team(team(number))
        person = replace(user(number, email="ada@example.org"), team_id=team(number).id)
        database.add_user(person)
        people.append(person)
    return people


def test_of_somebody_in_several_teams_the_newest_photo_is_shown(database: Database) -> None:
    """And one without a photo only where none has any."""
    first, second, third = twins(database)
    digest = md5_of("ada@example.org")
    assert found(database, digest) == first.id

    database.set_photo(photo(user_id=third.id, set_at=at(1)))
    assert found(database, digest) == third.id

    database.set_photo(photo(user_id=second.id, set_at=at(2)))
    assert found(database, digest) == second.id

    database.set_listed(second.id, NOW, is_listed=False)
    assert found(database, digest) == third.id


def test_an_address_that_was_kept_in_punycode_is_brought_to_unicode(database: Database) -> None:
    """By the revision that made that the normal form; its hashes lead there in both ways."""
    database.add_team(team())
    database.add_user(user(email="ida@xn--bcher-kva.example"))
    database.add_user(user(2))
    move(database, "0004")

    database.migrate()

    ida = database.user_by_address(team().id, "ida@bücher.example")
    assert ida
    assert (ida.id, ida.email) == (user().id, "ida@bücher.example")
    for text in ("ida@bücher.example", "ida@xn--bcher-kva.example"):
        assert found(database, md5_of(text)) == found(database, sha256_of(text)) == ida.id
    assert database.user(team().id, user(2).id) == user(2)
