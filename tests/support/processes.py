"""The processes of a running service: who they are, what they weigh, and their sudden ends."""

import os
import re
import signal
from pathlib import Path
from typing import Final

import psutil

from likeness.imaging.worker.process import NAME as WORKER
from likeness.imaging.worker.zygote import NAME as ZYGOTE
from support import web
from support.live import LiveServer
from support.patience import comes_true

_PSS: Final = re.compile(r"^Pss:\s+(\d+) kB$", re.MULTILINE)
_DEATHS: Final = re.compile(
    r'^likeness_worker_deaths_total\{reason="([^"]+)"\} (\S+)$', re.MULTILINE
)


def tree(server: LiveServer) -> list[psutil.Process]:
    """The supervisor and everything below it, the supervisor first."""
    assert server.process
    try:
        supervisor = psutil.Process(server.process.pid)
        return [supervisor, *supervisor.children(recursive=True)]
    except psutil.NoSuchProcess:
        return []


def picture_workers(server: LiveServer) -> list[psutil.Process]:
    """The processes that decode pictures."""
    return [process for process in tree(server) if name_of(process) == WORKER]


def server_processes(server: LiveServer) -> list[psutil.Process]:
    """The processes that answer requests."""
    return [process for process in tree(server)[1:] if name_of(process) not in {WORKER, ZYGOTE}]


def own_workers() -> list[psutil.Process]:
    """The picture workers of this very process that run; not those of servers that it started."""
    own = [each for each in psutil.Process().children() if name_of(each) == ZYGOTE]
    return [worker for zygote in own for worker in _children(zygote) if _is_running(worker)]


def name_of(process: psutil.Process) -> str:
    """What a process calls itself, or "" when it is gone."""
    try:
        return str(process.name())
    except psutil.NoSuchProcess:
        return ""


def cut_down(processes: list[psutil.Process]) -> None:
    """Kill -9 for each, one directly after the other."""
    for process in processes:
        try:
            os.kill(process.pid, signal.SIGKILL)
        except ProcessLookupError:
            continue


def survivors(processes: list[psutil.Process]) -> list[psutil.Process]:
    """Those that never end; the dead that nobody reaped do not count."""
    left = list(processes)

    def are_gone() -> bool:
        left[:] = [process for process in left if _is_running(process)]
        return not left

    comes_true(are_gone)
    return left


def zombies(server: LiveServer) -> list[int]:
    """Dead children that the service forgot to reap, a moment after their death."""
    found: set[int] = {process.pid for process in tree(server)}

    def are_reaped() -> bool:
        found.intersection_update(each.pid for each in tree(server) if _is_zombie(each))
        return not found

    comes_true(are_reaped)
    return sorted(found)


def pss_mb(server: LiveServer) -> float:
    """Memory of the whole tree in MB, each shared page counted once."""
    return sum(_pss_kb(process.pid) for process in tree(server)) / 1000


def worker_deaths(server: LiveServer) -> dict[str, float]:
    """How many picture workers died of what, by the service's own figures."""
    text = web.get(f"{server.url}/metrics").text
    found = {reason: float(number) for reason, number in _DEATHS.findall(text)}
    return {reason: number for reason, number in found.items() if number}


def _pss_kb(pid: int) -> int:
    try:
        found = _PSS.search(Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii"))
    except (FileNotFoundError, ProcessLookupError):
        return 0
    return int(found[1]) if found else 0


def _children(process: psutil.Process) -> list[psutil.Process]:
    try:
        return list(process.children())
    except psutil.NoSuchProcess:
        return []


def _is_running(process: psutil.Process) -> bool:
    return process.is_running() and not _is_zombie(process)


def _is_zombie(process: psutil.Process) -> bool:
    try:
        return bool(process.status() == psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False
