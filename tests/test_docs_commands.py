"""The page of the command line: its words are the program's, and real shells complete them."""

import os
import pty
import shutil
import subprocess
import sys
import termios
import time
from collections.abc import Iterator
from pathlib import Path
from select import select
from typing import Any, Final

import pytest

from likeness.cli.verbs import VERBS, loaded
from likeness.config import Config, variable
from support.docs import example
from support.patience import PATIENCE_S

PAGE: Final = "docs/reference/commands.md"
TABS: Final = {"bash": 1, "zsh": 2, "fish": 1}
"""How often the tab key is pressed the first time: in zsh the first one only loads the function."""

SAID_BY_UNHIDE: Final = "Let somebody be found by the hashes of their addresses again."
FRESH_ZSH: Final = "zstyle ':completion:*' menu no\n"
"""Without any file of settings zsh asks a new user what it should write into one."""


def verbs() -> Iterator[tuple[str, Any]]:
    """Every verb that does something, with its name."""
    for name in VERBS:
        command = loaded(name)
        inner = getattr(command, "commands", None)
        yield from [(name, command)] if inner is None else inner.items()


def test_everything_that_can_be_typed_says_what_it_is_for() -> None:
    """In a sentence of its own."""
    silent = [
        f"{name} {each.name}"
        for name, command in verbs()
        for each in command.params
        if not (each.help or "").endswith(".")
    ]

    assert silent == [], "give these a help that is a sentence, in src/likeness/cli"


def test_an_option_that_a_setting_has_too_names_its_variable() -> None:
    """It may be given either way, and both have to be found."""
    without = [
        f"{name} {each.opts[0]}: in place of {variable(each.name)}."
        for name, command in verbs()
        for each in command.params
        if each.name in Config.model_fields and variable(each.name) not in each.help
    ]

    assert without == [], "end the help of these options with these words"


def environment(home: Path, shell: str) -> dict[str, str]:
    """That of somebody whose home directory is empty, and who has likeness in their PATH."""
    inherited = {
        name: value for name, value in os.environ.items() if name[:3] not in {"XDG", "LIK"}
    }
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    return inherited | {"HOME": str(home), "PATH": path, "SHELL": shell, "TERM": "xterm"}


def run_in(shell: str, command: str, home: Path) -> str:
    """What a command prints, run by a shell."""
    # Another command comes after it, or the shell would make way for it instead of starting it.
    words = [shell, "-c", f"{command.strip()} && true"]
    run = subprocess.run(
        words, env=environment(home, shell), capture_output=True, text=True, check=True
    )
    return run.stdout


def typed_at(shell: str, keys: str, home: Path) -> Iterator[str]:
    """Type into a shell at a terminal of its own; gives what it shows, more each time."""
    ours, theirs = pty.openpty()
    termios.tcsetwinsize(theirs, (50, 200))
    with subprocess.Popen(
        ["setsid", "--ctty", shell, "-i"],
        env=environment(home, shell),
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        cwd=home,
    ) as process:
        os.close(theirs)
        try:
            os.write(ours, keys.encode())
            shown, deadline = "", time.monotonic() + PATIENCE_S
            while time.monotonic() < deadline:
                if select([ours], [], [], PATIENCE_S)[0]:
                    shown += os.read(ours, 4096).decode(errors="replace")
                yield shown
        finally:
            process.kill()
            os.close(ours)


@pytest.mark.slow
@pytest.mark.parametrize("shell", TABS)
def test_the_tab_key_completes_what_the_page_installs(shell: str, tmp_path: Path) -> None:
    """Verbs that were not loaded before: the second word, and an option of it, are completed."""
    if not (found := shutil.which(shell)):
        pytest.skip(f"{shell} is not installed")
    (tmp_path / ".zshrc").write_text(FRESH_ZSH)

    told = run_in(found, example("install-completion", PAGE), tmp_path)
    tabs = "\t" * TABS[shell]
    screens = typed_at(found, f"likeness user unh{tabs} --hel\t\n", tmp_path)

    assert f"{shell} completion installed in {tmp_path}" in told.replace("\n", " ")
    assert any(SAID_BY_UNHIDE in screen for screen in screens)


def test_the_scripts_of_all_shells_can_be_printed(tmp_path: Path) -> None:
    """By commands that no shell has to be recognised for."""
    lines = example("show-completion", PAGE).strip().splitlines()
    scripts = [run_in(shutil.which("sh") or "sh", line, tmp_path) for line in lines]

    for shell, script in zip(TABS, scripts, strict=True):
        assert f"_LIKENESS_COMPLETE=complete_{shell}" in script
