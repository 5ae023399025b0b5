"""Verbs for addresses, and for hiding from their hashes."""

from hashlib import sha256
from pathlib import Path

import pytest

from likeness.errors import Mistake
from support.commands import CommandLine, over_copy, with_ada


@pytest.fixture
def cli(tmp_path: Path) -> CommandLine:
    """A command line over an installation with one person."""
    return over_copy(with_ada, tmp_path)


def test_an_address_is_added_listed_and_removed(cli: CommandLine) -> None:
    """With the hashes that others ask for."""
    added = cli.json("address", "add", "ada@example.org", "Countess@example.org")

    assert added["email"] == "countess@example.org"
    listed = cli.json("address", "list", "ada@example.org")
    assert [each["email"] for each in listed] == ["ada@example.org", "countess@example.org"]
    assert sha256(b"Countess@example.org").hexdigest() in listed[1]["hashes"]
    assert listed[0]["hashes"][1] in cli.run("address", "list", "ada@example.org").output

    cli.json("address", "remove", "ada@example.org", "countess@example.org")
    assert len(cli.json("address", "list", "ada@example.org")) == 1


def test_the_first_address_is_listed_first(cli: CommandLine) -> None:
    """Also where it came later than the others."""
    cli.json("user", "email", "ada@example.org", "zoe@example.org")

    listed = cli.json("address", "list", "zoe@example.org")

    assert [each["email"] for each in listed] == ["zoe@example.org", "ada@example.org"]


def test_the_first_address_stays(cli: CommandLine) -> None:
    """It is who they are."""
    result = cli.run("address", "remove", "ada@example.org", "ada@example.org")

    assert isinstance(result.exception, Mistake)


def test_somebody_is_hidden_and_shown_again(cli: CommandLine) -> None:
    """Both say what is so now."""
    assert cli.json("user", "hide", "ada@example.org")["is_listed"] is False
    assert "can be found by hash" in cli.run("user", "unhide", "ada@example.org").output


def test_an_address_of_somebody_who_left_becomes_a_further_one(cli: CommandLine) -> None:
    """Of whoever takes their mail now; the verb says so. One of somebody who is here does not."""
    cli.json("user", "add", "bob@example.org", "--name", "Bob B.")
    assert isinstance(
        cli.run("address", "add", "ada@example.org", "bob@example.org").exception, Mistake
    )
    gone = cli.json("user", "deactivate", "bob@example.org")

    result = cli.run("address", "add", "ada@example.org", "Bob@example.org")

    assert f"Bob@example.org was taken from {gone['id']}, Bob B." in result.stderr
    assert [each["email"] for each in cli.json("address", "list", "bob@example.org")] == [
        "ada@example.org",
        "bob@example.org",
    ]


def test_an_address_of_somebody_who_left_becomes_the_first_one(cli: CommandLine) -> None:
    """Their own one of before is no such address."""
    cli.json("user", "add", "bob@example.org")
    cli.json("user", "deactivate", "bob@example.org")

    result = cli.run("user", "email", "ada@example.org", "bob@example.org")
    back = cli.run("user", "email", "bob@example.org", "ada@example.org")

    assert "bob@example.org was taken from U" in result.stderr
    assert "taken" not in back.stderr
    assert back.exit_code == 0
