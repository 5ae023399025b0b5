"""Processes that say that they are ready, that end instead, or that hang."""

import sys
import time
from subprocess import PIPE

import pytest

from support.starting import Started, ended_after

BRIEFLY_S = 0.05
"""How long these tests wait for a process that says nothing for ever."""


def python(code: str) -> list[str]:
    """The command that runs it."""
    return [sys.executable, "-c", code]


def test_the_first_line_is_given() -> None:
    """And the next ones are still there."""
    with Started(python("print('ready'); print('more')")) as process:
        assert process.first_line() == "ready"
        assert process.stdout
        assert process.stdout.read() == "more\n"


@pytest.mark.parametrize("last_words", ["", "rea"])
def test_the_complaints_of_a_process_that_ends_are_shown(last_words: str) -> None:
    """Half a line is none."""
    code = f"import sys; print({last_words!r}, end=''); sys.exit('no port')"
    with (
        Started(python(code)) as process,
        pytest.raises(AssertionError, match=f"exit code 1, no line: {last_words}\nno port"),
    ):
        process.first_line()


def test_a_process_that_hangs_is_ended() -> None:
    """With what it has complained of by then."""
    code = "import sys, time; print('no port', file=sys.stderr, flush=True); time.sleep(3600)"
    with Started(python(code)) as process:
        while not process.complaints():
            time.sleep(BRIEFLY_S)
        with pytest.raises(AssertionError, match="exit code -9, no line: \nno port"):
            process.first_line(BRIEFLY_S)


def test_a_process_that_says_what_is_read_goes_on() -> None:
    """The end that is planned for it is called off."""
    code = "import sys; print('ready', flush=True); sys.stdin.read()"
    with Started(python(code), stdin=PIPE) as process:
        with ended_after(process):
            assert process.first_line() == "ready"
        assert process.poll() is None
        process.communicate("")
        assert process.returncode == 0
