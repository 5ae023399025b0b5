"""What every database must do for links, and for tokens that are taken away by the handful."""

from concurrent.futures import ThreadPoolExecutor
from typing import Final

import pytest

from likeness.db import Database
from likeness.events import Actor
from likeness.model import Source
from likeness.scopes import ADMIN_SCOPE
from support.rows import NOW, add_token, at, team, user

DIGEST: Final = bytes(range(32))
CROWD: Final = 16
PROVIDER: Final = Actor("sign-in", Source.PROVIDER)


@pytest.fixture
def linked(peopled: Database) -> Database:
    """A link for `user()`, which ends a minute after NOW."""
    peopled.add_link(DIGEST, user().id, NOW, at(60))
    return peopled


def test_looking_at_a_link_leaves_it_and_using_it_does_not(linked: Database) -> None:
    """The first use gives whom it is for, the second nobody."""
    assert user() == linked.link_user(DIGEST, at(1)) == linked.link_user(DIGEST, at(2))
    assert user() == linked.use_link(DIGEST, at(3))
    assert linked.use_link(DIGEST, at(4)) is None
    assert linked.link_user(DIGEST, at(4)) is None


def test_of_a_crowd_one_gets_it(linked: Database) -> None:
    """Whoever writes first."""
    with ThreadPoolExecutor(CROWD) as pool:
        got = list(pool.map(lambda _: linked.use_link(DIGEST, at(1)), range(CROWD)))

    assert [user()] == [one for one in got if one]


def test_a_link_ends_to_the_microsecond(linked: Database) -> None:
    """At its end it is over."""
    assert linked.link_user(DIGEST, at(59.999999)) == user()
    assert linked.link_user(DIGEST, at(60)) is None
    assert linked.use_link(DIGEST, at(60)) is None


@pytest.mark.parametrize("end", ["user", "team"])
def test_a_link_ends_with_the_account_and_with_the_workspace(linked: Database, end: str) -> None:
    """It is not used up by that."""
    if end == "user":
        linked.deactivate_user(user().id, at(1))
    else:
        linked.deactivate_team(team().id, at(1))

    assert linked.link_user(DIGEST, at(2)) is None
    assert linked.use_link(DIGEST, at(2)) is None


def test_an_unknown_link_is_nobodys(linked: Database) -> None:
    """One bit off."""
    assert linked.use_link(DIGEST[:-1] + b"\x00", at(1)) is None


def test_links_are_forgotten_by_their_end(linked: Database) -> None:
    """Used or not; those that end later stay."""
    linked.add_link(bytes(32), user(2).id, NOW, at(120))
    linked.use_link(bytes(32), at(1))
    linked.forget_links(at(60))
    assert user() == linked.link_user(DIGEST, at(2))

    linked.forget_links(at(61))

    assert linked.link_user(DIGEST, at(2)) is None
    linked.add_link(DIGEST, user().id, NOW, at(60))


def test_somebody_administers_or_does_not(peopled: Database) -> None:
    """Nobody else with them."""
    peopled.set_admin(user(1).id, NOW, PROVIDER, is_admin=True)
    promoted = peopled.user(team().id, user(1).id)
    assert promoted
    assert promoted.admin_source is Source.PROVIDER
    assert [True, False] == [
        one.is_admin for one in peopled.users_page(team().id, "", 10) if not one.is_bot
    ]

    peopled.set_admin(user(1).id, NOW, is_admin=False)

    assert user() == peopled.user(team().id, user().id)


def test_who_administers_no_longer_loses_the_tokens_that_say_so(peopled: Database) -> None:
    """By the whole scope and not a part of its name; only those of one person; once."""
    scopes = [(ADMIN_SCOPE,), ("x", ADMIN_SCOPE, "y"), (f"{ADMIN_SCOPE}x", f"x{ADMIN_SCOPE}"), ()]
    mine = [add_token(peopled, number, scopes=some) for number, some in enumerate(scopes, 1)]
    other = add_token(peopled, 9, scopes=(ADMIN_SCOPE,), user_id=user(2).id)
    peopled.revoke_token(mine[0].id, at(1))

    peopled.set_admin(user().id, at(2), is_admin=False)

    ends = []
    for token in (*mine, other):
        caller = peopled.caller(token.digest)
        assert caller
        ends.append(caller.token.revoked_at)
    assert ends == [at(1), at(2), None, None, None]


def test_tokens_are_forgotten_by_their_end(peopled: Database) -> None:
    """Those without one never."""
    over = add_token(peopled, 1, expires_at=at(5))
    endless = add_token(peopled, 2)

    peopled.forget_tokens(at(5))
    assert peopled.caller(over.digest)
    peopled.forget_tokens(at(6))

    assert peopled.caller(over.digest) is None
    assert peopled.caller(endless.digest)
