"""Verbs for workspaces."""

from pathlib import Path

import pytest

from likeness.errors import Mistake
from support.commands import CommandLine


def test_a_workspace_gets_an_id_in_slacks_shape_and_is_listed(tmp_path: Path) -> None:
    """T and capitals; the list has what was added."""
    line = CommandLine(tmp_path)

    team = line.json("workspace", "add", "Acme Corp")

    assert team["id"].startswith("T")
    assert line.json("workspace", "list")[0]["name"] == "Acme Corp"
    assert "Acme Corp" in line.run("workspace", "list").output


@pytest.mark.parametrize(
    ("name", "domain"), [("Ärzte ohne Grenzen", "aerzte-ohne-grenzen"), ("日本語", "")]
)
def test_a_workspace_has_a_name_in_any_script(cli: CommandLine, name: str, domain: str) -> None:
    """Its domain is ASCII: of the name where that says it all, or else of the id."""
    team = cli.json("workspace", "add", name)

    assert team["domain"] == domain or team["id"].lower()
    assert cli.json("user", "add", "ida@example.org", "-w", name)["team_id"] == team["id"]


def test_a_workspace_is_renamed(cli: CommandLine) -> None:
    """With its domain; nobody is found by the old name any more."""
    team = cli.json("workspace", "rename", "Acme", "Globex & Co.")

    assert (team["name"], team["domain"]) == ("Globex & Co.", "globex-co")
    assert (
        cli.json("user", "show", "ada@example.org", "-w", "globex-co")["workspace"] == team["name"]
    )
    assert isinstance(cli.run("workspace", "rename", "Acme", "Other").exception, Mistake)


@pytest.mark.parametrize("words", [(), ("--yes", "Acm"), ("--yes", "")])
def test_a_workspace_is_removed_by_its_name_alone(cli: CommandLine, words: tuple[str, ...]) -> None:
    """Given twice; without it nothing is done, and the message has what to type."""
    result = cli.run("workspace", "remove", "acme", *words)

    assert isinstance(result.exception, Mistake)
    assert "--yes Acme" in str(result.exception)
    assert cli.json("workspace", "list")[0]["deleted_at"] is None


def test_nobody_gets_in_by_a_workspace_that_was_removed(cli: CommandLine) -> None:
    """No token, no link, nobody new; and it need not be named apart from the one that is left."""
    cli.json("workspace", "add", "Globex")
    cli.json("user", "add", "ada@example.org", "-w", "Globex")

    assert "removed" in cli.run("workspace", "remove", "Acme", "--yes", "Acme").output

    assert "removed 20" in cli.run("workspace", "list").output
    for words in (
        ("token", "issue", "ada@example.org"),
        ("user", "link", "ada@example.org"),
        ("user", "add", "new@example.org"),
    ):
        refused = cli.run(*words, "-w", "Acme")
        assert isinstance(refused.exception, Mistake), words
        assert "removed" in str(refused.exception)
        assert cli.run(*words).exit_code == 0, words
