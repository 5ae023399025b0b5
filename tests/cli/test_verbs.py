"""The list of verbs: it says what the verbs say, names all of them, and loads none of them."""

import json
import subprocess
import sys
from collections.abc import Mapping
from importlib import import_module
from types import ModuleType
from typing import Any, Final

import pytest
import typer
from typer.main import get_group

from likeness.cli.verbs import VERBS, loaded
from likeness.version import VERSION
from support.commands import CommandLine

HEAVY: Final = frozenset({"anyio", "likeness.app", "pydantic", "sqlalchemy"})
OF_DOORS: Final = frozenset(
    {"authlib", "httptools", "httpx2", "jinja2", "likeness.app.web", "likeness.avatars"}
    | {"likeness.server", "likeness.site", "likeness.webapi", "multipart", "prometheus_client"}
    | {"starlette", "uvloop"}
)
OF_PICTURES: Final = frozenset(
    {"PIL", "likeness.app.pictures", "likeness.delivery", "likeness.imaging", "likeness.offers"}
    | {"likeness.photos", "obstore", "pyvips"}
)
OF_LINES: Final = frozenset({"attr", "likeness.app.logs", "pygments", "rich", "structlog"})
"""What is there for the first line of a log, or for a bar."""

OTHERS: Final = frozenset({"alembic", "anyldap", "psycopg"})
"""What changes the tables, what asks a directory, and what asks a database on a server."""

NEEDS: Final = {
    "server": OF_DOORS | OF_PICTURES | OF_LINES,
    "demo": OF_DOORS | OF_PICTURES | OF_LINES,
    "double": OF_DOORS | OF_PICTURES | OF_LINES,
    "directory": OF_PICTURES | OF_LINES,
    "doctor": OF_PICTURES,
    "checking": OF_PICTURES | OF_LINES,
    "pictures": OF_PICTURES | OF_LINES,
    "moving": OF_LINES,
}
"""What the files of verbs may import when one of their verbs is used; all others nothing of it."""

ALL: Final = OF_DOORS | OF_PICTURES | OF_LINES | OTHERS
LOADED: Final = """
import json, sys
from likeness.cli import main
sys.argv = ["likeness", *sys.argv[1:]]
try:
    main()
finally:
    print(json.dumps(sorted(sys.modules)))
"""

FILES: Final = """
import importlib, json, sys
found = {}
for file in sys.argv[1:]:
    before = set(sys.modules)
    importlib.import_module("likeness.cli." + file)
    found[file] = sorted(set(sys.modules) - before)
print(json.dumps(found))
"""
"""Prints for each file the modules that came with it, and had not come with one before."""


def verbs_in(file: str) -> Mapping[str, Any]:
    """The verbs and groups of verbs that a file has."""
    app = typer.Typer()
    import_module(f"likeness.cli.{file}").add_to(app)
    return get_group(app).commands


@pytest.mark.parametrize("file", sorted({verb.file for verb in VERBS.values()}))
def test_every_verb_is_listed_with_its_own_words(file: str) -> None:
    """The first paragraph of what `likeness VERB --help` says."""
    found = {name: verb.help.split("\n\n")[0] for name, verb in verbs_in(file).items()}

    assert found == {name: verb.help for name, verb in VERBS.items() if verb.file == file}


@pytest.mark.parametrize("group", [name for name, verb in VERBS.items() if verb.is_group])
def test_a_group_has_each_verb_once_however_often_it_is_asked_for(group: str) -> None:
    """Making a group takes as long as it has verbs, for which every command line waits."""
    file = import_module(f"likeness.cli.{VERBS[group].file}")
    before = [len(made.registered_commands) for made in groups_of(file)]

    for _ in range(2):
        verbs_in(VERBS[group].file)

    assert [len(made.registered_commands) for made in groups_of(file)] == before


def groups_of(file: ModuleType) -> list[typer.Typer]:
    """The groups that a file has of its own."""
    return [each for each in vars(file).values() if isinstance(each, typer.Typer)]


def modules_of(*words: str) -> set[str]:
    """What has been imported once the command line has done that."""
    command = [sys.executable, "-c", LOADED, *words]
    run = subprocess.run(command, capture_output=True, text=True, check=True)
    return set(json.loads(run.stdout.splitlines()[-1]))


GROUPS_OF_ROWS: Final = ("workspace", "user", "token", "session", "address")
"""Groups whose help, completion and wrong usage need nothing that their verbs need."""


