"""What anybody can cause is written once a minute, and counted meanwhile."""

from dataclasses import dataclass

from structlog.testing import capture_logs

from likeness.seldom import INTERVAL_S, Outage, RationedLog, SeldomLog


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


def test_an_outage_is_told_when_it_begins_while_it_lasts_and_when_it_ends() -> None:
    """With how long it lasted and how often it was met; two attempts a second for 100 s here."""
    clock = Seconds()
    outage = Outage("away", "back", clock, part="one")
    with capture_logs() as lines:
        outage.over()
        for _ in range(200):
            outage.met("it is stopped")
            clock.now_s += 0.5
        outage.over()
        outage.over()

    always = {"part": "one"}
    away = {"event": "away", "log_level": "warning", "reason": "it is stopped", **always}
    assert lines == [
        {**away, "lasted_s": 0.0, "times": 1},
        {**away, "lasted_s": INTERVAL_S, "times": 121},
        {"event": "back", "log_level": "info", "lasted_s": 100.0, "times": 200, **always},
    ]


def test_what_comes_and_goes_does_not_fill_the_log() -> None:
    """One beginning a minute, and its end; the next is told when it still lasts by then."""
    clock = Seconds()
    outage = Outage("away", "back", clock)
    with capture_logs() as lines:
        for _ in range(100):
            outage.met("busy")
            outage.over()
            clock.now_s += 0.1
        outage.met("stopped")
        clock.now_s += INTERVAL_S
        outage.met("stopped")
        outage.over()

    assert ["away", "back", "away", "back"] == [line["event"] for line in lines]
    assert (lines[-1]["lasted_s"], lines[-1]["times"]) == (INTERVAL_S, 2)


def test_lines_about_clients_are_rationed() -> None:
    """Enough to know one by, and not so many that they fill a disk, however many clients come."""
    clock = Seconds()
    log = RationedLog(lines_max=5, client_lines_max=3, clock=clock)
    with capture_logs() as lines:
        for client in ("a", "a", "a", "a", "b", *map(str, range(50))):
            log.warning("refused", client=client)
        clock.now_s += INTERVAL_S
        log.warning("refused", client="a", error="x")
        log.warning("refused", client="a")

    assert [line["client"] for line in lines] == ["a", "a", "a", "b", "0", "a", "a"]
    assert [line.get("left_out") for line in lines[3:]] == [1, None, 49, None]
    assert lines[-2]["error"] == "x"
    assert len(log._lines) == 1
