"""What every database must do for teams, people and tokens, and for its own tables.

Photos and limits have files of their own beside this one.
"""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any, Final

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import update

from likeness.db import Database, open_database
from likeness.db.schema import metadata, users
from likeness.errors import Mistake
from likeness.model import TokenKind
from support.crowd import WAIT_FOR_OTHERS, outputs
from support.rows import NOW, add_token, at, photo, staged, team, user

_MIGRATE: Final = f"""
import sys
from likeness.db import open_database
database = open_database(sys.argv[1])
{WAIT_FOR_OTHERS}
database.migrate()
print(database.revision())
"""


def test_a_new_database_has_no_revision_until_it_is_migrated(url: str) -> None:
    """Migrating it twice is migrating it once."""
    database = open_database(url)
    revisions = [database.revision()]

    for _ in range(2):
        assert database.migrate() == ""
        revisions.append(database.revision())
    database.close()

    assert "" == revisions[0]
    assert revisions[1]
    assert revisions[1] == revisions[2]


def test_a_second_migration_keeps_what_is_there(peopled: Database) -> None:
    """As at every start of the service."""
    peopled.set_photo(photo())

    peopled.migrate()

    assert [team()] == peopled.teams()
    assert 1 == len(peopled.history(user().id))


def test_four_processes_may_migrate_at_once(url: str) -> None:
    """Each ends at the newest revision, and the tables can be used."""
    revisions = outputs(4, _MIGRATE, url)

    database = open_database(url)
    database.add_team(team())
    assert [f"{database.revision()}\n"] * 4 == revisions
    assert [team()] == database.teams()
    database.close()


def test_everything_survives_closing(peopled: Database) -> None:
    """Another process, later, sees all that was said to be kept."""
    token, mine = add_token(peopled), photo()
    peopled.set_photo(mine)
    peopled.add_staged(staged())
    peopled.take("key", 60.0, 1, NOW.timestamp())
    before = peopled.caller(token.digest)
    peopled.close()

    again = open_database(peopled.url)

    assert before == again.caller(token.digest)
    assert [mine] == again.history(user().id)
    assert staged() == again.staged(user().id, staged().id, NOW)
    assert again.take("key", 60.0, 1, NOW.timestamp()) > 0
    again.close()


def test_a_closed_database_opens_again_by_itself(peopled: Database) -> None:
    """Closing lets go of connections, no more."""
    peopled.close()

    assert [team()] == peopled.teams()


@pytest.mark.parametrize(
    "moment",
    [
        datetime(1970, 1, 1, tzinfo=UTC),
        datetime(1969, 12, 31, 23, 59, 59, 999999, tzinfo=UTC),
        datetime(2026, 11, 23, 12, 34, 56, 1, tzinfo=UTC),
        datetime(2026, 11, 23, 12, 34, 56, 999999, tzinfo=timezone(timedelta(hours=5, minutes=45))),
        datetime(9999, 12, 31, 23, 59, 59, 999999, tzinfo=UTC),
    ],
)
def test_moments_come_back_aware_and_to_the_microsecond(
    database: Database, moment: datetime
) -> None:
    """Whatever zone they were written in, they are read in UTC."""
    database.add_team(team(created_at=moment))

    (kept,) = database.teams()

    assert moment == kept.created_at
    assert UTC == kept.created_at.tzinfo


def test_teams_are_listed_oldest_first(database: Database) -> None:
    """And by their id when they are equally old."""
    teams = [team(3, created_at=NOW), team(4, created_at=NOW), team(1, created_at=at(9))]

    for one in reversed(teams):
        database.add_team(one)

    assert teams == database.teams()


@pytest.mark.parametrize("taken", ["name", "domain"])
def test_names_and_domains_of_teams_are_unique(database: Database, taken: str) -> None:
    """The first keeps it, and the message names it."""
    database.add_team(team(1))
    second = replace(team(2), **{taken: getattr(team(1), taken)})

    with pytest.raises(Mistake, match=second.name):
        database.add_team(second)

    assert [team(1)] == database.teams()


def test_a_deactivated_team_stays(peopled: Database) -> None:
    """With the moment of its end; the others live on."""
    peopled.add_team(team(2))

    peopled.deactivate_team(team(1).id, at(5))

    assert [team(1, deleted_at=at(5)), team(2)] == peopled.teams()


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"is_bot": True, "bot_id": "B0000000001"},
        {"real_name": "Zoë 日本 \U0001f600 'quoted'; --", "name": ""},
        {"updated_at": at(3.000001), "deleted_at": at(3)},
        {"email": f"{'l' * 64}@{'d' * 255}"},
    ],
    ids=["person", "bot", "letters", "gone", "long"],
)
def test_a_user_comes_back_as_added(database: Database, changes: dict[str, Any]) -> None:
    """By id and by address."""
    added = user(**changes)
    database.add_team(team())

    database.add_user(added)

    assert added == database.user(added.team_id, added.id)
    assert [added] == database.users_by_email(added.email)