@pytest.mark.parametrize("option", ["--help", "--version"])
def test_help_and_version_load_no_service(option: str) -> None:
    """A hundred times as much would have to be imported."""
    found = modules_of(option)

    assert (HEAVY | OF_DOORS | OF_PICTURES | {"structlog"}) & found == set()


@pytest.mark.parametrize("group", GROUPS_OF_ROWS)
def test_help_about_a_group_loads_no_service(group: str) -> None:
    """Typer itself brings pydantic, by which it reads options."""
    found = modules_of(group, "--help")

    assert (HEAVY - {"pydantic"} | OF_DOORS | OF_PICTURES | {"likeness.config"}) & found == set()


def test_a_verb_that_asks_the_database_imports_nothing_else(cli: CommandLine) -> None:
    """Starting is importing: each of these takes from 10 to 100 ms of a core."""
    found = modules_of("user", "show", "ada@example.org", "--data", str(cli.data))

    assert ALL & found == set(), "import it inside the function that needs it"


def test_settings_are_shown_without_a_database(cli: CommandLine) -> None:
    """Nothing of it is asked, and what asks one is half of the start of other verbs."""
    found = modules_of("config", "--data", str(cli.data))

    assert (ALL | {"anyio", "sqlalchemy"}) & found == set()


def test_methods_are_told_without_the_service() -> None:
    """They are a table; the page, the server and what asks others are not in it."""
    found = modules_of("methods")

    assert (ALL - {"likeness.webapi", "multipart", "starlette"} - OF_PICTURES) & found == set()


def test_a_photo_is_explained_by_the_door_of_photos_alone(cli: CommandLine) -> None:
    """Neither the Web API nor the page is asked."""
    cli.run("workspace", "add", "Acme")
    cli.run("user", "add", "ada@example.org")

    found = modules_of("explain", "ada@example.org", "--data", str(cli.data))

    assert (OF_DOORS - {"likeness.avatars", "likeness.server", "starlette"}) & found == set()


def test_the_files_of_verbs_import_only_what_they_need() -> None:
    """And what one verb needs does not slow down all others: see NEEDS."""
    files = sorted(
        {verb.file for verb in VERBS.values()}, key=lambda file: len(NEEDS.get(file, ()))
    )
    run = subprocess.run(
        [sys.executable, "-c", FILES, *files], capture_output=True, text=True, check=True
    )
    found = json.loads(run.stdout)

    for file in files:
        surplus = ALL.intersection(found[file]) - NEEDS.get(file, frozenset())
        assert surplus == set(), (
            f"import it inside the functions of cli/{file}.py that need it, or if all do, add it "
            "to NEEDS in tests/cli/test_verbs.py"
        )


@pytest.mark.parametrize("option", ["--version", "-V"])
def test_the_version_is_that_of_the_installed_program(cli: CommandLine, option: str) -> None:
    assert cli.run(option).stdout == f"likeness {VERSION}\n"


@pytest.mark.parametrize("name", VERBS)
def test_the_list_says_which_verbs_have_verbs_of_their_own(name: str) -> None:
    """Only their files are imported when one is looked for."""
    assert VERBS[name].is_group == hasattr(loaded(name), "commands")


@pytest.mark.parametrize(
    ("typed", "hint"),
    [
        ("tokn", "Did you mean `likeness token`?"),
        ("users frobnicate", "Did you mean `likeness user`?"),
        ("user lnk", "Did you mean `likeness user link`?"),
        ("revoke 12", "Did you mean `likeness token revoke`?"),
        ("import x.csv", "Did you mean `likeness user import` or `likeness photo import`?"),
        ("help", "Did you mean `likeness --help`?"),
        ("help user", "Did you mean `likeness user --help`?"),
        ("user help show", "Did you mean `likeness user show --help`?"),
        ("user version", "Did you mean `likeness --version`?"),
        ("token frobnicate", "There are: issue, list, revoke."),
        ("frobnicate", "There are: demo, double, serve, migrate, doctor,"),
    ],
)
def test_a_verb_that_is_none_is_told_with_the_one_that_was_meant(
    cli: CommandLine, typed: str, hint: str
) -> None:
    """Or with all there are; that is wrong usage."""
    result = cli.run(*typed.split())

    assert result.exit_code == 2
    assert hint in result.stderr.replace("\n", "")
