"""People and tokens in a SQLite file: what it holds, what it refuses, how it finds them."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Final

import anyio
import pytest
from sqlalchemy.exc import IntegrityError

from likeness.accounts import Accounts, IssuedToken
from likeness.db import Database
from likeness.keys import Keys
from likeness.people import People
from support.plans import plan, reads
from support.rows import NOW, add_token, at, photo, team, user

HOSTILE: Final = ["'; DROP TABLE users; --", "%", "_", "\\", "?", ":email", "a\0b", "😀", "É", ""]


def issue(database: Database) -> IssuedToken:
    """A token for somebody, the way operators issue it."""
    people = People(database, lambda: NOW)
    accounts = Accounts(database, people, Keys(b"k" * 32), lambda: NOW)

    async def work() -> IssuedToken:
        return await accounts.issue_token(user().email, ("users:read",), timedelta(days=1))

    return anyio.run(work)


def test_the_file_never_holds_the_text_of_a_token(file: Path, peopled: Database) -> None:
    """Neither it nor its journal, neither whole nor the random part; but the digest is there."""
    issued = issue(peopled)
    text = issued.secret.reveal().encode()

    before = b"".join(path.read_bytes() for path in file.parent.iterdir())
    peopled.close()
    after = file.read_bytes()

    for written in (before, after):
        assert issued.token.digest in written
        assert text not in written
        assert text[5:-6] not in written


@pytest.mark.parametrize("text", HOSTILE)
def test_a_text_is_never_a_statement_or_a_pattern(peopled: Database, text: str) -> None:
    """What nobody is called finds nobody, and what somebody is called finds them alone."""
    assert [] == peopled.users_by_email(text)
    odd = user(3, email=text, name=text, real_name=text)

    peopled.add_user(odd)

    assert [odd] == peopled.users_by_email(text)
    assert odd == peopled.user(team().id, odd.id)
    assert peopled.user(team().id, text) is None
    assert peopled.user(text, odd.id) is None


def test_a_token_belongs_to_somebody(peopled: Database) -> None:
    """The database itself refuses one for nobody, and one digest for two."""
    add_token(peopled, 1)

    with pytest.raises(IntegrityError, match="FOREIGN KEY"):
        add_token(peopled, 2, user_id="U9999999999")
    with pytest.raises(IntegrityError, match="UNIQUE"):
        add_token(peopled, 1, user_id=user(2).id)


@pytest.mark.parametrize(
    "end",
    [
        lambda database: database.deactivate_user("U9999999999", NOW),
        lambda database: database.deactivate_team("T9999999999", NOW),
        lambda database: database.revoke_token(999, NOW),
    ],
    ids=["user", "team", "token"],
)
def test_ending_what_is_not_there_changes_nothing(
    peopled: Database, end: Callable[[Database], None]
) -> None:
    """No error either: it is over already."""
    token = add_token(peopled)
    before = peopled.caller(token.digest)

    end(peopled)

    assert before == peopled.caller(token.digest)


def test_deactivating_again_moves_the_end(peopled: Database) -> None:
    """The latest word counts."""
    peopled.deactivate_user(user().id, at(1))
    peopled.deactivate_user(user().id, at(2))

    assert user(deleted_at=at(2), updated_at=at(2)) == peopled.user(team().id, user().id)


def test_a_call_is_authenticated_by_one_statement(peopled: Database) -> None:
    """Token, user, team and photo together."""
    token = add_token(peopled)
    peopled.set_photo(photo())

    assert 1 == len(reads(peopled, lambda database: database.caller(token.digest)))


@pytest.mark.parametrize(
    "look_up",
    [
        lambda database: database.caller(bytes(32)),
        lambda database: database.user("T", "U"),
        lambda database: database.users_by_email("a@b"),
        lambda database: database.users_by_email("a@b", "T"),
        lambda database: database.users_page("T", "U", 10),
    ],
    ids=["caller", "user", "email", "email in team", "page"],
)
def test_people_are_found_without_reading_everybody(
    peopled: Database, look_up: Callable[[Database], object]
) -> None:
    """By an index at each step."""
    steps = plan(peopled, look_up)

    assert steps
    assert [] == [step for step in steps if step.startswith("SCAN")]
