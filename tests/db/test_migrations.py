"""The revisions: one line of them, each whole or not at all, forward and back."""

import ast
from contextlib import suppress
from hashlib import md5, sha256
from pathlib import Path
from typing import Final

import pytest
from alembic.script import Script, ScriptDirectory
from sqlalchemy import inspect, text
from structlog.testing import capture_logs

from likeness.db import Database, migrations, open_database
from likeness.db.migrations import migrate, newest, older, revision
from likeness.db.schema import metadata
from likeness.model import Address, Source
from support.revisions import move
from support.rows import NOW, add_token, at, photo, team, user

TABLES: Final = {*metadata.tables, "alembic_version"}


def scripts() -> list[Script]:
    """Every revision, newest first."""
    return list(ScriptDirectory.from_config(migrations._config()).walk_revisions())


def tables(database: Database) -> set[str]:
    """What tables there are."""
    with database._read() as connection:
        return set(inspect(connection).get_table_names())


@pytest.fixture
def empty(tmp_path: Path) -> Database:
    """A database without tables."""
    return open_database(f"sqlite:///{tmp_path}/empty.db")


def test_the_revisions_are_one_line() -> None:
    """Numbered from 0001 without a gap, each after the one before, the last one the newest."""
    numbers = [f"{number:04}" for number in range(len(scripts()), 0, -1)]

    assert numbers == [script.revision for script in scripts()], (
        "give the file in db/migrations/versions, and its `revision`, the next number"
    )
    assert [*numbers[1:], None] == [script.down_revision for script in scripts()], (
        "its `down_revision` is the number before"
    )
    assert numbers[0] == newest()
    assert {"", *numbers[1:]} == older()


@pytest.mark.parametrize("script", scripts(), ids=lambda script: script.revision)
def test_a_revision_says_what_it_does_and_can_be_undone(script: Script) -> None:
    """Its file begins with its number."""
    path = Path(script.path)
    tree = ast.parse(path.read_text())
    functions = {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}

    assert path.name.startswith(f"{script.revision}_"), f"begin the name with {script.revision}_"
    assert ast.get_docstring(tree), f"begin {path.name} with what it changes"
    missing = {"upgrade", "downgrade"} - functions
    assert missing == set(), f"write it in {path.name}, after the example of the one before"


def test_a_database_is_brought_to_the_newest_revision(
    empty: Database, capfd: pytest.CaptureFixture[str]
) -> None:
    """Silently: standard output belongs to whoever runs the command."""
    with empty._write() as connection:
        assert "" == revision(connection)
        migrate(connection)
        assert newest() == revision(connection)

    assert tables(empty) == TABLES
    assert ("", "") == tuple(capfd.readouterr())
    empty.close()


def shape(database: Database) -> dict[str, object]:
    """Columns and indexes of each table, in no order."""
    with database._read() as connection:
        look = inspect(connection)
        return {
            name: (
                {(each["name"], str(each["type"]), each["nullable"]) for each in columns},
                {(each["name"], tuple(each["column_names"])) for each in look.get_indexes(name)},
                look.get_pk_constraint(name)["constrained_columns"],
            )
            for name in look.get_table_names()
            if (columns := look.get_columns(name))
        }


def test_tables_that_are_made_at_once_are_those_of_all_revisions(
    empty: Database, tmp_path: Path
) -> None:
    """So that a program of this version finds nothing to do."""
    migrated = open_database(f"sqlite:///{tmp_path}/migrated.db")
    migrated.migrate()

    empty.make_tables()

    assert empty.revision() == newest()
    assert shape(empty) == shape(migrated)


def test_a_migration_that_fails_leaves_nothing(empty: Database) -> None:
    """It is one transaction, tables included; the next attempt starts afresh."""
    with suppress(ZeroDivisionError), empty._write() as connection:
        migrate(connection)
        _ = 1 / 0
    left = tables(empty)

    empty.migrate()

    assert set() == left
    assert tables(empty) == TABLES
    empty.close()


def test_migrations_go_back_and_forth(database: Database) -> None:
    """Back to nothing, and again to tables that can be used."""
    move(database, "base")
    assert {"alembic_version"} == tables(database)
    assert "" == database.revision()

    database.migrate()
    database.add_team(team())

    assert tables(database) == TABLES
    assert [team()] == database.teams()


def test_a_database_of_a_newer_program_is_left_alone(database: Database) -> None:
    """It goes on with this one too, while the machines are replaced one after the other."""
    database.add_team(team())
    with database._write() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))

    database.migrate()

    assert "9999" == database.revision()
    assert [team()] == database.teams()


def test_nothing_is_written_when_there_is_nothing_to_do(file: Path, database: Database) -> None:
    """As at almost every start."""
    database.close()
    before = file.read_bytes()

    database.migrate()
    database.close()

    assert before == file.read_bytes()


