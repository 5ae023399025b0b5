"""How far a long verb is: a bar on standard error, for people who look on at a terminal."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import (
    BarColumn,
    DownloadColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeRemainingColumn,
)


class Bar:
    """One bar, which first counts what there is to do and then how much of it is done."""

    def __init__(self, progress: Progress, label: str) -> None:
        self._progress = progress
        self._label = label
        self._task = progress.add_task("listing files", total=None)

    def listed(self, more: int) -> None:
        """So many more things were found."""
        self._progress.advance(self._task, more)

    def expect(self, total: int) -> None:
        """So much is to be done; counting begins."""
        self._progress.reset(self._task, total=total, description=self._label)

    def advance(self, more: int) -> None:
        """So much more was done. Any thread may say it."""
        self._progress.advance(self._task, more)


@contextmanager
def bar(label: str, *, as_json: bool, in_bytes: bool = False) -> Iterator[Bar]:
    """A bar while the block runs; nothing is drawn for programs, or where nobody looks on."""
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
        yield Bar(progress, label)
