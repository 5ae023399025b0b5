"""What every database must do when people change, and that each change is a row of the log."""

from collections.abc import Callable
from dataclasses import replace
from typing import Final

import pytest

from likeness.db import Database, Which
from likeness.db.addresses import nobodys_email
from likeness.errors import Mistake
from likeness.events import Actor, Verb
from likeness.model import Address, Source, User
from support.rows import NOW, add_token, at, photo, team, user

ROOT: Final = Actor("U0000000009", Source.ADMINISTRATOR, "192.0.2.0/24", "B1")
PAGE: Final = ("read", "write")


def address(email: str, seconds: float = 1, user_id: str = user().id) -> Address:
    """An address of somebody's, confirmed so many seconds after NOW."""
    return Address(team().id, user_id, email, email, at(seconds))


def again(database: Database, number: int = 1) -> User:
    """Somebody as they are kept."""
    kept = database.user(team().id, user(number).id)
    assert kept
    return kept


def found(database: Database, email: str) -> str | None:
    """Whose photo is shown for an address."""
    [digest] = {each for each in address(email).digests if len(each) == 32}
    person = database.listed(digest)
    return person.id if person else None


def change_email(database: Database, email: str, *, forgets: bool = False) -> None:
    """Of `user()`."""
    database.change_email(user(), address(email), ROOT, forgets=forgets)


CHANGES: Final[dict[Verb, Callable[[Database], object]]] = {
    Verb.WORKSPACE_ADDED: lambda database: database.add_team(team(7, created_at=at(1)), ROOT),
    Verb.WORKSPACE_RENAMED: lambda database: database.rename_team(team(), at(1), ROOT),
    Verb.WORKSPACE_REMOVED: lambda database: database.deactivate_team(team().id, at(1), ROOT),
    Verb.USER_ADDED: lambda database: database.add_user(user(7, created_at=at(1)), "", ROOT),
    Verb.USER_RENAMED: lambda database: database.rename_user(user().id, "A", at(1), ROOT),
    Verb.USER_ADDRESSED: lambda database: database.add_address(address("a@b.example"), ROOT),
    Verb.USER_HIDDEN: lambda database: database.set_listed(user().id, at(1), ROOT, is_listed=False),
    Verb.USER_LOCKED: lambda database: database.set_lock(user().id, "so", at(1), ROOT),
    Verb.USER_UNLOCKED: lambda database: database.set_lock(user().id, None, at(1), ROOT),
    Verb.USER_PROMOTED: lambda database: database.set_admin(user().id, at(1), ROOT, is_admin=True),
    Verb.USER_DEACTIVATED: lambda database: database.deactivate_user(user().id, at(1), ROOT),
    Verb.ACCESS_GIVEN: lambda database: database.add_link(b"l", user().id, at(1), at(9), ROOT),
    Verb.ACCESS_ENDED: lambda database: database.end_access(user().id, at(1), ROOT),
}


@pytest.mark.parametrize("verb", CHANGES)
def test_each_change_is_a_row_of_the_log(peopled: Database, verb: Verb) -> None:
    """With who did it, by which right, from where and as a part of what."""
    before = {event.id for event in peopled.events(limit=100)}

    CHANGES[verb](peopled)

    [event] = [each for each in peopled.events(limit=100) if each.id not in before]
    of = {Verb.USER_ADDED: user(7).id, Verb.WORKSPACE_ADDED: team(7).id}
    usual = team().id if verb.name.startswith("WORKSPACE") else user().id
    assert (event.verb, event.at, event.user_id) == (verb, at(1), of.get(verb, usual))
    told = (event.actor, event.source, event.origin, event.batch_id)
    assert told == (ROOT.name, ROOT.source, ROOT.origin, ROOT.batch_id)


@pytest.mark.parametrize(
    "nothing",
    [
        lambda database: database.set_listed(user().id, at(1), is_listed=True),
        lambda database: database.set_admin(user().id, at(1), is_admin=False),
        lambda database: database.reactivate_user(user().id, at(1)),
        lambda database: database.deactivate_user("U9999999999", at(1)),
        lambda database: database.deactivate_team("T9999999999", at(1)),
        lambda database: database.revoke_token(4711, at(1), ROOT),
    ],
)
def test_what_changes_nothing_is_no_row(
    peopled: Database, nothing: Callable[[Database], object]
) -> None:
    """Somebody who is so already, or is not there."""
    before = peopled.events(limit=100)

    nothing(peopled)

    assert before == peopled.events(limit=100)


@pytest.mark.parametrize(
    "refused",
    [
        lambda database: database.add_team(replace(team(7), name=team().name)),
        lambda database: database.rename_team(replace(team(), name=team(7).name), NOW),
        lambda database: database.add_user(user(8, email=user().email)),
        lambda database: database.add_user(user(8, email=user().email), succeeds=True),
        lambda database: database.add_address(address(user(2).email)),
        lambda database: change_email(database, user(2).email),
        lambda database: change_email(database, user(2).email, forgets=True),
    ],
)
def test_what_is_refused_leaves_no_row(
    peopled: Database, refused: Callable[[Database], object]
) -> None:
    """The log says what was done, and not what was tried."""
    peopled.add_team(team(7))
    before = peopled.events(limit=100)

    with pytest.raises(Mistake, match="already"):
        refused(peopled)

    assert before == peopled.events(limit=100)
    assert user() == again(peopled)


