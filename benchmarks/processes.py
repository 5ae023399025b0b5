"""What a tree of processes costs: CPU time, ended children included, and memory."""

import os
import platform
import re
import resource
import socket
from pathlib import Path
from typing import Final

import psutil

CORES: Final = 2
"""Everything is kept on this many cores, the load too, so that bigger machines compare."""


def tree(root: psutil.Process) -> list[psutil.Process]:
    """The process and all below it."""
    return [root, *root.children(recursive=True)]


def cpu_s(processes: list[psutil.Process]) -> float:
    """User and system time of all `processes` so far, with that of children that ended."""
    return sum(_cpu_s(process) for process in processes)


def pss_bytes(processes: list[psutil.Process]) -> int:
    """Memory of all `processes`, each shared page divided among those who share it."""
    return sum(_pss_bytes(process.pid) for process in processes)


def children_cpu_s() -> float:
    """User and system time of the children of this process that ended, and of theirs."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def cpu_model() -> str:
    """What the machine calls its processor."""
    found = re.search(r"^model name\s*: (.+)$", Path("/proc/cpuinfo").read_text(), re.MULTILINE)
    return found[1] if found else platform.machine()


def own_pss_bytes() -> int:
    """Memory of the process that asks."""
    return _pss_bytes(os.getpid())


def _cpu_s(process: psutil.Process) -> float:
    try:
        times = process.cpu_times()
    except psutil.NoSuchProcess:
        return 0.0  # It ended just now; its parent's account of ended children has it.
    return float(sum(times[:4]))  # User, system, and both of the children that ended.


def _pss_bytes(pid: int) -> int:
    try:
        rollup = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii")
    except (FileNotFoundError, ProcessLookupError):
        return 0  # It ended just now.
    found = re.search(r"^Pss:\s+(\d+) kB$", rollup, re.MULTILINE)
    return int(found[1]) * 1024 if found else 0


def free_port() -> int:
    """A port of the loopback address that nobody listens at now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
