"""Figures of several processes in one memory."""

import os

import pytest

from likeness.figures import Board, Family, Kind, Sheet

CALLS = Family("calls", "Calls.", Kind.COUNTER, ("result",), (("ok",), ("refused",)))
BUSY = Family("busy", "Busy.", Kind.SUM)
HEARS = Family("hears", "Hears.", Kind.LEAST)
SWEPT = Family("swept", "Swept.", Kind.LATEST)
PEOPLE = Family("people", "People.", Kind.SHARED)
SECONDS = Family("seconds", "Seconds.", Kind.HISTOGRAM, bounds=(0.1, 1.0))
ALL = (CALLS, BUSY, HEARS, SWEPT, PEOPLE, SECONDS)


def totals(board: Board, family: Family) -> list[list[float]]:
    """The figures of each series."""
    return [figures for _, figures in board.totals(family)]


def test_figures_of_processes_are_added_up_as_their_kind_says() -> None:
    """Each kind has a meaning of its own when there are several."""
    board = Board(ALL, sheets=2)
    first, second = (board.sheet(board.take()) for _ in range(2))
    for sheet, number in ((first, 1.0), (second, 2.0)):
        for family in (BUSY, HEARS, SWEPT, PEOPLE):
            sheet.set(family, number)
        sheet.add(CALLS, ("ok",), number)

    assert totals(board, CALLS) == [[3.0], [0.0]]
    assert totals(board, BUSY) == [[3.0]]
    assert totals(board, HEARS) == [[1.0]]
    assert totals(board, SWEPT) == [[2.0]]
    assert totals(board, PEOPLE) == [[2.0]]


def test_what_a_process_counted_outlives_it() -> None:
    """Its successor counts on from there; of its gauges nothing stays."""
    board = Board(ALL, sheets=2)
    numbers = [board.take(), board.take()]
    dying = board.sheet(numbers[0])
    dying.add(CALLS, ("ok",), 5)
    dying.set(BUSY, 3)
    dying.set(SWEPT, 7)
    board.sheet(numbers[1]).set(HEARS, 1)

    board.give_back(numbers[0])
    assert totals(board, CALLS)[0] == [5.0]
    assert (totals(board, BUSY), totals(board, HEARS)) == ([[0.0]], [[1.0]])
    assert totals(board, SWEPT) == [[7.0]]

    assert board.take() == numbers[0]
    heir = board.sheet(numbers[0])
    heir.add(CALLS, ("ok",))
    assert heir.get(CALLS, ("ok",)) == 6.0
    assert totals(board, BUSY) == [[0.0]]


def test_a_histogram_counts_a_value_in_one_bucket() -> None:
    """A value that is a bound is not above it. The last cell is the sum."""
    sheet = Sheet.alone(SECONDS)
    for value in (0.05, 0.1, 0.5, 30.0):
        sheet.observe(SECONDS, value)

    assert totals(sheet.board, SECONDS) == [[2.0, 1.0, 1.0, pytest.approx(30.65)]]


def test_there_are_no_more_sheets_than_were_asked_for() -> None:
    """Nor series than were declared: the memory does not grow."""
    board = Board(ALL, sheets=1)
    sheet = board.sheet(board.take())

    with pytest.raises(IndexError, match="every sheet"):
        board.take()
    with pytest.raises(KeyError):
        sheet.add(CALLS, ("invented",))
    assert board.processes() == [os.getpid()]
    board.give_back(1)
    assert board.processes() == []
    assert totals(board, BUSY) == [[0.0]]


def test_a_forked_process_writes_where_its_parent_reads() -> None:
    """Also when it is killed in the middle of its work."""
    board = Board(ALL, sheets=1)
    number = board.take()
    hears, tells = os.pipe()
    child = os.fork()
    if child == 0:
        sheet = board.sheet(number)
        for _ in range(1000):
            sheet.add(CALLS, ("ok",))
        os.write(tells, b"done")
        os.kill(os.getpid(), 9)
    assert os.read(hears, 4) == b"done"
    os.waitpid(child, 0)
    os.close(hears)
    os.close(tells)

    assert totals(board, CALLS)[0] == [1000.0]