def test_somebody_who_was_deactivated_is_back_without_their_tokens(peopled: Database) -> None:
    """And is found by their address."""
    mine = photo()
    peopled.set_photo(mine)
    token = add_token(peopled)
    peopled.deactivate_user(user().id, at(1))

    peopled.reactivate_user(user().id, at(2), ROOT)

    back = again(peopled)
    assert (back.deleted_at, back.updated_at, back.photo) == (None, at(2), mine)
    assert found(peopled, user().email) == user().id
    caller = peopled.caller(token.digest)
    assert caller
    assert caller.token.revoked_at == at(1)
    assert peopled.events(limit=1)[0].verb is Verb.USER_REACTIVATED


def test_another_first_address_and_the_one_before_stays(peopled: Database) -> None:
    """Both lead to the photo; the short name follows, since it was made of the address."""
    change_email(peopled, "ada.king@example.org")

    kept = again(peopled)
    assert (kept.email, kept.name, kept.updated_at) == ("ada.king@example.org", "ada.king", at(1))
    assert found(peopled, "ada.king@example.org") == found(peopled, user().email) == user().id
    assert [user().email, "ada.king@example.org"] == [
        each.email for each in peopled.addresses(user().id)
    ]


def test_another_first_address_and_the_one_before_is_forgotten(peopled: Database) -> None:
    """No digest of it is left, and somebody else may have it; one's own name stays."""
    named = user(7, name="countess")
    peopled.add_user(named)
    peopled.add_address(address("new@example.org", user_id=named.id))

    peopled.change_email(named, address("new@example.org", user_id=named.id), ROOT, forgets=True)

    kept = again(peopled, 7)
    assert (kept.email, kept.name) == ("new@example.org", "countess")
    assert found(peopled, named.email) is None
    peopled.add_user(user(8, email=named.email))
    assert found(peopled, named.email) == user(8).id


def test_a_successor_takes_the_address_of_somebody_who_left(peopled: Database) -> None:
    """Who left keeps their photo and a text that is nobody's address."""
    peopled.deactivate_user(user().id, at(1))

    heir = user(7, email=user().email, created_at=at(2))
    peopled.add_user(heir, "", ROOT, succeeds=True)

    assert found(peopled, user().email) == heir.id
    assert again(peopled).email == nobodys_email(user().id)
    assert [] == peopled.addresses(user().id)
    added, given = peopled.events(limit=2)
    assert (added.verb, added.user_id) == (Verb.USER_ADDED, heir.id)
    assert (given.verb, given.user_id) == (Verb.USER_ADDRESSED, user().id)
    assert given.detail == f"one went to {heir.id}"


@pytest.mark.parametrize("taken", [user().email, "further@example.org"])
def test_a_successor_takes_one_of_several_addresses(peopled: Database, taken: str) -> None:
    """The other one is then the first of who left."""
    peopled.add_address(address("further@example.org"))
    peopled.deactivate_user(user().id, at(1))
    [left] = {user().email, "further@example.org"} - {taken}

    peopled.add_user(user(7, email=taken), succeeds=True)

    assert again(peopled).email == left
    assert [left] == [each.email for each in peopled.addresses(user().id)]


def test_sessions_end_and_tokens_go_on(peopled: Database) -> None:
    """A session has an end of its own and just the scopes of the page; links end with them."""
    kinds = [(PAGE, at(9)), ((*PAGE, "admin"), at(9)), (PAGE, None), (("read",), at(9))]
    mine = [
        add_token(peopled, number, scopes=scopes, expires_at=end)
        for number, (scopes, end) in enumerate(kinds, 1)
    ]
    theirs = add_token(peopled, 9, scopes=PAGE, expires_at=at(9), user_id=user(2).id)
    peopled.add_link(b"l", user().id, NOW, at(9))

    assert 2 == peopled.end_sessions(user().id, [PAGE, (*PAGE, "admin")], at(1), ROOT)

    callers = [peopled.caller(token.digest) for token in (*mine, theirs)]
    ends = [caller and caller.token.revoked_at for caller in callers]
    assert ends == [at(1), at(1), None, None, None]
    assert peopled.link_user(b"l", at(2)) is None
    assert peopled.events(limit=1)[0].detail == "2 sessions, and all links"


def test_a_token_is_told_of_where_somebody_gives_or_ends_it(peopled: Database) -> None:
    """By its id and scopes; sessions, which nobody gives, are not."""
    quiet = add_token(peopled, 1)
    told = add_token(peopled, 2, scopes=("a", "b"), actor=ROOT)
    peopled.revoke_token(quiet.id, at(1))
    peopled.revoke_token(told.id, at(2), ROOT)
    peopled.revoke_token(told.id, at(3), ROOT)

    ended, given, *_ = peopled.events(user_id=user().id, limit=9)

    assert (given.verb, given.detail) == (Verb.ACCESS_GIVEN, f"token {told.id}: a b")
    assert (ended.verb, ended.detail, ended.at) == (Verb.ACCESS_ENDED, f"token {told.id}", at(2))


def test_everybody_is_met_once_page_by_page(peopled: Database) -> None:
    """Whatever the order of letters is in this database; teams that were removed are apart."""
    peopled.add_team(team(2))
    for number, email in enumerate(
        ("zoë@x.example", "Ümit@x.example", "a-b@x", "ab@x", "a_b@x"), 3
    ):
        peopled.add_user(user(number, email=email))
    peopled.add_user(user(9, team_id=team(2).id, email="ab@x"))
    peopled.deactivate_user(user(2).id, at(1))
    peopled.deactivate_team(team(2).id, at(1))
    for has_left, expected in ((False, {1, 3, 4, 5, 6, 7}), (True, {2, 9})):
        last, met = None, []
        while page := peopled.roster_page(Which(has_left=has_left), last, 2):
            met += [each.id for each in page]
            last = page[-1]

        assert len(met) == len(expected)
        assert set(met) == {user(number).id for number in expected}
