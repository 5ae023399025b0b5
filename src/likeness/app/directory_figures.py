"""Figures about the directory: how its runs ended, and when the last good one was."""

from typing import Final

from likeness.figures import Family, Kind, Labels

DONE: Final[Labels] = ("done",)
FAILED: Final[Labels] = ("failed",)

RUNS: Final = Family(
    "likeness_directory_runs",
    "Runs that read the directory of the settings: done, or failed, which the log has reasons of.",
    Kind.COUNTER,
    ("result",),
    (DONE, FAILED),
)
READ_AT: Final = Family(
    "likeness_last_directory_read_timestamp_seconds",
    "When this node ended its last run that was done. Nodes take turns: look at the latest of all.",
    Kind.LATEST,
)
FAMILIES: Final = (RUNS, READ_AT)
