"""Processes that print a line when they are ready, and what they complained of if they never are.

Nothing here waits for ever: a process that is silent for longer than tests have patience is killed,
and so whoever reads from it reads to its end.
"""

import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from threading import Timer
from types import TracebackType
from typing import Any

from support.patience import PATIENCE_S


class Started(subprocess.Popen[str]):
    """A process whose standard output is text for the test; what it complains of is kept."""

    def __init__(self, command: Sequence[str], **options: Any) -> None:
        self._complaints = tempfile.TemporaryFile()  # noqa: SIM115 - It lives as long as this does.
        super().__init__(
            command, stdout=subprocess.PIPE, stderr=self._complaints, text=True, **options
        )

    def first_line(self, patience_s: float = PATIENCE_S) -> str:
        """What it prints first, without the end of the line.

        Raises AssertionError with its complaints when it ends, or is killed, before it says more.
        """
        assert self.stdout
        with ended_after(self, patience_s):
            line = self.stdout.readline()
        if not line.endswith("\n"):
            self.kill()
            raise AssertionError(f"exit code {self.wait()}, no line: {line}\n{self.complaints()}")
        return line.removesuffix("\n")

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        super().__exit__(kind, error, traceback)
        self._complaints.close()

    def complaints(self) -> str:
        """Everything that it has written to its standard error so far."""
        self._complaints.seek(0)
        return self._complaints.read().decode(errors="replace")


@contextmanager
def ended_after(process: subprocess.Popen[str], patience_s: float = PATIENCE_S) -> Iterator[None]:
    """Kill a process that keeps the test waiting in this block for so long."""
    timer = Timer(patience_s, process.kill)
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
