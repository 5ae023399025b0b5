"""Verbs that look through people."""

import re
from pathlib import Path
from typing import Any

import pytest

from likeness import roster
from support.commands import CommandLine, over_copy, with_ada
from support.pictures import jpeg


@pytest.fixture
def crowd(tmp_path: Path) -> CommandLine:
    """Somebody in each state that a filter asks for, besides Ada, of whom nothing is known."""
    return over_copy(_crowded, tmp_path)


def _crowded(line: CommandLine) -> None:
    with_ada(line)
    picture = line.data.with_name("me.jpg")
    picture.write_bytes(jpeg(600, 520))
    for name in ("admin", "hidden", "left", "locked", "pictured"):
        line.json("user", "add", f"{name}@example.org", "--name", f"{name.title()} X.")
    line.json("photo", "set", "pictured@example.org", str(picture))
    line.json("user", "promote", "admin@example.org")
    line.json("user", "hide", "hidden@example.org")
    line.json("user", "lock", "locked@example.org", "--reason", "a photo for the badge")
    line.json("user", "deactivate", "left@example.org")


def names(documents: list[dict[str, Any]]) -> list[str]:
    """Those of people, as their addresses have them."""
    return [each["email"].partition("@")[0] for each in documents]


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("", "ada admin hidden locked pictured"),
        ("--all", "ada admin hidden left locked pictured"),
        ("--left", "left"),
        ("--no-photo", "ada admin hidden locked"),
        ("--locked", "locked"),
        ("--hidden", "hidden"),
        ("--admins", "admin"),
        ("--source administrator", "pictured"),
        ("--source self", ""),
        ("--locked --hidden", ""),
        ("--no-photo --left", "left"),
        ("--workspace Acme --admins", "admin"),
    ],
)
def test_people_are_listed_by_what_is_so_of_them(
    crowd: CommandLine, words: str, expected: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In the order of their addresses, also where they come on several pages."""
    monkeypatch.setattr(roster, "PAGE", 2)

    listed = crowd.json("user", "list", *words.split())
    printed = crowd.run("user", "list", *words.split())

    assert names(listed) == expected.split()
    assert f"{len(listed)} in all" in printed.stderr
    assert [
        line.split()[1].partition("@")[0] for line in printed.stdout.split("\n") if line
    ] == names(listed)


def test_a_line_of_the_list_says_what_is_not_as_with_most(crowd: CommandLine) -> None:
    """And what photo there is."""
    printed = crowd.run("user", "list", "--all").stdout
    said = {
        line.split()[1].partition("@")[0]: line.partition("X.")[2] for line in printed.splitlines()
    }

    assert "600 x 520, administrator, 20" in said["pictured"]
    assert re.split(" {2,}", said["admin"])[1:] == ["no photo", "administrator"]
    assert said["hidden"].endswith("hidden")
    assert said["left"].endswith("left")
    assert said["locked"].endswith("locked")


def test_the_list_is_in_columns(crowd: CommandLine) -> None:
    """However long addresses and names are."""
    crowd.json("user", "add", "x@example.org", "--name", "Somebody With A Long Name Of Many Words")

    printed = crowd.run("user", "list", "--no-photo").stdout.splitlines()

    assert len({line.index("no photo") for line in printed}) == 1


def test_a_source_that_is_none_is_wrong_usage(cli: CommandLine) -> None:
    """The message has those that there are."""
    result = cli.run("user", "list", "--source", "moon")

    assert result.exit_code == 2
    assert "provider" in result.stderr


def test_somebody_is_shown_with_all_that_is_known(cli: CommandLine, tmp_path: Path) -> None:
    """On lines for people, by name for programs; nothing is changed."""
    picture = tmp_path / "me.jpg"
    picture.write_bytes(jpeg(600, 520))
    cli.json("photo", "set", "ada@example.org", str(picture))
    cli.json("address", "add", "ada@example.org", "countess@example.org")
    cli.json("token", "issue", "ada@example.org")
    cli.json("user", "promote", "ada@example.org")
    cli.json("user", "lock", "ada@example.org", "--reason", "a photo for the badge")
    cli.json("user", "hide", "ada@example.org")

    shown = cli.run("user", "show", "Ada@example.org").output
    document = cli.json("user", "show", "ada@example.org")

    for line in (
        "workspace: Acme",
        "administers the workspace, by: administrator",
        "locked: a photo for the badge",
        "hidden: nobody finds them by hash",
        "further address: countess@example.org",
        "photo is: 600 x 520, administrator, 20",
        "signed in: 0 sessions; API tokens: 1",
    ):
        assert f"  {line}" in shown
    assert document["addresses"] == ["ada@example.org", "countess@example.org"]
    assert (document["photo_width"], document["photo_height"]) == (600, 520)
    assert (document["photo_came_from"], document["photo_set_by"]) == ("administrator", "cli")
    assert document["photo"].endswith("_original.jpg")
    assert (document["sessions"], document["tokens"], document["identities"]) == (0, 1, [])
    assert document == cli.json("user", "show", "ada@example.org")


def test_somebody_of_whom_nothing_is_known_is_shown_without_it(cli: CommandLine) -> None:
    """Nor is it said what is so of everybody."""
    shown = cli.run("user", "show", "ada@example.org").output

    assert "photo: none" in shown
    for word in ("hidden", "administers", "locked", "further", "known as", "deactivated", "choice"):
        assert word not in shown


def test_that_somebody_wants_no_photo_is_shown(cli: CommandLine, tmp_path: Path) -> None:
    """With who said so."""
    picture = tmp_path / "me.jpg"
    picture.write_bytes(jpeg(600, 520))
    cli.json("photo", "set", "ada@example.org", str(picture))
    cli.json("photo", "remove", "ada@example.org")

    assert (
        "no photo by choice of: administrator" in cli.run("user", "show", "ada@example.org").output
    )


def test_somebody_who_left_is_shown_as_such(cli: CommandLine, tmp_path: Path) -> None:
    """Their photo stays, and so does its address here."""
    picture = tmp_path / "me.jpg"
    picture.write_bytes(jpeg(600, 600))
    cli.json("photo", "set", "ada@example.org", str(picture))
    cli.json("user", "deactivate", "ada@example.org")

    shown = cli.run("user", "show", "ada@example.org").output

    assert "deactivated: 20" in shown
    assert "_original.jpg" in shown
