"""What becomes of a check: each end of it is a finding, and one that hangs ends as well."""

import threading

import anyio
import pytest

from likeness.cli.finding import CaveatError, Finding, Level, aside, finding_of, in_time
from likeness.errors import Mistake, ServiceUnavailable


def found(error: Exception | None) -> Finding:
    """The finding of a check that raises an error, or ends well."""

    def look() -> str:
        if error is not None:
            raise error
        return "seen"

    return anyio.run(finding_of, "it", aside(look))


@pytest.mark.parametrize(
    ("error", "level", "detail"),
    [
        (None, Level.OK, "seen"),
        (CaveatError("soon"), Level.WARN, "soon"),
        (Mistake("mend it"), Level.BAD, "mend it"),
        (ServiceUnavailable("for callers", reason="for operators"), Level.BAD, "for operators"),
        (OSError(5, "Input/output error"), Level.BAD, "[Errno 5] Input/output error"),
        (ZeroDivisionError("a bug"), Level.BAD, "ZeroDivisionError: a bug"),
    ],
)
def test_each_end_of_a_check_is_a_finding(
    error: Exception | None, level: Level, detail: str
) -> None:
    finding = found(error)

    assert finding == Finding("it", level, detail)
    assert finding.is_well is (level is not Level.BAD)


def test_a_check_that_hangs_ends_with_what_its_silence_means(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Its thread is left alone: it belongs to nobody, and holds up no end of the process."""
    monkeypatch.setattr("likeness.cli.finding.ANSWER_TIMEOUT_S", 0.01)
    go_on = threading.Event()

    def hang() -> str:
        go_on.wait()
        return "too late"

    finding = anyio.run(finding_of, "it", in_time(aside(hang), Mistake("it says nothing")))
    left = [thread for thread in threading.enumerate() if "_settle" in thread.name]
    go_on.set()

    assert finding == Finding("it", Level.BAD, "it says nothing")
    assert [thread.daemon for thread in left] == [True]


def test_a_check_that_ends_in_time_keeps_what_it_saw() -> None:
    check = in_time(aside(lambda: "seen"), Mistake("it says nothing"))

    assert anyio.run(finding_of, "it", check).detail == "seen"
