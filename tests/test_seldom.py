"""What anybody can cause is written once a minute, and counted meanwhile."""

from dataclasses import dataclass

from structlog.testing import capture_logs

from likeness.seldom import INTERVAL_S, SeldomLog


@dataclass
class Seconds:
    """A clock that is moved by hand."""

    now_s: float = 1000.0

    def __call__(self) -> float:
        """The time that it is."""
        return self.now_s


def test_an_event_is_written_once_a_minute_with_what_was_left_out() -> None:
    """Each event by itself, with the facts of the time at which it is written."""
    clock = Seconds()
    log = SeldomLog(clock)

    with capture_logs() as lines:
        for number in range(3):
            log.warning("one", number=number)
        log.warning("other")
        clock.now_s += INTERVAL_S
        log.warning("one", number=4)
        clock.now_s += INTERVAL_S
        log.warning("one", number=5)

    told = [{name: line[name] for name in line if name != "log_level"} for line in lines]
    assert told == [
        {"event": "one", "number": 0},
        {"event": "other"},
        {"event": "one", "number": 4, "left_out": 2},
        {"event": "one", "number": 5},
    ]
    assert {"warning"} == {line["log_level"] for line in lines}
