"""The commands and settings of docs/ldap.md are used as they stand."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

import pytest

from likeness.config import load
from likeness.directory.entries import LISTED
from likeness.entries import Outcome
from likeness.precedence import Policy
from support.commands import CommandLine
from support.directory import dn
from support.docs import blocks, example, page
from support.organisation import picture
from support.slapd import Slapd, added, person, removed, slapd

PAGE: Final = "docs/ldap.md"

Shell = Callable[[str], str]


@pytest.fixture
def directory(tmp_path: Path) -> Iterator[Slapd]:
    people = "".join(person(each, jpegPhoto=picture(each)) for each in range(3))
    with slapd(tmp_path / "ldap", people) as running:
        yield running


@pytest.fixture
def shell(directory: Slapd, tmp_path: Path) -> Shell:
    """Runs a block of the page with the settings of a directory; gives what it printed."""
    line = CommandLine(tmp_path / "likeness-data")
    line.json("workspace", "add", "Acme")
    settings = directory.settings() | {"data": str(line.data)}
    named = {f"LIKENESS_{name.upper()}": value for name, value in settings.items()}

    def run(mark: str) -> str:
        path = [str(Path(sys.executable).parent), os.environ["PATH"]]
        inherited = {key: value for key, value in os.environ.items() if key[:9] != "LIKENESS_"}
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", example(mark, PAGE)],
            env=inherited | {"PATH": os.pathsep.join(path)} | named,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    return run


@pytest.mark.slow
def test_the_commands_of_the_page_bring_people_and_photos(shell: Shell) -> None:
    assert "person0@example.org  Person 0  u0  photo  added" in shell("check")
    assert "3  added" in shell("plan")
    assert "3  photos set" in shell("apply")
    assert "ldap:example.org  person0@example.org  photo.set" in shell("look")


@pytest.mark.slow
def test_whoever_has_another_id_is_found_again(shell: Shell, directory: Slapd) -> None:
    """One person, or everybody."""
    shell("apply")
    again = added(person(1, displayName="Again"))
    directory.modify(removed(dn(1)) + again)
    assert "1  updated" in shell("another-id")
    for number in range(3):
        directory.modify(removed(dn(number)) + added(person(number)))
    assert "3  updated" in shell("other-ids")


@pytest.mark.parametrize("block", blocks("ini", PAGE), ids=["openldap", "389", "active directory"])
def test_the_settings_of_each_server_can_be_used(block: str, tmp_path: Path) -> None:
    """With the password in a file."""
    (tmp_path / "ldap").write_text("a password\n")
    lines = block.replace("/run/secrets", str(tmp_path)).splitlines()
    config = load(dict(line.split("=", 1) for line in lines))

    assert config.ldap_url.startswith("ldaps://")
    assert config.ldap_bind_password.get_secret_value() == "a password"
    assert config.ldap_filter.count("(") == config.ldap_filter.count(")")


def test_the_page_names_all_that_is_read_and_all_that_may_become() -> None:
    text = page(PAGE)
    attributes = text.partition("## What is read")[2].partition("\n## ")[0].lower()
    missing = [name for name in LISTED if f"`{name}`" not in attributes]
    assert missing == [], "name it under What is read of docs/ldap.md"
    unsaid = [each for each in Outcome if f"`{each}`" not in text and each != "unchanged"]
    assert unsaid == [], "add it to the first table of docs/ldap.md"
    policies = [each for each in Policy if each is not Policy.NEWER and f"`{each}`" not in text]
    assert policies == [], "add it to the table of policies in docs/ldap.md"
