"""Starting and stopping server processes: signals, the wait between them, and exit codes."""

import signal
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from support import web
from support.live import LiveServer
from support.patience import PATIENCE_S, wait_until
from support.processes import cut_down, server_processes, survivors, tree

LONG_S = 600
"""Far above our patience: what ends before was told to."""

CONNECTIONS = 24
"""See tests/app/test_workers.py: enough to reach each of two processes."""


@pytest.fixture
def patient(tmp_path: Path) -> Iterator[LiveServer]:
    """Two server processes that would serve on for minutes."""
    with LiveServer(tmp_path, {"WORKERS": "2", "SHUTDOWN_DELAY_S": str(LONG_S)}) as server:
        yield server
        if server.process and server.process.poll() is None:
            server.kill()
        server.process = None


def exit_code(server: LiveServer) -> int:
    """Wait for its end."""
    assert server.process
    return server.process.wait(PATIENCE_S)


def readiness(server: LiveServer) -> set[int]:
    """What `/readyz` says on many connections."""
    return {web.get(f"{server.url}/readyz").status_code for _ in range(CONNECTIONS)}


@pytest.mark.slow
@pytest.mark.parametrize("second", [signal.SIGTERM, signal.SIGINT])
def test_it_serves_on_until_a_second_signal(patient: LiveServer, second: signal.Signals) -> None:
    """Every process says that it is about to stop, and still answers; the end is no failure."""
    everybody = tree(patient)
    kept = web.Client(base_url=patient.url)
    assert kept.get("/healthz").headers["connection"] == "keep-alive"
    assert {200} == readiness(patient)
    assert patient.process

    patient.process.send_signal(signal.SIGTERM)

    wait_until(lambda: {503} == readiness(patient))
    last = kept.get("/healthz")
    assert (last.status_code, last.headers["connection"]) == (200, "close")
    patient.process.send_signal(second)
    assert exit_code(patient) == 0
    assert survivors(everybody) == []


@pytest.mark.slow
def test_it_waits_for_as_long_as_it_is_told(tmp_path: Path) -> None:
    """And not for nobody: without server processes there is nothing to wait for."""
    with LiveServer(tmp_path, {"SHUTDOWN_DELAY_S": "2"}) as server:
        assert server.process
        began = time.monotonic()
        server.process.send_signal(signal.SIGTERM)
        assert exit_code(server) == 0
        assert time.monotonic() - began >= 2

        server.settings["SHUTDOWN_DELAY_S"] = str(LONG_S)
        server.start()
        server.process.send_signal(signal.SIGTERM)
        cut_down(server_processes(server))
        assert exit_code(server) == 0
        server.process = None


@pytest.mark.slow
def test_processes_that_keep_dying_end_the_service(tmp_path: Path) -> None:
    """The first death is mended; a second at once is for the service manager to see."""
    with LiveServer(tmp_path) as server:
        assert server.process
        while server.process.poll() is None:
            cut_down(server_processes(server))

        assert exit_code(server) == 1
        assert survivors(tree(server)) == []
        server.process = None


@pytest.mark.slow
@pytest.mark.parametrize("workers", ["1", "2"])
def test_all_processes_are_renewed_without_a_lost_request(tmp_path: Path, workers: str) -> None:
    """SIGHUP: each makes way for a new one, once that answers; readers notice nothing."""
    with LiveServer(tmp_path, {"WORKERS": workers}) as server:
        assert server.process
        before = {process.pid for process in server_processes(server)}
        over, asked, answered = threading.Event(), Counter[int](), Counter[int]()

        def read(number: int) -> None:
            while not over.is_set():
                with web.Client(base_url=server.url) as client:
                    for _ in range(5):
                        asked[number] += 1
                        assert client.get("/readyz").status_code == 200
                        answered[number] += 1

        with ThreadPoolExecutor(4) as pool:
            jobs = [pool.submit(read, number) for number in range(4)]
            server.process.send_signal(signal.SIGHUP)
            wait_until(lambda: not before & {each.pid for each in server_processes(server)})
            over.set()
            for job in jobs:
                job.result()

        assert int(workers) == len(server_processes(server))
        assert asked == answered


def test_without_a_delay_it_stops_at_once(tmp_path: Path) -> None:
    """The default, with no process left behind."""
    with LiveServer(tmp_path) as server:
        everybody = tree(server)
        assert server.process

        server.process.send_signal(signal.SIGTERM)

        assert exit_code(server) == 0
        assert survivors(everybody) == []
        server.process = None
