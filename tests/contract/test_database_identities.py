"""What every database must do for the names that other systems have for people."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Final

import pytest

from likeness.db import Database
from likeness.events import Actor, Verb
from likeness.identities import Identity
from likeness.model import Address, Source, TokenKind
from support.rows import NOW, at, team, user

SOURCE: Final = "oidc:https://id.example.org"
ACTOR: Final = Actor("oidc", Source.PROVIDER)
CROWD: Final = 16


def identity(external_id: str = "one", number: int = 1, source: str = SOURCE) -> Identity:
    """What a provider calls `user(number)`."""
    first = user(number).email
    return Identity(team().id, source, external_id, user(number).id, NOW, NOW, first)


def address(email: str, number: int = 1) -> Address:
    """One of a user's, as it came an hour later."""
    return Address(team().id, user(number).id, email, email.upper(), at(3600))


def verbs(database: Database, number: int = 1) -> list[Verb]:
    """What the log says that was done to a user since they were added, newest first."""
    told = [event.verb for event in database.events(user_id=user(number).id, limit=10)]
    return [verb for verb in told if verb is not Verb.USER_ADDED]


def test_who_is_bound_is_found_by_every_part_of_the_name(peopled: Database) -> None:
    """And by the user."""
    bound = replace(identity(), photo_ref="https://x.example", photo_digest=bytes(32))

    assert bound == peopled.bind(bound, ACTOR)
    assert bound == peopled.identity(team().id, SOURCE, "one")
    assert [bound] == peopled.identities_of(user().id) == peopled.identities_known(SOURCE, "one")
    assert peopled.identity(team(2).id, SOURCE, "one") is None
    assert peopled.identity(team().id, SOURCE, "One") is None
    assert peopled.identity(team().id, "oidc:https://other.example", "one") is None
    assert verbs(peopled) == [Verb.IDENTITY_BOUND]


def test_what_was_there_before_stays(peopled: Database) -> None:
    """Neither does a name change its user, nor a user their name; another source is beside it."""
    first = peopled.bind(identity(), ACTOR)

    assert first == peopled.bind(identity(number=2), ACTOR)
    assert first == peopled.bind(identity("two"), ACTOR)
    elsewhere = identity("two", source="oidc:https://other.example")
    assert elsewhere == peopled.bind(elsewhere, ACTOR)
    assert verbs(peopled) == [Verb.IDENTITY_BOUND] * 2
    assert verbs(peopled, 2) == []


def test_of_a_crowd_that_binds_one_user_one_does(peopled: Database) -> None:
    """The others are told who."""
    with ThreadPoolExecutor(CROWD) as pool:
        wanted = [identity(str(number)) for number in range(CROWD)]
        kept = list(pool.map(lambda one: peopled.bind(one, ACTOR), wanted))

    assert 1 == len({each.external_id for each in kept})
    assert [kept[0]] == peopled.identities_of(user().id)


def test_of_two_users_that_are_bound_to_one_name_one_is(peopled: Database) -> None:
    """Whoever is first."""
    with ThreadPoolExecutor(CROWD) as pool:
        wanted = [identity(number=1 + number % 2) for number in range(CROWD)]
        kept = list(pool.map(lambda one: peopled.bind(one, ACTOR), wanted))

    assert [kept[0]] == peopled.identities_known(SOURCE, "one")
    assert {kept[0]} == set(kept)


def test_coming_again_is_noted(peopled: Database) -> None:
    """Nothing else changes."""
    bound = peopled.bind(identity(), ACTOR)

    peopled.touch(bound, at(60))

    assert [replace(bound, seen_at=at(60))] == peopled.identities_of(user().id)


def test_what_is_said_of_a_photo_is_kept(peopled: Database) -> None:
    """Until something else is."""
    bound = peopled.bind(identity(), ACTOR)

    for said in (("https://x.example", bytes(32), "2026-11-29"), (None, None, None)):
        peopled.note_picture(bound, *said)
        [kept] = peopled.identities_of(user().id)
        assert (kept.photo_ref, kept.photo_digest, kept.stamp) == said


def test_a_new_address_becomes_the_first(peopled: Database) -> None:
    """The old one stays, and leads to the same user."""
    bound = peopled.bind(identity(), ACTOR)

    assert peopled.follow(bound, user(), address("new@example.org"), ACTOR)

    now = peopled.user(team().id, user().id)
    assert now is not None
    assert (now.email, now.name) == ("new@example.org", "new")
    assert [user().email, now.email] == [each.email for each in peopled.addresses(user().id)]
    assert now == peopled.user_by_address(team().id, user().email)
    [kept] = peopled.identities_of(user().id)
    assert kept.user_name == "new@example.org"
    assert verbs(peopled) == [Verb.USER_ADDRESSED, Verb.IDENTITY_BOUND]


