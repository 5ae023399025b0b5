"""Verbs for the accounts that people have at a provider."""

import json
from typing import Any

import pytest

from likeness.errors import Mistake
from support.commands import CommandLine

PROVIDER = {"LIKENESS_OIDC_ISSUER": "https://id.example", "LIKENESS_OIDC_CLIENT_ID": "likeness"}


def bind(cli: CommandLine, email: str, subject: str) -> Any:
    """Bind somebody, where there is a provider."""
    result = cli.run("user", "bind", email, subject, "--json", settings=PROVIDER)
    if result.exception:
        raise result.exception
    return json.loads(result.stdout)


def test_somebody_is_bound_by_hand_once(cli: CommandLine) -> None:
    """Again is no error; another subject, and another person, are one."""
    first, again = [bind(cli, "ada@example.org", "00u1") for _ in range(2)]

    assert first == again
    assert (first["source"], first["id"]) == ("oidc:https://id.example", "00u1")
    assert cli.json("user", "show", "ada@example.org")["identities"] == [
        {"source": "oidc:https://id.example", "id": "00u1"}
    ]
    with pytest.raises(Mistake, match="is bound to 00u1"):
        bind(cli, "ada@example.org", "00u2")
    cli.json("user", "add", "eve@example.org")
    with pytest.raises(Mistake, match=f"00u1 is bound to {first['user']}"):
        bind(cli, "eve@example.org", "00u1")


@pytest.mark.parametrize("subject", ["", "a\nb", "x" * 256])
def test_what_no_provider_calls_anybody_is_refused(cli: CommandLine, subject: str) -> None:
    """The database could not keep it."""
    with pytest.raises(Mistake, match="is no subject"):
        bind(cli, "ada@example.org", subject)


def test_without_a_provider_nobody_is_bound(cli: CommandLine) -> None:
    """The mistake names the setting."""
    result = cli.run("user", "bind", "ada@example.org", "x")

    assert isinstance(result.exception, Mistake)
    assert "LIKENESS_OIDC_ISSUER" in str(result.exception)


def test_who_was_deactivated_is_not_bound(cli: CommandLine) -> None:
    """They would be kept out anyway."""
    cli.json("user", "deactivate", "ada@example.org")

    with pytest.raises(Mistake, match="deactivated"):
        bind(cli, "ada@example.org", "x")


@pytest.mark.parametrize("is_everybody", [False, True])
def test_people_are_unbound_from_the_accounts_of_a_provider(
    cli: CommandLine, is_everybody: bool
) -> None:
    """One of them, or all, as for another client at a provider that has a name for each."""
    bind(cli, "ada@example.org", "x")

    assert cli.run("user", "unbind").exit_code == 2
    assert cli.run("user", "unbind", "ada@example.org", "--everybody").exit_code == 2
    words = ("--everybody",) if is_everybody else ("ada@example.org",)
    assert cli.json("user", "unbind", *words) == {"unbound": 1}
    assert "was bound to none" in cli.run("user", "unbind", *words).output


def test_ids_of_directories_are_forgotten_by_themselves(cli: CommandLine) -> None:
    """The account at the provider stays; for all at once nobody asks."""
    bind(cli, "ada@example.org", "x")

    told = cli.run("user", "unbind", "ada@example.org", "--directory").output
    assert "ada@example.org was bound to none of the directory's ids" in told
    assert cli.json("user", "unbind", "ada@example.org") == {"unbound": 1}
    assert cli.run("user", "unbind", "--everybody", "--directory").exit_code == 2
