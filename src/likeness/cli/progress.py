"""A progress bar on standard error for verbs that take long, where that is a terminal.

Where nobody looks on, a verb that takes minutes may say it in plain lines.
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from rich.console import Console
from rich.progress import (
    BarColumn,
    DownloadColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeRemainingColumn,
)

LINES_FROM: Final = 100
"""Things to do, from which on a log is told how far a verb is."""


class Bar:
    """One bar, which first counts what there is to do and then how much of it is done."""

    def __init__(
        self, progress: Progress, label: str, *, listing: str, in_lines: bool = False
    ) -> None:
        self._progress = progress
        self._label = label
        self._task = progress.add_task(listing, total=None)
        self._in_lines = in_lines
        self._total = self._done = 0

    def listed(self, more: int) -> None:
        """Raise the total by the number of things found."""
        self._progress.advance(self._task, more)

    def expect(self, total: int, label: str = "") -> None:
        """Begin to count up to this total; `label` says of what, if that changes."""
        self._label = label or self._label
        self._progress.reset(self._task, total=total, description=self._label)
        self._total, self._done = total, 0

    def advance(self, more: int) -> None:
        """Advance by a number of things done. Any thread may call it."""
        self._progress.advance(self._task, more)
        before, self._done = self._done, self._done + more
        is_long = self._in_lines and self._total >= LINES_FROM
        if is_long and _tenths(before, self._total) < _tenths(self._done, self._total):
            self._print(f"{self._label}: {self._done} of {self._total}")

    def say(self, text: str) -> None:
        """Show a line above the bar, if there is one."""
        if not self._progress.disable:
            self._print(text)

    def _print(self, text: str) -> None:
        self._progress.console.print(text, highlight=False, markup=False, soft_wrap=True)


def _tenths(done: int, total: int) -> int:
    return 10 * done // max(total, 1)


@contextmanager
def bar(
    label: str,
    *,
    as_json: bool,
    in_bytes: bool = False,
    in_lines: bool = False,
    listing: str = "listing files",
) -> Iterator[Bar]:
    """A bar while the block runs; nothing is drawn for programs, or where nobody looks on.

    Until it is known how much there is to do, it says `listing`. With `in_lines` a line for each
    tenth is printed there instead, for a log.
    """
    counting = DownloadColumn() if in_bytes else MofNCompleteColumn()
    progress = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        counting,
        TimeRemainingColumn(),
        console=Console(stderr=True),
        transient=True,
        disable=as_json or not sys.stderr.isatty(),
    )
    with progress:
        says = in_lines and progress.disable and not as_json
        yield Bar(progress, label, listing=listing, in_lines=says)
