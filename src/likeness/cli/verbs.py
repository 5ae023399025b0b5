"""The list of verbs, and where each of them is: a file is imported when one of its verbs is used.

So `likeness --help` and `likeness --version` wait for no database, and no picture library.
"""

from difflib import get_close_matches
from importlib import import_module
from typing import Annotated, Any, Final, NamedTuple

import typer
from typer.core import TyperCommand, TyperGroup
from typer.main import get_group

from likeness.version import VERSION


class _Verb(NamedTuple):
    """The file that has a verb, and what a list of verbs says of it: its own first sentences."""

    file: str
    help: str


VERBS: Final = {
    "demo": _Verb(
        "demo",
        "Set a real photo over HTTP with users.setPhoto, show where it is, and go on serving.",
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
    "workspace": _Verb("workspaces", "Workspaces: each has its own people."),
    "user": _Verb("people", "People and bots."),
    "token": _Verb("tokens", "Tokens: who may call, and what for."),
    "session": _Verb("sessions", "Sessions of people who are signed in to the page."),
    "address": _Verb("addresses", "Further e-mail addresses that somebody's photo is found by."),
    "photo": _Verb("pictures", "Photos of people and bots."),
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


_MEANT: Final = {
    "ls": "list",
    "get": "show",
    "info": "show",
    "create": "add",
    "new": "add",
    "rm": "remove",
    "start": "serve",
    "run": "serve",
    "upgrade": "migrate",
    "settings": "config",
}
"""What other programs call some of our verbs."""


class Subverbs(TyperGroup):
    """Verbs by their names; a wrong one is told with the one that was meant, or with all."""

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """See click."""
        name, *rest = args
        if name in self.commands or name.startswith("-"):
            return super().resolve_command(ctx, args)
        return ctx.fail(f"No such command {name!r}. {self._hint(ctx, name, rest)}")

    def _hint(self, ctx: Any, name: str, rest: list[str]) -> str:
        """The command that was most likely meant, or all that there are."""
        close = get_close_matches(name, self.commands)
        likely = [_MEANT.get(name, ""), name.removesuffix("s"), *close]
        meant = next((each for each in likely if each in self.commands), None)
        if meant is None:
            return f"There are: {', '.join(self.commands)}."
        verbs = getattr(self._whole(meant), "commands", {})
        words = [ctx.command_path, meant, *(word for word in rest[:1] if word in verbs)]
        return f"Did you mean `{' '.join(words)}`?"

    def _whole(self, name: str) -> Any:
        """A command with everything that belongs to it."""
        return self.commands[name]


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

    def _whole(self, name: str) -> Any:
        return loaded(name)


def loaded(name: str) -> Any:
    """A verb with its options, or a group of verbs, from its file."""
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