def test_a_further_address_can_become_the_first(peopled: Database) -> None:
    """And what is the first already is no change of it."""
    bound = peopled.bind(identity(), ACTOR)
    peopled.add_address(address("new@example.org"))

    for who in (user(), user(email="new@example.org")):
        assert peopled.follow(bound, who, address("new@example.org"), ACTOR)

    assert 2 == len(peopled.addresses(user().id))
    told = [Verb.USER_ADDRESSED, Verb.USER_ADDRESSED, Verb.IDENTITY_BOUND]
    assert told == verbs(peopled), "by the operator, by the provider"


@pytest.mark.parametrize("is_first", [True, False])
def test_an_address_of_somebody_else_is_left_to_them(peopled: Database, is_first: bool) -> None:
    """Be it their first or a further one."""
    bound = peopled.bind(identity(), ACTOR)
    email = user(2).email if is_first else "further@example.org"
    if not is_first:
        peopled.add_address(address(email, 2))

    assert not peopled.follow(bound, user(), address(email), ACTOR)

    assert [user()] == peopled.users_by_email(user().email)
    assert [bound] == peopled.identities_of(user().id)


@pytest.mark.parametrize(
    ("subject", "sid", "ended"),
    [
        ("one", "a", {"a of 1", "none of 1"}),
        ("one", "", {"a of 1", "b of 1", "none of 1"}),
        ("", "a", {"a of 1"}),
        ("", "c", {"c of 2"}),
        ("two", "", {"c of 2"}),
        ("nobody", "", set()),
        ("nobody", "nothing", set()),
    ],
)
def test_a_provider_ends_the_sessions_that_it_means(
    peopled: Database, subject: str, sid: str, ended: set[str]
) -> None:
    """Of one session there, of one person, or of both; never what else there is."""
    peopled.bind(identity(), ACTOR)
    peopled.bind(identity("two", 2), ACTOR)
    issuer = SOURCE.removeprefix("oidc:")
    sessions = [(1, issuer, "a"), (1, issuer, "b"), (1, issuer, None), (2, issuer, "c")]
    others = [(1, None, None), (1, "https://other.example", "a"), (2, None, None)]
    names = {}
    for index, (number, of, at_provider) in enumerate(sessions + others):
        token = peopled.add_token(
            digest=bytes([index]) * 32,
            user_id=user(number).id,
            kind=TokenKind.USER,
            scopes=("x",),
            created_at=NOW,
            expires_at=at(3600),
            issuer=of,
            sid=at_provider,
        )
        names[token.id] = f"{at_provider or 'none'} of {number}"

    count = peopled.end_provider_sessions(issuer, subject, sid, at(60), ACTOR)
    again = peopled.end_provider_sessions(issuer, subject, sid, at(60), ACTOR)

    theirs = [*peopled.tokens_of(user(1).id), *peopled.tokens_of(user(2).id)]
    assert ended == {names[token.id] for token in theirs if token.revoked_at}
    assert (len(ended), 0) == (count, again)
    told = [*verbs(peopled), *verbs(peopled, 2)].count(Verb.ACCESS_ENDED)
    assert bool(ended) == told


def test_sessions_that_were_over_are_not_ended_once_more(peopled: Database) -> None:
    """Nor told."""
    issuer = SOURCE.removeprefix("oidc:")
    peopled.add_token(
        digest=bytes(32),
        user_id=user().id,
        kind=TokenKind.USER,
        scopes=("x",),
        created_at=NOW,
        expires_at=at(60),
        issuer=issuer,
        sid="a",
    )

    assert 0 == peopled.end_provider_sessions(issuer, "", "a", at(60), ACTOR)
    assert verbs(peopled) == []


def test_unbinding_forgets_providers_alone(peopled: Database) -> None:
    """Of one user; a second time there is nothing to forget."""
    peopled.bind(identity(), ACTOR)
    peopled.bind(identity("one", source="oidc:https://other.example"), ACTOR)
    listed = peopled.bind(identity("7", source="csv"), ACTOR)
    other = peopled.bind(identity("two", 2), ACTOR)

    counts = [peopled.unbind(user().id, at(60), ACTOR) for _ in range(2)]

    assert [2, 0] == counts
    assert [listed] == peopled.identities_of(user().id)
    assert [other] == peopled.identities_of(user(2).id)
    assert verbs(peopled).count(Verb.IDENTITY_UNBOUND) == 1
    assert [0, 1] == [peopled.unbind_team(team(n).id, at(60), ACTOR) for n in (2, 1)]
    assert [] == peopled.identities_of(user(2).id)
    [told] = peopled.events(user_id=team().id, limit=1)
    assert told.verb is Verb.IDENTITY_UNBOUND


def test_unbinding_from_directories_forgets_theirs_alone(peopled: Database) -> None:
    """By SCIM and by LDAP; by whom somebody signs in stays."""
    kept = peopled.bind(identity(), ACTOR)
    for source in ("scim", "ldap:staff"):
        peopled.bind(identity("7", source=source), ACTOR)

    assert 2 == peopled.unbind(user().id, at(60), ACTOR, from_directory=True)

    assert [kept] == peopled.identities_of(user().id)
