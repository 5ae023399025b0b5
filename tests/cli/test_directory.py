"""The verbs of a directory, as an operator sees them."""

import json
import socket
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from typer.testing import Result

from support.commands import CommandLine
from support.directory import dn
from support.organisation import picture
from support.patience import PATIENCE_S
from support.slapd import PEOPLE, Slapd, person, removed, slapd

pytestmark = pytest.mark.slow

REFUSED = 3
PEOPLE_COUNT = 14


@pytest.fixture
def directory(tmp_path: Path) -> Iterator[Slapd]:
    people = "".join(person(each, jpegPhoto=picture(each)) for each in range(PEOPLE_COUNT))
    with slapd(tmp_path / "ldap", people + person(99, mail=["no address"])) as running:
        yield running


@dataclass(frozen=True)
class Desk:
    """The command line, with the settings of a directory."""

    cli: CommandLine
    directory: Slapd

    def run(self, *words: str, **settings: str) -> Result:
        """Run one of the directory's verbs."""
        own = self.directory.settings() | settings
        named = {f"LIKENESS_{name.upper()}": value for name, value in own.items()}
        return self.cli.run("directory", *words, settings=named)

    def json(self, *words: str, **settings: str) -> Any:
        """What it prints for programs."""
        return json.loads(self.run(*words, "--json", **settings).stdout)


@pytest.fixture
def desk(cli: CommandLine, directory: Slapd) -> Desk:
    return Desk(cli, directory)


def test_a_check_shows_people_as_they_would_become(desk: Desk) -> None:
    """Some of them, the counts, and what cannot be used; nothing is changed."""
    found = desk.run("check")

    assert found.exit_code == REFUSED
    assert "person0@example.org  Person 0  u0  photo  added" in found.output
    assert f"{PEOPLE_COUNT}  added" in found.output
    assert "no address" in found.output
    assert "nothing was changed" in found.output
    told = desk.json("check")
    assert len(told["examples"]) == 3
    assert told["examples"][0]["emails"] == ["person0@example.org"]
    assert [each["email"] for each in desk.cli.json("user", "list")] == ["ada@example.org"]


def test_a_sync_is_a_plan_until_it_is_applied(desk: Desk) -> None:
    """Then people and photos are there, and the log says who brought them."""
    assert "nothing was changed" in desk.run("sync").output
    done = desk.run("sync", "--apply")

    assert done.exit_code == REFUSED
    assert f"{PEOPLE_COUNT}  photos set" in done.output
    people = {each["email"]: each for each in desk.cli.json("user", "list")}
    assert people["person3@example.org"]["real_name"] == "Person 3"
    entries = desk.cli.json("log", "person3@example.org")
    assert {"photo.set", "user.added"} <= {each["verb"] for each in entries}
    assert {each["actor"] for each in entries} == {"ldap:example.org"}

    desk.directory.modify(removed(f"uid=u99,{PEOPLE}"))
    again = desk.run("sync", "--apply")
    assert again.exit_code == 0
    assert f"{PEOPLE_COUNT}  unchanged" in again.output


def test_the_fuse_is_told_and_forced(desk: Desk) -> None:
    desk.run("sync", "--apply")
    desk.directory.modify("".join(removed(dn(each)) for each in range(11)))

    told = desk.json("sync")
    assert (told["counts"]["deactivated"], told["applied"]) == (11, False)
    assert "11 of 14 people" in told["warning"]
    assert "--force" in desk.run("check").output
    refused = desk.run("sync", "--apply")
    assert refused.exit_code == 1
    assert "nothing was done" in str(refused.exception)
    assert desk.json("sync", "--apply", "--force")["counts"]["deactivated"] == 11


def test_what_is_wrong_is_told_in_a_sentence(desk: Desk) -> None:
    """No trace, and no password."""
    wrong = desk.run("check", ldap_bind_password="not the password")
    assert wrong.exit_code == 1
    assert "LIKENESS_LDAP_BIND_DN and its password" in str(wrong.exception)
    assert "not the password" not in str(wrong.exception)
    none = desk.run("check", ldap_url="", ldap_base="")
    assert "set LIKENESS_LDAP_URL" in str(none.exception)


def test_doctor_names_a_directory_that_cannot_be_reached(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nor does it wait for one that takes connections and says nothing."""
    monkeypatch.setattr("likeness.cli.finding.ANSWER_TIMEOUT_S", PATIENCE_S)
    settings = {f"LIKENESS_{k.upper()}": v for k, v in desk.directory.settings().items()}
    assert "lets cn=reader" in desk.cli.run("doctor", settings=settings).output
    away = desk.cli.run("doctor", settings=settings | {"LIKENESS_LDAP_URL": "ldap://127.0.0.1:1"})
    assert away.exit_code == 1
    assert "BAD  directory: signing in: ldap://127.0.0.1:1 cannot be reached" in away.output
    monkeypatch.setattr("likeness.cli.finding.ANSWER_TIMEOUT_S", 0.1)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"ldap://127.0.0.1:{silent.getsockname()[1]}"
        hanging = desk.cli.run("doctor", settings=settings | {"LIKENESS_LDAP_URL": url})
    assert f"BAD  directory: {url} has not answered for" in hanging.output
