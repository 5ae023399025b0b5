"""The list of verbs, and where each of them is: a file is imported when one of its verbs is used.

So `likeness --help` and `likeness --version` wait for no database, and no picture library.
"""

from collections.abc import Iterator
from functools import cache
from importlib import import_module
from typing import Annotated, Any, Final, NamedTuple

import typer
from typer.core import TyperCommand, TyperGroup
from typer.main import get_group

from likeness.cli.meant import Command, meant
from likeness.version import VERSION


class _Verb(NamedTuple):
    """The file that has a verb, and what a list of verbs says of it: its own first sentences."""

    file: str
    help: str
    is_group: bool = False


VERBS: Final = {
    "demo": _Verb(
        "demo",
        "Set a real photo over HTTP with users.setPhoto, show where it is, and go on serving.",
    ),
    "double": _Verb(
        "double",
        "Be a double of Slack for tests, with people and tokens, until it is told to stop.",
    ),
    "serve": _Verb("server", "Run the service until it is told to stop."),
    "migrate": _Verb(
        "server", "Bring the database's tables up to date. Doing it again does no harm."
    ),
    "doctor": _Verb(
        "doctor",
        "Look at settings, folder, database, store and picture processes. Exit code 1 if sick.",
    ),
    "check": _Verb("checking", "Compare the database with the store, also while the service runs."),
    "sweep": _Verb(
        "pictures",
        "Remove files that nobody needs: old replaced photos, stale uploads, orphans.",
    ),
    "copy": _Verb(
        "moving",
        "Copy all files of a store to another, or all rows of a database to another, empty one.",
    ),
    "workspace": _Verb("workspaces", "Workspaces: each has its own people.", is_group=True),
    "user": _Verb("people", "People and bots.", is_group=True),
    "token": _Verb("tokens", "Tokens: who may call, and what for.", is_group=True),
    "session": _Verb(
        "sessions", "Sessions of people who are signed in to the page.", is_group=True
    ),
    "address": _Verb(
        "addresses", "Further e-mail addresses that somebody's photo is found by.", is_group=True
    ),
    "photo": _Verb("pictures", "Photos of people and bots.", is_group=True),
    "directory": _Verb(
        "directory", "The directory that people and photos come from by LDAP.", is_group=True
    ),
    "target": _Verb(
        "targets",
        "Targets: programs elsewhere that are told of photos, or given copies.",
        is_group=True,
    ),
    "explain": _Verb(
        "explaining", "Say what programs show of somebody, for how long they may keep it, and why."
    ),
    "log": _Verb(
        "log", "Show who did what to whom, newest first: about everybody, or about one person."
    ),
    "methods": _Verb("reference", "List the API methods: scope, rate limit, arguments and errors."),
    "config": _Verb(
        "reference", "Show every setting: its value, where it came from, and what it is for."
    ),
}


class Subverbs(TyperGroup):
    """Verbs by their names; a wrong one is told with those that may be meant, or with all."""

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """See click."""
        name = args[0]
        if name in self.commands or name.startswith("-"):
            return super().resolve_command(ctx, args)
        return ctx.fail(f"No such command {name!r}. {self._hint(ctx, args)}")

    def _hint(self, ctx: Any, words: list[str]) -> str:
        """The commands most likely meant, or a list of all."""
        program = ctx.find_root().command_path
        if words[0] == "version":
            return _did_you_mean([f"{program} --version"])
        if words[0] == "help":
            asked = [word for word in words[1:2] if word in self.commands]
            return _did_you_mean([" ".join((ctx.command_path, *asked, "--help"))])
        group = tuple(ctx.command_path.removeprefix(program).split())
        found = meant(group, words, list(all_commands()))
        if not found:
            return f"There are: {', '.join(self.commands)}."
        return _did_you_mean([" ".join((program, *command)) for command in found])


def _did_you_mean(commands: list[str]) -> str:
    *others, last = [f"`{command}`" for command in commands]
    return f"Did you mean {', '.join(others)} or {last}?" if others else f"Did you mean {last}?"


class Verbs(Subverbs):
    """The verbs by their names; until one is used, it has nothing but its help."""

    def __init__(self, **attributes: Any) -> None:
        stubs = {name: TyperCommand(name, help=verb.help) for name, verb in VERBS.items()}
        super().__init__(**attributes | {"commands": stubs})

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """See click: the verb that the arguments begin with, and the rest of them."""
        name = args[0]
        if name in VERBS:
            self.commands[name] = loaded(name)
        return super().resolve_command(ctx, args)


def all_commands() -> Iterator[Command]:
    """Every command by its words, groups among them. Only the files of groups are imported."""
    for name, verb in VERBS.items():
        yield (name,)
        if verb.is_group:
            yield from ((name, each) for each in loaded(name).commands)


@cache
def loaded(name: str) -> Any:
    """A verb with its options, or a group of verbs, from its file; made when first asked for."""
    file = typer.Typer()
    _module(name).add_to(file)
    return get_group(file).commands[name]


def import_verb(words: list[str]) -> None:
    """Import the file of the verb that comes first on the command line, if it is one of ours."""
    if words and words[0] in VERBS:
        _module(words[0])


def _module(name: str) -> Any:
    return import_module(f"likeness.cli.{VERBS[name].file}")


def _show_version(wanted: bool) -> None:  # noqa: FBT001 - As typer calls it.
    if wanted:
        typer.echo(f"likeness {VERSION}")
        raise typer.Exit


Version = Annotated[
    bool,
    typer.Option(
        "--version", "-V", help="Print the version.", is_eager=True, callback=_show_version
    ),
]
