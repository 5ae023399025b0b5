"""Lines are written as they always were, by what is set up when the first one comes."""

import logging
import subprocess
import sys
from collections.abc import Callable, Iterator

import pytest
from structlog.testing import capture_logs

from likeness.log import Log, set_up_later


@pytest.fixture
def lines() -> Iterator[list[str]]:
    """For what a handler of ours is given, and that it was set up; all is put back later."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield []
    root.handlers[:] = handlers
    root.setLevel(level)
    logging.getLogger("loud").setLevel(logging.NOTSET)


def setting_up(lines: list[str]) -> Callable[[], None]:
    """What sets up a log that writes to `lines`, from the level warning for a loud library."""

    class Handler(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            lines.append(record.getMessage())

    def set_up() -> None:
        lines.append("set up")
        logging.getLogger().handlers = [Handler()]
        logging.getLogger("loud").setLevel(logging.WARNING)

    return set_up


@pytest.mark.parametrize("level", ["info", "warning", "error"])
def test_a_line_has_its_facts(level: str) -> None:
    """As structlog takes them."""
    with capture_logs() as written:
        getattr(Log("likeness.x"), level)("it_happened", user_id="U1")

    assert written == [{"event": "it_happened", "log_level": level, "user_id": "U1"}]


def test_the_first_line_of_a_library_sets_the_log_up(lines: list[str]) -> None:
    """It is written too; the next one finds all as it is to be."""
    set_up_later(setting_up(lines))
    assert lines == []

    logging.getLogger("some.library").info("first")
    logging.getLogger("some.library").info("second")

    assert lines == ["set up", "first", "second"]


def test_our_first_line_sets_the_log_up(lines: list[str]) -> None:
    """Before it is written."""
    set_up_later(setting_up(lines))

    with capture_logs() as written:
        Log("likeness.x").info("first")
        Log("likeness.x").info("second")

    assert lines == ["set up"]
    assert [line["event"] for line in written] == ["first", "second"]


def test_lines_that_are_left_out_later_are_left_out_at_first(lines: list[str]) -> None:
    """The log knows which only when it is set up."""
    set_up_later(setting_up(lines))

    logging.getLogger("loud").info("first")
    logging.getLogger("loud").debug("first")

    assert lines == ["set up"]


def test_structlog_comes_with_the_first_line() -> None:
    """Not with the import."""
    code = "import sys, likeness.log; likeness.log.Log('x'); print('structlog' in sys.modules)"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert run.stdout == "False\n"
