"""What monitors are told of the directory; tests/app/test_directory.py has when."""

from likeness.app.directory_figures import DONE, FAMILIES, READ_AT, RUNS
from likeness.app.metrics import exposition
from likeness.figures import Board


def test_runs_are_told_from_the_start() -> None:
    """A figure that appears with the first failure has no increase that an alert could see."""
    board = Board(FAMILIES)
    sheet = board.sheet(board.take())
    sheet.add(RUNS, DONE)
    sheet.set(READ_AT, 60)
    told = exposition(board).decode()

    assert 'likeness_directory_runs_total{result="done"} 1.0' in told
    assert 'likeness_directory_runs_total{result="failed"} 0.0' in told
    assert "likeness_last_directory_read_timestamp_seconds 60.0" in told
