"""The list of verbs: it says what the verbs say, names all of them, and loads none of them."""

import json
import subprocess
import sys
from collections.abc import Mapping
from importlib import import_module
from typing import Any, Final

import pytest
import typer
from typer.main import get_group

from likeness.cli.verbs import VERBS
from likeness.version import VERSION
from support.commands import CommandLine

HEAVY: Final = {"anyio", "likeness.app", "PIL", "pydantic", "sqlalchemy"}
OF_DOORS: Final = {"alembic", "jinja2", "likeness.app.web", "prometheus_client", "starlette"}
LOADED: Final = """
import json, sys
from likeness.cli import main
sys.argv = ["likeness", *sys.argv[1:]]
try:
    main()
finally:
    print(json.dumps(sorted(sys.modules)))
"""


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


def modules_of(*words: str) -> set[str]:
    """What has been imported once the command line has done that."""
    command = [sys.executable, "-c", LOADED, *words]
    run = subprocess.run(command, capture_output=True, text=True, check=True)
    return set(json.loads(run.stdout.splitlines()[-1]))


@pytest.mark.parametrize("option", ["--help", "--version"])
def test_help_and_version_load_no_service(option: str) -> None:
    """A hundred times as much would have to be imported."""
    assert not {*HEAVY, *OF_DOORS} & modules_of(option)


def test_a_verb_that_asks_the_database_loads_no_doors(cli: CommandLine) -> None:
    """Nor what changes its tables, as long as nothing has to be changed."""
    assert not OF_DOORS & modules_of("workspace", "list", "--data", str(cli.data))


@pytest.mark.parametrize("option", ["--version", "-V"])
def test_the_version_is_that_of_the_installed_program(cli: CommandLine, option: str) -> None:
    assert cli.run(option).stdout == f"likeness {VERSION}\n"


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("tokn", "token`?"),
        ("tokens list", "token list`?"),
        ("users frobnicate", "user`?"),
        ("workspace ls", "workspace list`?"),
        ("user get", "user show`?"),
        ("user lnk", "user link`?"),
        ("upgrade", "migrate`?"),
        ("token frobnicate", "There are: issue, list, revoke"),
        ("frobnicate", "There are: demo, serve, migrate, doctor"),
    ],
)
def test_a_verb_that_is_none_is_told_with_the_one_that_was_meant(
    cli: CommandLine, typed: str, meant: str
) -> None:
    """Or with all there are; that is wrong usage."""
    result = cli.run(*typed.split())

    assert result.exit_code == 2
    assert meant in result.stderr.replace("\n", "")