def test_a_user_is_known_in_their_own_team_only(peopled: Database) -> None:
    """Another team's id with theirs gives nobody."""
    peopled.add_team(team(2))

    assert peopled.user(team(2).id, user().id) is None
    assert peopled.user(team().id, "U9999999999") is None
    assert [] == peopled.users_by_email(user().email, team(2).id)
    assert [] == peopled.users_by_email("nobody@example.org")


def test_an_address_is_unique_in_its_team(peopled: Database) -> None:
    """In another team it is somebody else's."""
    peopled.add_team(team(2))
    twin = user(7, team_id=team(2).id, email=user(1).email)
    peopled.add_user(twin)

    with pytest.raises(Mistake, match=user(1).email):
        peopled.add_user(user(8, email=user(1).email))

    assert [user(1), twin] == peopled.users_by_email(user(1).email)
    assert [twin] == peopled.users_by_email(user(1).email, team(2).id)


@pytest.mark.parametrize(
    ("from_id", "limit", "expected"),
    [
        ("", 100, [1, 2, 3, 5]),
        ("", 2, [1, 2]),
        (user(2).id, 2, [2, 3]),
        (user(4).id, 2, [5]),
        (user(5).id, 1, [5]),
        (user(6).id, 10, []),
        ("", 0, []),
    ],
)
def test_a_page_of_users_begins_where_it_is_told(
    peopled: Database, from_id: str, limit: int, expected: list[int]
) -> None:
    """In the order of ids, deactivated ones included, those of other teams not."""
    peopled.add_team(team(2))
    peopled.add_user(user(4, team_id=team(2).id))
    for number in (5, 3):
        peopled.add_user(user(number))
    peopled.deactivate_user(user(3).id, NOW)

    found = peopled.users_page(team().id, from_id, limit)

    assert [user(number).id for number in expected] == [one.id for one in found]


def test_a_deactivated_user_keeps_rows_and_photo(peopled: Database) -> None:
    """Only the ends are written."""
    mine = photo()
    peopled.set_photo(mine)

    peopled.deactivate_user(user().id, at(5))

    gone = user(deleted_at=at(5), updated_at=at(5), photo=mine)
    assert gone == peopled.user(team().id, user().id)
    assert user(2) == peopled.user(team().id, user(2).id)


def test_with_an_account_its_tokens_and_links_end_for_good(peopled: Database) -> None:
    """They would not be there again if the account ever were; an earlier end stays, and others'."""
    tokens = [add_token(peopled, number) for number in (1, 2)]
    theirs = add_token(peopled, 3, user_id=user(2).id)
    peopled.revoke_token(tokens[0].id, at(1))
    peopled.add_link(b"l" * 32, user().id, NOW, at(60))

    peopled.deactivate_user(user().id, at(5))

    ended = [peopled.caller(token.digest) for token in (*tokens, theirs)]
    assert [at(1), at(5), None] == [caller and caller.token.revoked_at for caller in ended]
    with peopled._write() as connection:
        connection.execute(update(users).values(deleted_at=None))
    assert peopled.link_user(b"l" * 32, at(6)) is None


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"kind": TokenKind.BOT, "scopes": ()},
        {"expires_at": at(0.000001), "scopes": ("a",)},
        {"digest": b"\0" * 32, "scopes": ("b", "a", "c")},
    ],
)
def test_a_token_finds_its_caller(peopled: Database, changes: dict[str, Any]) -> None:
    """The token with its scopes in order, its user with their photo, and their team."""
    mine = photo()
    peopled.set_photo(mine)

    token = add_token(peopled, **changes)
    caller = peopled.caller(token.digest)

    assert caller
    assert (token, team()) == (caller.token, caller.team)
    assert user(photo=mine) == caller.user
    assert tuple(changes.get("scopes", ("users:read", "users.profile:write"))) == token.scopes


def test_an_unknown_digest_finds_nobody(peopled: Database) -> None:
    """Nor does one that is only alike."""
    token = add_token(peopled)

    assert peopled.caller(token.digest[:-1]) is None
    assert peopled.caller(b"") is None
    assert peopled.caller(bytes(32)) is None


