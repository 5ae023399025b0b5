"""Which command was meant: words of other programs, words elsewhere, words spelt wrongly."""

from typing import Final

import pytest

from likeness.cli.meant import MEANT_MAX, Command, meant

COMMANDS: Final[list[Command]] = [
    *((name,) for name in ("serve", "migrate", "doctor", "copy", "log", "config")),
    *(
        tuple(f"{group} {verb}".split())
        for group, verbs in {
            "workspace": " |add|list|remove",
            "user": " |list|show|add|rename|deactivate|reactivate|erase|link|import",
            "token": " |issue|list|revoke",
            "session": " |end",
            "photo": " |set|remove|history|import",
            "target": " |people|test",
        }.items()
        for verb in verbs.split("|")
    ),
]
"""Some of the commands, so that new ones change nothing here."""


def meant_by(typed: str) -> list[str]:
    """The commands meant by a line; its first word may be a group, in which the next is none."""
    first, *rest = typed.split()
    is_group = bool(rest) and (first,) in COMMANDS
    group: Command = (first,) if is_group else ()
    return [" ".join(command) for command in meant(group, rest if is_group else [first], COMMANDS)]


@pytest.mark.parametrize(
    ("typed", "command"),
    [
        ("tokn", "token"),
        ("tokens", "token"),
        ("people", "user"),
        ("webhooks", "target"),
        ("revoke", "token revoke"),
        ("deactivate", "user deactivate"),
        ("upgrade", "migrate"),
        ("status", "doctor"),
        ("init", "workspace add"),
        ("setPhoto", "photo set"),
        ("users.setPhoto", "photo set"),
        ("import-photos", "photo import"),
        ("IMPORT_PHOTOS", "photo import"),
        ("user get", "user show"),
        ("user lst", "user list"),
        ("workspace ls", "workspace list"),
        ("token delete", "token revoke"),
        ("photo upload", "photo set"),
        ("photo list", "photo history"),
        ("photo show", "user show"),
    ],
)
def test_one_command_is_meant(typed: str, command: str) -> None:
    """A group by itself, a verb without its group, and what other programs call it."""
    assert meant_by(typed) == [command]


@pytest.mark.parametrize(
    ("words", "command"),
    [
        (["add", "user", "ada@example.org"], "user add"),
        (["person", "show"], "user show"),
        (["users", "list", "--json"], "user list"),
        (["remove", "photo"], "photo remove"),
    ],
)
def test_words_in_another_order_or_under_other_names(words: list[str], command: str) -> None:
    assert [" ".join(each) for each in meant((), words, COMMANDS)] == [command]


def test_several_that_are_as_likely_are_all_named() -> None:
    """An account can be ended in two ways, for a while and for good."""
    assert meant_by("user remove") == ["user deactivate", "user erase"]


@pytest.mark.parametrize("word", ["frobnicate", "--jsn", "", "-", "a@b.example", "delete"])
def test_nothing_is_guessed_where_nothing_or_too_much_is_alike(word: str) -> None:
    """Then all that there is gets told."""
    assert meant((), [word], COMMANDS) == []


def test_the_bound_of_what_is_named() -> None:
    many: list[Command] = [(f"group{number}", "list") for number in range(MEANT_MAX + 1)]

    assert meant((), ["list"], many[1:]) == many[1:]
    assert meant((), ["list"], many) == []


def test_a_long_word_is_looked_at_by_its_beginning() -> None:
    """And only the first words: no line is too long to be answered at once."""
    assert meant((), ["revoke" + "x" * 100_000, *["y" * 100_000] * 100], COMMANDS) == []
    assert meant((), ["a", "b", "c", "revoke"], COMMANDS) == []
