"""How often the same outage is told."""

from likeness.db.outage import REASONS_MAX, REMIND_INTERVAL_S, Reminder


class Watch:
    """A clock that stands until it is moved."""

    now_s = 1000.0

    def __call__(self) -> float:
        """The time that it is."""
        return self.now_s


def test_a_reason_is_told_at_once_and_then_once_a_minute() -> None:
    """However often it is met: 120 times in a minute here."""
    watch = Watch()
    reminder = Reminder(watch)

    told = 0
    for _ in range(240):
        told += reminder.is_due("it is away")
        watch.now_s += 0.5

    assert 120 / REMIND_INTERVAL_S == told


def test_another_reason_is_told_at_once() -> None:
    """Each by itself, also where they take turns."""
    reminder = Reminder(Watch())

    assert [True, True, False, False] == [
        reminder.is_due(reason) for reason in ("away", "starting", "away", "starting")
    ]


def test_reasons_are_bounded() -> None:
    """Texts that are always new do not gather in memory."""
    reminder = Reminder(Watch())

    for number in range(REASONS_MAX * 3):
        assert reminder.is_due(str(number))

    assert len(reminder._told_at) <= REASONS_MAX
