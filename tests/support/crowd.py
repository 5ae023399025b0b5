"""Several Python processes that begin their work at the same moment."""

import sys
from contextlib import ExitStack
from subprocess import PIPE
from typing import Final

from support.patience import PATIENCE_S
from support.starting import Started

_READY: Final = "ready"
WAIT_FOR_OTHERS: Final = f"print({_READY!r}, flush=True); sys.stdin.readline()"
"""A line of a script, which imports `sys`, at which each process waits for the others."""


def outputs(count: int, script: str, *words: str) -> list[str]:
    """Run a script `count` times at once; what each printed after its wait. All must succeed."""
    command = [sys.executable, "-c", script, *words]
    with ExitStack() as stack:
        crowd = [stack.enter_context(Started(command, stdin=PIPE)) for _ in range(count)]
        for process in crowd:
            assert _READY == process.first_line()
        for process in crowd:
            assert process.stdin
            process.stdin.write("\n")
            process.stdin.flush()
        printed = [process.communicate(timeout=PATIENCE_S)[0] for process in crowd]
        for process in crowd:
            assert process.returncode == 0, process.complaints()
    return printed
