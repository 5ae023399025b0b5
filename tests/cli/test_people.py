"""Verbs for workspaces, people and tokens."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from likeness.errors import InvalidAuth, Mistake
from support.commands import CommandLine


@pytest.fixture
def cli(tmp_path: Path) -> CommandLine:
    """A command line over an installation with one workspace and one person."""
    line = CommandLine(tmp_path)
    line.json("workspace", "add", "Acme")
    line.json("user", "add", "ada@example.org", "--workspace", "Acme", "--name", "Ada L.")
    return line


def test_a_workspace_gets_an_id_in_slacks_shape_and_is_listed(tmp_path: Path) -> None:
    """T and capitals; the list has what was added."""
    line = CommandLine(tmp_path)

    team = line.json("workspace", "add", "Acme Corp")

    assert team["id"].startswith("T")
    assert line.json("workspace", "list")[0]["name"] == "Acme Corp"
    assert "Acme Corp" in line.run("workspace", "list").output


def test_a_person_gets_an_id_in_slacks_shape(cli: CommandLine) -> None:
    """U and capitals; bots get a bot id as well."""
    bot = cli.json("user", "add", "bot@example.org", "--workspace", "Acme", "--bot")

    assert bot["id"].startswith("U")
    assert bot["bot_id"].startswith("B")
    assert bot["is_bot"] is True


def test_adding_somebody_twice_is_refused_and_says_why(cli: CommandLine) -> None:
    """The address is taken, whatever its capitals."""
    result = cli.run("user", "add", "Ada@Example.org", "--workspace", "Acme")

    assert isinstance(result.exception, Mistake)
    assert "ada@example.org" in str(result.exception)


def test_a_token_is_printed_alone_for_scripts(cli: CommandLine) -> None:
    """Without --json the output is the token and nothing else."""
    result = cli.run("token", "issue", "ada@example.org")

    assert result.exit_code == 0
    assert result.stdout.startswith("xoxp-")
    assert len(result.stdout.split()) == 1


def test_a_token_has_the_scopes_and_the_life_that_were_asked_for(cli: CommandLine) -> None:
    """`--scope` repeats, `--expires` counts from now."""
    words = ("--scope", "users:read", "--scope", "users.profile:write", "--expires", "30d")

    issued = cli.json("token", "issue", "ada@example.org", *words)

    days_30 = datetime.now(UTC) + timedelta(days=30)
    assert sorted(issued["scopes"]) == ["users.profile:write", "users:read"]
    assert abs(datetime.fromisoformat(issued["expires_at"]) - days_30) < timedelta(minutes=1)


def test_a_life_that_is_no_duration_is_wrong_usage(cli: CommandLine) -> None:
    """Exit code 2, and the message shows what to write."""
    result = cli.run("token", "issue", "ada@example.org", "--expires", "soon")

    assert result.exit_code == 2
    assert "30d" in result.output


@pytest.mark.parametrize("by_stdin", [False, True])
def test_a_token_is_revoked_by_its_text(cli: CommandLine, by_stdin: bool) -> None:
    """Given as a word, or on stdin so that it stays out of the shell's history."""
    token = cli.json("token", "issue", "ada@example.org")["token"]

    result = cli.run("token", "revoke", "-" if by_stdin else token, stdin=f"{token}\n")

    assert result.exit_code == 0, result.exception
    assert "revoked" in result.output


def test_revoking_what_is_no_token_is_refused(cli: CommandLine) -> None:
    """Nothing is known of it."""
    result = cli.run("token", "revoke", "xoxp-nonsense")

    assert isinstance(result.exception, Mistake | InvalidAuth)


def test_a_deactivated_person_can_be_shown_as_such(cli: CommandLine) -> None:
    """The answer has the time of it."""
    user = cli.json("user", "deactivate", "ada@example.org")

    assert user["deleted_at"] is not None


def test_somebody_unknown_is_refused(cli: CommandLine) -> None:
    """The address stands in the message."""
    result = cli.run("token", "issue", "nobody@example.org")

    assert isinstance(result.exception, Mistake)
    assert "nobody@example.org" in str(result.exception)
