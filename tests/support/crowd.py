"""Several Python processes that begin their work at the same moment."""

import subprocess
import sys
from contextlib import ExitStack
from typing import Final

from support.patience import PATIENCE_S

_READY: Final = "ready\n"
WAIT_FOR_OTHERS: Final = f"print({_READY!r}, end='', flush=True); sys.stdin.readline()"
"""A line of a script, which imports `sys`, at which each process waits for the others."""


def outputs(count: int, script: str, *words: str) -> list[str]:
    """Run a script `count` times at once; what each printed after its wait. All must succeed."""
    command = [sys.executable, "-c", script, *words]
    with ExitStack() as stack:
        crowd = [stack.enter_context(_started(command)) for _ in range(count)]
        for process in crowd:
            assert process.stdout
            assert _READY == process.stdout.readline()
        for process in crowd:
            assert process.stdin
            process.stdin.write("\n")
            process.stdin.flush()
        printed = [process.communicate(timeout=PATIENCE_S)[0] for process in crowd]
    assert {0} == {process.returncode for process in crowd}
    return printed


def _started(command: list[str]) -> subprocess.Popen[str]:
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
