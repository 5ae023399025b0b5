"""Verbs for workspaces and people."""

from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from likeness.db import open_database
from likeness.errors import Mistake
from likeness.events import OPERATOR
from likeness.identities import Identity
from support.commands import CommandLine
from support.pictures import jpeg
from support.rows import NOW


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


def test_a_deactivated_person_can_be_shown_as_such(cli: CommandLine) -> None:
    """The answer has the time of it."""
    user = cli.json("user", "deactivate", "ada@example.org")

    assert user["deleted_at"] is not None


def test_a_link_is_printed_alone_and_ends_when_it_was_said(cli: CommandLine) -> None:
    """At the public address; after a quarter of an hour unless `--expires` says another time."""
    settings = {"LIKENESS_PUBLIC_URL": "https://photos.example.org/"}
    printed = cli.run("user", "link", "ada@example.org", settings=settings).stdout
    document = cli.json("user", "link", "Ada@Example.org", "--expires", "1d", "-w", "Acme")

    assert printed.startswith("https://photos.example.org/sign-in?code=")
    assert len(printed.strip().partition("code=")[2]) == 43
    assert list(document) == ["url", "email", "expires_at"]
    day = datetime.now(UTC) + timedelta(days=1)
    assert abs(datetime.fromisoformat(document["expires_at"]) - day) < timedelta(minutes=1)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("user", "link", "bot@example.org"), "is a bot"),
        (("user", "link", "gone@example.org"), "is deactivated"),
        (("user", "link", "nobody@example.org"), "nobody has the address"),
        (("user", "promote", "bot@example.org"), "is a bot"),
    ],
)
def test_only_active_people_sign_in(cli: CommandLine, words: tuple[str, ...], said: str) -> None:
    """The message says why."""
    cli.json("user", "add", "bot@example.org", "--bot")
    cli.json("user", "add", "gone@example.org")
    cli.json("user", "deactivate", "gone@example.org")

    result = cli.run(*words)

    assert isinstance(result.exception, Mistake)
    assert said in str(result.exception)


def test_the_life_of_a_link_is_a_duration(cli: CommandLine) -> None:
    """As that of a token."""
    assert cli.run("user", "link", "ada@example.org", "--expires", "soon").exit_code == 2


def test_somebody_is_promoted_and_demoted(cli: CommandLine) -> None:
    """The output says which."""
    assert cli.json("user", "promote", "ada@example.org")["is_admin"] is True
    assert "administers nothing" in cli.run("user", "demote", "ada@example.org").output
    assert cli.json("user", "demote", "ada@example.org")["is_admin"] is False


@pytest.mark.parametrize("is_everybody", [False, True])
def test_people_are_unbound_from_the_accounts_of_a_provider(
    cli: CommandLine, is_everybody: bool
) -> None:
    """One of them, or all, as for another client at a provider that has a name for each."""
    ada = cli.json("user", "show", "ada@example.org")
    with closing(open_database(f"sqlite:///{cli.data / 'likeness.db'}")) as database:
        bound = Identity(
            ada["team_id"], "oidc:https://id.example", "x", ada["id"], NOW, NOW, ada["email"]
        )
        database.bind(bound, OPERATOR)

    assert cli.run("user", "unbind").exit_code == 2
    assert cli.run("user", "unbind", "ada@example.org", "--everybody").exit_code == 2
    words = ("--everybody",) if is_everybody else ("ada@example.org",)
    assert cli.json("user", "unbind", *words) == {"unbound": 1}
    assert "was bound to none" in cli.run("user", "unbind", *words).output


def test_somebody_unknown_is_refused(cli: CommandLine) -> None:
    """The address stands in the message."""
    result = cli.run("token", "issue", "nobody@example.org")

    assert isinstance(result.exception, Mistake)
    assert "nobody@example.org" in str(result.exception)


def test_somebody_is_shown_and_nothing_is_changed(cli: CommandLine) -> None:
    """With what is not as with most people."""
    plain = cli.run("user", "show", "Ada@example.org").output
    cli.json("user", "hide", "ada@example.org")
    cli.json("user", "promote", "ada@example.org")

    shown = cli.run("user", "show", "ada@example.org").output
    document = cli.json("user", "show", "ada@example.org")

    assert "photo: none" in plain
    assert not {"hidden", "administers"} & set(plain.replace(":", " ").split())
    assert "hidden: nobody finds them by hash" in shown
    assert "administers the workspace" in shown
    assert (document["is_listed"], document["is_admin"], document["photo"]) == (False, True, None)


def test_somebody_who_left_is_shown_as_such(cli: CommandLine, tmp_path: Path) -> None:
    """Their photo stays, and so does its address here."""
    picture = tmp_path / "me.jpg"
    picture.write_bytes(jpeg(600, 600))
    cli.json("photo", "set", "ada@example.org", str(picture))
    cli.json("user", "deactivate", "ada@example.org")

    shown = cli.run("user", "show", "ada@example.org").output

    assert "deactivated: 20" in shown
    assert "_original.jpg" in shown
