"""What all verbs share: exit codes and where errors go."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Final
from unittest.mock import patch

import pytest

from likeness.app.service import Service
from likeness.cli.common import ask, columns
from likeness.errors import Mistake, ServiceUnavailable
from support.commands import CommandLine
from support.live import free_port
from support.patience import PATIENCE_S
from support.users import NOBODY, acting_as, folder_of

EMAIL: Final = "ada@example.org"
VERBS: Final = [
    ("workspace", "list"),
    ("user", "add", EMAIL),
    ("user", "deactivate", EMAIL),
    ("user", "link", EMAIL),
    ("token", "issue", EMAIL),
    ("token", "revoke", "xoxp-1"),
    ("address", "list", EMAIL),
    ("photo", "set", EMAIL, __file__),
    ("photo", "history", EMAIL),
    ("sweep",),
    ("check",),
]
"""One of each kind that needs an installation."""


def likeness(*words: str, **settings: str) -> subprocess.CompletedProcess[str]:
    """Run the command as a shell would."""
    own = {f"LIKENESS_{name.upper()}": value for name, value in settings.items()}
    command = [sys.executable, "-m", "likeness", *words]
    return subprocess.run(
        command,
        env=os.environ | own,
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE_S,
    )


def test_a_refusal_goes_to_stderr_with_exit_code_1(tmp_path: Path) -> None:
    """Nothing on stdout that a script could mistake for an answer."""
    CommandLine(tmp_path).json("migrate")

    run = likeness("token", "issue", "nobody@example.org", "--json", data=str(tmp_path))

    assert (run.returncode, run.stdout) == (1, "")
    assert run.stderr.startswith("error: ")
    assert "nobody@example.org" in run.stderr
    assert "Traceback" not in run.stderr


@pytest.mark.parametrize("words", VERBS, ids=str)
def test_a_verb_begins_no_second_installation(tmp_path: Path, words: tuple[str, ...]) -> None:
    """As with a slip in the folder: it names where it looked, and leaves nothing there."""
    result = CommandLine(tmp_path / "slip").run(*words)

    assert result.exit_code == 1
    assert f"there is no {tmp_path / 'slip/likeness.db'}" in str(result.exception)
    assert "LIKENESS_DATA" in str(result.exception)
    assert [] == list(tmp_path.iterdir())


@pytest.mark.parametrize("words", [("workspace", "add", "Acme"), ("migrate",)], ids=str)
def test_these_begin_one(tmp_path: Path, words: tuple[str, ...]) -> None:
    """The first line of the README is one of them; `serve` and `demo` are the others."""
    CommandLine(tmp_path / "new").json(*words)

    assert [] == CommandLine(tmp_path / "new").json("workspace", "list")[1:]


def test_a_verb_without_its_database_says_so_in_one_sentence(tmp_path: Path) -> None:
    """With where it looked and why; nothing else is on the screen."""
    port = free_port()
    address = f"postgresql://ada:open-sesame@127.0.0.1:{port}/acme"
    own = {"data": str(tmp_path), "database": address, "secret_key": "k" * 32}

    run = likeness("workspace", "list", **own)

    assert (run.returncode, run.stdout) == (1, "")
    [line] = run.stderr.splitlines()
    assert line.startswith(f"error: the database postgresql://ada@127.0.0.1:{port}/acme cannot be")
    assert "refused" in line
    assert "open-sesame" not in line


def test_a_database_that_goes_away_in_the_middle_is_told_to_operators(tmp_path: Path) -> None:
    """By its path, and not in the words that callers of the API hear."""
    line = CommandLine(tmp_path)
    line.json("workspace", "add", "Acme")

    async def question(_: Service) -> None:
        raise ServiceUnavailable("try again", reason=f"the disk of {tmp_path} is full")

    with (
        patch.dict(os.environ, {"LIKENESS_DATA": str(tmp_path)}),
        pytest.raises(Mistake, match=f"the disk of {tmp_path} is full"),
    ):
        ask(None, question)


def test_a_file_that_cannot_be_read_is_named_with_its_owner(public_path: Path) -> None:
    """Whatever verb stumbles over it."""
    folder = folder_of(NOBODY, public_path / "theirs")
    CommandLine(folder).json("workspace", "add", "Acme")
    (folder / "blobs").chmod(0o000)
    os.chown(folder / "secret.key", 0, 0)

    with acting_as(NOBODY):
        result = CommandLine(folder).run("workspace", "list")

    assert f"{folder / 'secret.key'} belongs to root (0)" in str(result.exception)


def test_an_error_of_the_system_is_a_sentence(tmp_path: Path) -> None:
    """No number, no class, no trace."""
    (tmp_path / "blobs").touch()

    run = likeness("workspace", "add", "Acme", data=str(tmp_path))

    assert run.returncode == 1
    assert run.stderr.startswith("error: ")
    assert f"{tmp_path / 'blobs'}" in run.stderr
    assert "Traceback" not in run.stderr


@pytest.mark.parametrize(
    "words",
    [("user", "show", "\udcff@x.org"), ("log", "\udcff"), ("photo", "undo", "\udcff")],
    ids=" ".join,
)
def test_a_word_in_another_encoding_is_told(tmp_path: Path, words: tuple[str, ...]) -> None:
    """As shells hand over what somebody copied from elsewhere."""
    CommandLine(tmp_path).json("workspace", "add", "Acme")

    run = likeness(*words, data=str(tmp_path))

    assert run.returncode == 1
    assert run.stderr.startswith("error: '\\udcff")
    assert "Traceback" not in run.stderr


def test_what_a_terminal_cannot_show_is_shown_by_its_number(tmp_path: Path) -> None:
    """It was done, and is told, in whatever encoding."""
    CommandLine(tmp_path).json("workspace", "add", "Acme")
    words = ("user", "add", "zofie@x.org", "--name", "\u017dofie")

    with patch.dict(os.environ, PYTHONIOENCODING="latin-1"):
        run = likeness(*words, data=str(tmp_path))

    assert (run.returncode, run.stderr) == (0, "")
    assert "\\u017dofie" in run.stdout


def test_wrong_usage_has_exit_code_2() -> None:
    """As shells expect."""
    run = likeness("token", "isue")

    assert run.returncode == 2
    assert run.stdout == ""


def test_wrong_settings_are_all_told_with_exit_code_2(tmp_path: Path) -> None:
    """Before anything is opened or made."""
    run = likeness("serve", data=str(tmp_path / "data"), port="http", workers="0")

    assert run.returncode == 2
    assert "LIKENESS_PORT" in run.stderr
    assert "LIKENESS_WORKERS" in run.stderr
    assert not (tmp_path / "data").exists()


def test_an_option_wins_over_the_environment(tmp_path: Path) -> None:
    """`--data` names the folder that is used."""
    run = likeness("workspace", "add", "A", "--data", str(tmp_path / "x"), data=str(tmp_path / "y"))

    assert run.returncode == 0, run.stderr
    assert (tmp_path / "x" / "likeness.db").is_file()
    assert not (tmp_path / "y").exists()


def test_columns_begin_at_one_place() -> None:
    """No line ends in spaces, and no rows are no lines."""
    assert columns([("a", "b", ""), ("long", "b", "c")]) == ["a     b", "long  b  c"]
    assert columns([]) == []
