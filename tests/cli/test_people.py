"""Verbs that change people."""

from datetime import UTC, datetime, timedelta

import pytest

from likeness.errors import Mistake
from support.commands import CommandLine


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
        (("user", "link", "nobody@example.org"), "`likeness user list --all` shows everybody"),
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


def test_somebody_unknown_is_refused(cli: CommandLine) -> None:
    """The address stands in the message."""
    result = cli.run("token", "issue", "nobody@example.org")

    assert isinstance(result.exception, Mistake)
    assert "nobody@example.org" in str(result.exception)


def test_somebody_is_hidden_and_found_again(cli: CommandLine) -> None:
    """The output says which."""
    assert cli.json("user", "hide", "ada@example.org")["is_listed"] is False
    assert "can be found by hash" in cli.run("user", "unhide", "ada@example.org").output


def test_somebody_is_renamed(cli: CommandLine) -> None:
    """On one line, without what turns the direction of a terminal's text."""
    renamed = cli.json("user", "rename", "ada@example.org", " Ada\n \u202eKing\x1b[0m ")

    assert renamed["real_name"] == "Ada King [0m"
    refused = cli.run("user", "rename", "ada@example.org", "\u202e ")
    assert isinstance(refused.exception, Mistake)
    assert "is no name" in str(refused.exception)


@pytest.mark.parametrize("forget", [False, True])
def test_somebody_has_another_first_address(cli: CommandLine, forget: bool) -> None:
    """The one before stays a further one unless it shall be forgotten."""
    words = ["--forget"] if forget else []

    changed = cli.json("user", "email", "ada@example.org", "Ada.King@example.org", *words)

    assert (changed["email"], changed["real_name"]) == ("ada.king@example.org", "Ada L.")
    addresses = [each["email"] for each in cli.json("address", "list", "ada.king@example.org")]
    assert addresses == ["ada.king@example.org", *([] if forget else ["ada@example.org"])]
    again = cli.run("user", "email", "ada.king@example.org", "ADA.KING@example.org")
    assert "is their first address already" in str(again.exception)


def test_a_further_address_becomes_the_first_one(cli: CommandLine) -> None:
    """And may be changed back."""
    cli.json("address", "add", "ada@example.org", "countess@example.org")

    cli.json("user", "email", "ada@example.org", "countess@example.org")
    back = cli.json("user", "email", "countess@example.org", "ada@example.org")

    assert back["email"] == "ada@example.org"
    assert len(cli.json("address", "list", "ada@example.org")) == 2


def test_somebody_is_back(cli: CommandLine) -> None:
    """And may have tokens again, which they may not before."""
    cli.json("user", "deactivate", "ada@example.org")
    refused = cli.run("token", "issue", "ada@example.org")

    back = cli.json("user", "reactivate", "ada@example.org")

    assert isinstance(refused.exception, Mistake)
    assert "user reactivate" in str(refused.exception)
    assert back["deleted_at"] is None
    assert cli.run("token", "issue", "ada@example.org").exit_code == 0


def test_somebody_is_locked_with_a_reason(cli: CommandLine) -> None:
    """Until they are unlocked."""
    locked = cli.json("user", "lock", "ada@example.org", "--reason", " for\nthe badge ")
    assert locked["lock_reason"] == "for the badge"
    assert cli.json("user", "unlock", "ada@example.org")["lock_reason"] is None
    assert "unlocked" in cli.run("user", "unlock", "ada@example.org").output


@pytest.mark.parametrize("reason", ["", " \u202e\n", "x" * 301])
def test_a_lock_needs_a_reason_that_can_be_shown(cli: CommandLine, reason: str) -> None:
    """The person is told it; the message has the bound."""
    result = cli.run("user", "lock", "ada@example.org", "--reason", reason)

    assert isinstance(result.exception, Mistake)
    assert "at most 300" in str(result.exception)
    assert cli.run("user", "lock", "ada@example.org").exit_code == 2
    assert cli.json("user", "lock", "ada@example.org", "--reason", "x" * 300)


def test_an_address_of_somebody_who_left_goes_to_a_successor(cli: CommandLine) -> None:
    """The verb says so; who left can still be shown, by the text that stands in its place."""
    gone = cli.json("user", "deactivate", "ada@example.org")

    result = cli.run("user", "add", "Ada@example.org", "--name", "Ada B.")

    assert f"Ada@example.org was taken from {gone['id']}, Ada L." in result.stderr
    heir = cli.json("user", "show", "ada@example.org")
    left = cli.json("user", "show", f"{gone['id'].lower()}@left.invalid")
    assert (heir["real_name"], heir["addresses"]) == ("Ada B.", ["ada@example.org"])
    assert (left["id"], left["addresses"]) == (gone["id"], [])
    assert (
        cli.json("user", "email", left["email"], "old@example.org", "--forget")["id"] == gone["id"]
    )