def test_tokens_of_one_user_are_apart(peopled: Database) -> None:
    """Revoking one leaves the other, and a second time changes nothing."""
    first, second = add_token(peopled, 1), add_token(peopled, 2)

    peopled.revoke_token(first.id, at(1))
    peopled.revoke_token(first.id, at(2))

    assert first.id != second.id
    ended, living = peopled.caller(first.digest), peopled.caller(second.digest)
    assert ended
    assert living
    assert replace(first, revoked_at=at(1)) == ended.token
    assert second == living.token


def test_the_caller_knows_of_every_end(peopled: Database) -> None:
    """Of their own and of their team's, at once."""
    token = add_token(peopled)

    peopled.deactivate_user(user().id, at(1))
    peopled.deactivate_team(team().id, at(2))

    caller = peopled.caller(token.digest)
    assert caller
    assert (at(1), at(2)) == (caller.user.deleted_at, caller.team.deleted_at)


def test_the_first_word_about_a_fact_stays(database: Database) -> None:
    """Whoever comes later is told what was said before, and sees whether it agrees."""
    assert "one" == database.agree("key", "one")
    assert "one" == database.agree("key", "two")
    assert "two" == database.agree("other key", "two")


def test_of_many_who_speak_at_once_all_hear_the_same(database: Database) -> None:
    """As machines that start together do."""
    with ThreadPoolExecutor(8) as pool:
        heard = set(pool.map(lambda number: database.agree("key", str(number)), range(8)))

    assert 1 == len(heard)


def test_tables_of_the_next_version_serve_this_one(url: str) -> None:
    """It adds columns, tables and indexes, as ours do, while machines of this version go on."""
    database = open_database(url)
    database.migrate()
    database.add_team(team())
    database.add_user(user())
    with database._write() as connection:
        for statement in (
            "ALTER TABLE photos ADD COLUMN mood VARCHAR(10)",
            "ALTER TABLE users ADD COLUMN height INTEGER NOT NULL DEFAULT 0",
            "CREATE TABLE moods (name VARCHAR(10) PRIMARY KEY)",
            "CREATE INDEX ix_users_height ON users (height)",
            "UPDATE alembic_version SET version_num = '9999'",
        ):
            connection.exec_driver_sql(statement)

    database.migrate()
    database.add_user(user(3))
    new = photo(user_id=user(3).id)
    database.set_photo(new)

    assert [new] == database.history(user(3).id)
    assert database.user(team().id, user(1).id)
    assert 0 == database.take("key", 60.0, 1, NOW.timestamp())
    database.close()


def test_the_migrations_make_exactly_these_tables(database: Database) -> None:
    """Columns, types, keys, indexes: Alembic finds nothing to change."""
    with database._read() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})

        assert [] == compare_metadata(context, metadata)


def test_all_access_of_somebody_ends_at_once(peopled: Database) -> None:
    """Nobody else's does; what was revoked before keeps its moment and is not counted."""
    first, second = (add_token(peopled, number, created_at=at(number)) for number in (1, 2))
    others = add_token(peopled, 3, user_id=user(2).id)
    peopled.revoke_token(first.id, at(5))

    assert peopled.end_access(user(1).id, at(9)) == 1
    assert peopled.tokens_of(user(1).id) == [
        replace(second, revoked_at=at(9)),
        replace(first, revoked_at=at(5)),
    ]
    assert peopled.token(others.id) == others
    assert peopled.token(4711) is None


def test_a_lease_is_one_holders_until_it_ends(database: Database) -> None:
    """Its holder renews it; the others are told when it ends, and have it then."""
    assert database.hold("lease", "one", at(0), at(60)) is None
    assert database.hold("lease", "one", at(30), at(90)) is None
    assert database.hold("lease", "two", at(89), at(149)) == at(90)
    assert database.hold("lease", "two", at(90), at(150)) is None
    assert database.hold("lease", "one", at(91), at(151)) == at(150)


def test_a_lease_is_given_back_by_its_holder_alone(database: Database) -> None:
    database.hold("lease", "one", at(0), at(60))
    database.let_go("lease", "two")
    assert database.hold("lease", "two", at(1), at(61)) == at(60)
    database.let_go("lease", "one")
    assert database.hold("lease", "two", at(1), at(61)) is None


def test_of_many_at_once_one_has_a_lease(database: Database) -> None:
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda each: database.hold("x", str(each), at(0), at(60)), range(8)))
    assert found.count(None) == 1
