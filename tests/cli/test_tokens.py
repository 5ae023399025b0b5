"""Verbs for tokens: issue, list, revoke by text, by id, and all of somebody."""

from datetime import UTC, datetime, timedelta

import pytest

from likeness.errors import InvalidAuth, Mistake
from support.commands import CommandLine


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


def test_a_scope_that_no_method_asks_for_is_refused(cli: CommandLine) -> None:
    """With those there are: such a token would fail much later, in somebody's script."""
    result = cli.run("token", "issue", "ada@example.org", "--scope", "users.profile:wirte")

    assert result.exit_code == 1
    assert "'users.profile:wirte' is no scope" in str(result.exception)
    assert "users.profile:write" in str(result.exception)
    assert "admin.users:write" in str(result.exception)


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


def test_somebodys_tokens_are_listed_newest_first_without_their_texts(cli: CommandLine) -> None:
    """With what has become of each; nobody else's are among them."""
    cli.json("user", "add", "bob@example.org", "--workspace", "Acme")
    cli.json("token", "issue", "bob@example.org")
    first = cli.json("token", "issue", "ada@example.org", "--scope", "users:read")["token"]
    second = cli.json("token", "issue", "ada@example.org", "--expires", "1d")["token"]
    cli.json("token", "revoke", first)

    newest, oldest = cli.json("token", "list", "ada@example.org")
    lines = cli.run("token", "list", "ada@example.org").output.splitlines()

    assert (newest["state"], oldest["state"]) == ("valid", "revoked")
    assert oldest["scopes"] == ["users:read"]
    assert newest["expires_at"] is not None
    assert [line.split()[0] for line in lines] == [str(newest["id"]), str(oldest["id"])]
    assert "no end" in lines[1]
    assert lines[0].index("users") == lines[1].index("users")
    for text in (str(newest), *lines):
        assert second[5:] not in text
        assert "digest" not in text


def test_a_token_whose_text_is_lost_is_revoked_by_its_id(cli: CommandLine) -> None:
    """An id that is not there is named, with the verb that tells ids."""
    cli.json("token", "issue", "ada@example.org")
    [token] = cli.json("token", "list", "ada@example.org")

    assert cli.json("token", "revoke", "--id", str(token["id"]))["id"] == token["id"]
    assert cli.json("token", "list", "ada@example.org")[0]["state"] == "revoked"
    refused = cli.run("token", "revoke", "--id", "4711")
    assert isinstance(refused.exception, Mistake)
    assert "token list" in str(refused.exception)


def test_all_of_somebody_is_revoked_at_once(cli: CommandLine) -> None:
    """Two tokens and a link; what was revoked before is not counted again."""
    for _ in range(2):
        cli.json("token", "issue", "ada@example.org")
    cli.json("user", "link", "ada@example.org")

    assert cli.json("token", "revoke", "--all", "ada@example.org") == {"revoked": 2}
    assert "revoked 0" in cli.run("token", "revoke", "--all", "ada@example.org").output
    states = {token["state"] for token in cli.json("token", "list", "ada@example.org")}
    assert states == {"revoked"}


@pytest.mark.parametrize("words", [(), ("xoxp-1", "--id", "1"), ("--id", "1", "--user", "a@b.c")])
def test_one_way_to_say_which_is_needed(cli: CommandLine, words: tuple[str, ...]) -> None:
    """None and two are wrong usage."""
    assert cli.run("token", "revoke", *words).exit_code == 2
