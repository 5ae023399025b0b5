"""Verbs for addresses, and for hiding from their hashes."""

from hashlib import sha256
from pathlib import Path

import pytest

from likeness.errors import Mistake
from support.commands import CommandLine


@pytest.fixture
def cli(tmp_path: Path) -> CommandLine:
    """A command line over an installation with one person."""
    line = CommandLine(tmp_path)
    line.json("workspace", "add", "Acme")
    line.json("user", "add", "ada@example.org")
    return line


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


def test_the_first_address_stays(cli: CommandLine) -> None:
    """It is who they are."""
    result = cli.run("address", "remove", "ada@example.org", "ada@example.org")

    assert isinstance(result.exception, Mistake)


def test_somebody_is_hidden_and_shown_again(cli: CommandLine) -> None:
    """Both say what is so now."""
    assert cli.json("user", "hide", "ada@example.org")["is_listed"] is False
    assert "can be found by hash" in cli.run("user", "unhide", "ada@example.org").output