def test_the_scripts_are_found_wherever_the_program_is_installed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Also below a folder with a per cent sign, which settings files use for something else."""
    monkeypatch.setattr(migrations, "_FOLDER", Path("/srv/100%/like%(here)sness"))

    location = migrations._config().get_main_option("script_location")

    assert "/srv/100%/like%(here)sness" == location


def test_people_of_the_first_revision_are_found_by_the_digests_of_the_second(
    database: Database,
) -> None:
    """More of them than are moved at a time, by MD5 and SHA-256."""
    database.add_team(team())
    for number in range(1001):
        database.add_user(user(number))
    move(database, "0001")

    database.migrate()

    for number in (0, 1000):
        email = user(number).email.encode()
        for digest in (md5(email, usedforsecurity=False).digest(), sha256(email).digest()):
            found = database.listed(digest)
            assert found == user(number)
        assert [user(number).email] == [each.email for each in database.addresses(user(number).id)]


def given_address(database: Database, number: int, email: str, entered: str = "") -> None:
    """Add a user as a version before the fifth revision did."""
    database.add_user(user(number, email=email, created_at=at(number)), entered)


def listed(database: Database, text_: str) -> str | None:
    """Whom the hash of a text leads to."""
    found = database.listed(sha256(text_.encode()).digest())
    return found.id if found else None


def test_addresses_are_brought_to_their_normal_form(database: Database) -> None:
    """Who was kept in punycode or with an accent apart is found by either hash, and by sign-in."""
    database.add_team(team())
    given_address(database, 1, "ida@xn--bcher-kva.example", "Ida@xn--bcher-kva.example")
    given_address(database, 2, "zoe\u0308@example.org")
    given_address(database, 3, "eva@bücher.example")
    given_address(database, 4, "plain@example.org")
    move(database, "0004")

    database.migrate()

    emails = ["ida@bücher.example", "zoë@example.org", "eva@bücher.example", "plain@example.org"]
    for number, email in enumerate(emails, 1):
        found = database.user_by_address(team().id, email)
        assert found
        assert (found.id, found.email) == (user(number).id, email)
        assert [email] == [each.email for each in database.addresses(found.id)]
        assert found.id == listed(database, email)
    assert listed(database, "ida@xn--bcher-kva.example") == user(1).id
    assert listed(database, "Ida@xn--bcher-kva.example") == user(1).id
    assert listed(database, "eva@xn--bcher-kva.example") == user(3).id


def test_two_users_who_were_one_person_stay_two(
    database: Database,
) -> None:
    """The one that has the normal form is found by it; neither gets what the other has."""
    database.add_team(team())
    given_address(database, 1, "ida@xn--bcher-kva.example")
    given_address(database, 2, "ida@bücher.example")
    move(database, "0004")

    with capture_logs() as told:
        database.migrate()

    assert [user(2).id] == [each.id for each in database.users_by_email("ida@bücher.example")]
    kept = database.users_by_email("ida@xn--bcher-kva.example")
    assert [user(1).id] == [each.id for each in kept]
    assert listed(database, "ida@xn--bcher-kva.example") == user(1).id
    [line] = told
    assert line["event"] == "one_address_two_users"
    assert {user(1).id, user(2).id} == set(line["user_ids"])
    assert "bücher" not in str(line)


def test_two_addresses_of_one_user_that_are_one_become_one(database: Database) -> None:
    """Where an operator helped by adding the other way of writing it."""
    database.add_team(team())
    given_address(database, 1, "ida@xn--bcher-kva.example")
    database.add_address(
        Address(team().id, user().id, "ida@bücher.example", "ida@bücher.example", NOW)
    )
    move(database, "0004")

    database.migrate()

    [address] = database.addresses(user().id)
    assert address.email == "ida@bücher.example"
    assert [user().id] == [each.id for each in database.users_by_email(address.email)]
    assert listed(database, "ida@xn--bcher-kva.example") == user().id


def test_an_address_without_a_normal_form_stays_as_it_is(database: Database) -> None:
    """Its owner is told of in the log, by their id, and found by operators as it is kept."""
    database.add_team(team())
    given_address(database, 1, "\uff41da@example.org")
    move(database, "0004")

    with capture_logs() as told:
        database.migrate()

    assert [user().id] == [each.id for each in database.users_by_email("\uff41da@example.org")]
    assert ["address_without_normal_form"] == [line["event"] for line in told]


def test_who_chose_before_it_was_noted_is_known_from_photos(database: Database) -> None:
    """Whoever has or had one chose; administrators were made by hand."""
    database.add_team(team())
    for number in (1, 2, 3):
        database.add_user(user(number))
    for number in (1, 2):
        database.set_photo(photo(user_id=user(number).id, source=Source.IMPORT))
    database.delete_photo(user(2).id, at(1))
    database.set_admin(user(3).id, at(1), is_admin=True)
    move(database, "0007")

    database.migrate()

    found = database.users_page(team().id, "", 9)
    assert [one.photo_source for one in found] == [Source.SELF, Source.SELF, None]
    assert [one.admin_source for one in found] == [None, None, Source.ADMINISTRATOR]
    assert [one.source for one in database.history(user(1).id)] == [Source.SELF]


def test_what_refers_to_people_does_not_hold_a_migration_up(database: Database) -> None:
    """Back and forth with tokens and photos there; who administers is forgotten on the way."""
    database.add_team(team())
    database.add_user(user())
    token = add_token(database)
    database.set_photo(photo())
    database.set_admin(user().id, NOW, is_admin=True)
    move(database, "0001")

    database.migrate()

    caller = database.caller(token.digest)
    assert caller
    assert caller.user.photo
    assert caller.user.is_admin is False
    assert database.listed(md5(user().email.encode(), usedforsecurity=False).digest())


@pytest.mark.parametrize("script", scripts(), ids=lambda script: script.revision)
def test_a_revision_only_adds(script: Script) -> None:
    """Machines of the version before go on reading while it runs, and long after."""
    tree = ast.parse(Path(script.path).read_text())
    upgrade = next(
        node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name == "upgrade"
    )
    called = {node.attr for node in ast.walk(upgrade) if isinstance(node, ast.Attribute)}

    taken = {name for name in called if name.startswith(("drop_", "rename_", "alter_"))}
    assert taken == set(), (
        f"upgrade() of {Path(script.path).name} may only add: older programs run beside it"
    )
