"""Nouns to rows and back: nothing is lost, and no column is taken for another one's."""

from dataclasses import asdict
from datetime import UTC, date
from typing import Any, Final

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import RowMapping, Select, Table, insert, select

from likeness.db import Database
from likeness.db.rows import (
    callers,
    photo_of,
    photo_values,
    staged_of,
    team_of,
    token_of,
    user_of,
    users_with_photos,
)
from likeness.db.schema import photos, staged, teams, tokens, users
from likeness.model import (
    FORMATS_MADE,
    Photo,
    PhotoState,
    Staged,
    Team,
    Token,
    TokenKind,
    User,
    Window,
)
from support.rows import add_token, at, photo, team, user

SETTINGS: Final = settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)

MOMENTS: Final = st.datetimes(timezones=st.just(UTC))
MAYBE: Final = st.none() | MOMENTS
TEXTS: Final = st.text(max_size=50)
SIDES: Final = st.integers(1, 16383)
DIGESTS: Final = st.none() | st.binary(min_size=32, max_size=32)

PHOTOS: Final = st.builds(
    Photo,
    id=st.integers(100_000_000_000, 999_999_999_999),
    user_id=st.just(user().id),
    day=st.dates(date(1970, 1, 1)),
    secret=st.from_regex(r"[0-9a-f]{20}", fullmatch=True),
    format=st.sampled_from(FORMATS_MADE),
    sizes=st.sets(st.integers(1, 1024), min_size=1, max_size=7).map(
        lambda sizes: tuple(sorted(sizes))
    ),
    width=SIDES,
    height=SIDES,
    frames=st.integers(1, 1000),
    source_digest=st.binary(min_size=32, max_size=32),
    set_at=MOMENTS,
    state=st.sampled_from(PhotoState),
    upload_digest=DIGESTS,
    window=st.none() | st.builds(Window, SIDES, SIDES, SIDES, SIDES),
)
STAGED: Final = st.builds(
    Staged,
    user_id=st.just(user().id),
    id=TEXTS,
    key=TEXTS,
    width=SIDES,
    height=SIDES,
    created_at=MOMENTS,
    expires_at=MOMENTS,
    upload_digest=DIGESTS,
)
TEAMS: Final = st.builds(
    Team, id=TEXTS, name=TEXTS, domain=TEXTS, created_at=MOMENTS, deleted_at=MAYBE
)
USERS: Final = st.builds(
    User,
    team_id=st.just(team().id),
    id=TEXTS,
    email=TEXTS,
    name=TEXTS,
    real_name=TEXTS,
    bot_id=st.none() | TEXTS,
    created_at=MOMENTS,
    updated_at=MOMENTS,
    deleted_at=MAYBE,
    photo=st.none(),
)
TOKENS: Final = st.builds(
    Token,
    id=st.integers(1, 2**62),
    digest=st.binary(min_size=32, max_size=32),
    user_id=st.just(user().id),
    scopes=st.lists(st.from_regex(r"[a-z][a-z.:_]{0,20}", fullmatch=True)).map(tuple),
    created_at=MOMENTS,
    expires_at=MAYBE,
    revoked_at=MAYBE,
)


def kept(
    database: Database, table: Table, values: dict[str, Any], selection: Select[Any] | None = None
) -> RowMapping:
    """The row as the database gives it back after adding it; it is not there afterwards."""
    chosen = select(table) if selection is None else selection
    with database._write() as connection, connection.begin_nested() as savepoint:
        connection.execute(insert(table).values(**values))
        row = connection.execute(chosen).mappings().one()
        savepoint.rollback()
    return row


@SETTINGS
@given(noun=PHOTOS)
def test_a_photo_survives_its_row(peopled: Database, noun: Photo) -> None:
    """Every field, whatever the state."""
    assert noun == photo_of(kept(peopled, photos, photo_values(noun)))


@SETTINGS
@given(noun=STAGED)
def test_a_prepared_picture_survives_its_row(peopled: Database, noun: Staged) -> None:
    """Every field."""
    values = asdict(noun) | {"format": noun.format.value}

    assert noun == staged_of(kept(peopled, staged, values))


@SETTINGS
@given(noun=TEAMS)
def test_a_team_survives_its_row(database: Database, noun: Team) -> None:
    """Every field, texts of all alphabets."""
    assert noun == team_of(kept(database, teams, asdict(noun)))


@SETTINGS
@given(noun=USERS)
def test_a_user_survives_their_row(database: Database, noun: User) -> None:
    """Every field; nobody has a photo from the start."""
    if not database.teams():
        database.add_team(team())
    values = {name: value for name, value in asdict(noun).items() if name != "photo"}

    assert noun == user_of(kept(database, users, values, users_with_photos()))


@SETTINGS
@given(noun=TOKENS)
def test_a_token_survives_its_row(peopled: Database, noun: Token) -> None:
    """Every field; the scopes in their order."""
    values = asdict(noun) | {"kind": noun.kind.value, "scopes": " ".join(noun.scopes)}

    assert noun == token_of(kept(peopled, tokens, values))


def test_a_photo_is_written_without_its_ends() -> None:
    """They belong to the statements that end it."""
    written = photo_values(photo())

    assert {column.name for column in photos.columns} - {"ended_at", "purged_at"} == set(written)
    assert "24,32,48,72,192,512,1024" == written["sizes"]
    assert ("jpeg", "current") == (written["format"], written["state"])


def test_users_are_selected_with_the_photo_that_they_show(peopled: Database) -> None:
    """And only with that one, however many they had; whoever has none is there too."""
    old, new = photo(set_at=at(1), width=600), photo(set_at=at(2), width=700)
    for one in (old, new):
        peopled.set_photo(one)

    with peopled._read() as connection:
        rows = connection.execute(users_with_photos().order_by(users.c.id)).mappings()
        found = [user_of(row) for row in rows]

    assert [user(1, photo=new, updated_at=at(2)), user(2)] == found


def test_the_columns_of_a_caller_are_not_mixed_up(database: Database) -> None:
    """Four tables have an `id` and a moment of making, all different here."""
    mine = photo(set_at=at(4))
    database.add_team(team(created_at=at(1)))
    database.add_user(user(created_at=at(2), updated_at=at(2), deleted_at=at(9)))
    token = add_token(database, kind=TokenKind.BOT, created_at=at(3), expires_at=at(10))
    database.set_photo(mine)

    with database._read() as connection:
        row = connection.execute(callers()).mappings().one()

    assert team(created_at=at(1)) == team_of(row, "teams__")
    assert token == token_of(row, "tokens__")
    assert mine == photo_of(row, "photo__")
    assert user(created_at=at(2), updated_at=at(4), deleted_at=at(9), photo=mine) == user_of(row)
