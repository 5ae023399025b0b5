"""Log lines: one shape, one stream, and nothing that can forge another line."""

import json
import logging
import logging.config
from collections.abc import Iterator

import pytest
import structlog

from likeness.app.logs import configure_logs, log_config


@pytest.fixture
def quiet_afterwards() -> Iterator[None]:
    """Put the root logger back as pytest had it."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()


@pytest.mark.usefixtures("quiet_afterwards")
def test_json_lines_hold_what_was_said(capsys: pytest.CaptureFixture[str]) -> None:
    """Ours and those of libraries, each one line on stderr, line breaks escaped."""
    configure_logs("json")

    structlog.get_logger("likeness").warning("photo_files_left", reason="a\nb\x1b[31m")
    logging.getLogger("some.library").error("it said %s", "no\r\nnext")

    captured = capsys.readouterr()
    ours, theirs = captured.err.splitlines()
    assert captured.out == ""
    assert json.loads(ours)["reason"] == "a\nb\x1b[31m"
    assert "\x1b" not in ours
    assert json.loads(theirs)["event"] == "it said no\r\nnext"


@pytest.mark.usefixtures("quiet_afterwards")
@pytest.mark.parametrize("level", ["debug", "info", "warning", "error"])
def test_what_is_below_the_level_is_left_out(
    level: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Of ours and of libraries; those that tell each request tell it at no level."""
    configure_logs("json", level)

    levels = ["debug", "info", "warning", "error"]
    for each in levels:
        getattr(structlog.get_logger("likeness"), each)("ours")
        getattr(logging.getLogger("some.library"), each)("theirs")
    logging.getLogger("httpx2").info("GET /?secret")

    told = [json.loads(line)["level"] for line in capsys.readouterr().err.splitlines()]
    assert told == [each for each in levels[levels.index(level) :] for _ in range(2)]


@pytest.mark.usefixtures("quiet_afterwards")
def test_console_lines_are_for_people(capsys: pytest.CaptureFixture[str]) -> None:
    """Words instead of braces."""
    configure_logs("console")

    structlog.get_logger("likeness").info("started", url="http://127.0.0.1")

    line = capsys.readouterr().err
    assert "started" in line
    assert "url=http://127.0.0.1" in line
    assert not line.startswith("{")


@pytest.mark.usefixtures("quiet_afterwards")
def test_an_exception_is_part_of_its_line(capsys: pytest.CaptureFixture[str]) -> None:
    """A traceback does not spill over lines that a collector would take apart."""
    configure_logs("json")

    structlog.get_logger("likeness").error("call_failed", exc_info=ValueError("what"))

    [line] = capsys.readouterr().err.splitlines()
    assert "ValueError: what" in json.loads(line)["exception"]


def test_auto_is_json_where_nobody_watches() -> None:
    """Pytest's stderr is no terminal."""
    processors = log_config("auto")["formatters"]["likeness"]["processors"]

    assert isinstance(processors[-1], structlog.processors.JSONRenderer)
