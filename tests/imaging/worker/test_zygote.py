"""The zygote by itself: what it gives up, what it forks, and whom it never kills."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from likeness.imaging import wire
from likeness.imaging.pool.spawner import _ENVIRONMENT
from likeness.imaging.sandbox import Mode
from likeness.imaging.worker.zygote import NAME
from support.patience import PATIENCE_S


@dataclass
class Conversation:
    """A zygote, and the line to it."""

    process: subprocess.Popen[bytes]
    control: socket.socket

    def heard(self) -> dict[str, Any]:
        """Its next message."""
        message: dict[str, Any] = json.loads(self.control.recv(wire.CONTROL_LENGTH_MAX))
        return message

    def asked(self, message: dict[str, Any], *descriptors: int) -> dict[str, Any]:
        """Its answer."""
        socket.send_fds(self.control, [json.dumps(message).encode()], descriptors)
        return self.heard()


@pytest.fixture
def zygote() -> Iterator[Conversation]:
    """A zygote that has said hello."""
    ours, theirs = socket.socketpair()
    ours.settimeout(PATIENCE_S)
    command = [sys.executable, "-I", "-B", "-m", "likeness.imaging.worker.zygote", Mode.AUTO.value]
    with (
        theirs,
        ours,
        subprocess.Popen(
            command, stdin=theirs.fileno(), stdout=subprocess.DEVNULL, env=_ENVIRONMENT, cwd="/"
        ) as process,
    ):
        talk = Conversation(process, ours)
        hello = talk.heard()
        assert "landlock" in hello["layers"]
        assert hello["complaints"] == []
        yield talk
        process.kill()


def status_of(pid: int) -> dict[str, str]:
    """What the kernel says of a process."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return {name: value.strip() for name, _, value in (line.partition(":") for line in lines)}


def test_a_zygote_has_one_thread_and_no_rights(zygote: Conversation) -> None:
    """A process with threads could not be forked; one with rights would hand them on."""
    found = status_of(zygote.process.pid)

    assert found["Name"] == NAME
    assert found["Threads"] == "1"
    assert found["NoNewPrivs"] == "1"
    assert found["Seccomp"] == "2"
    if os.geteuid() == 0:
        assert set(found["Uid"].split()) == {"65534"}
        assert int(found["CapEff"], 16) == 0
    assert Path(f"/proc/{zygote.process.pid}/oom_score_adj").read_text().strip() == "900"


def test_it_forks_kills_and_reaps(zygote: Conversation) -> None:
    """Each worker greets on its own stream."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        pid = zygote.asked({"fork": True}, theirs.fileno())["pid"]
        head, _ = wire.receive(ours, 0, time.monotonic() + PATIENCE_S)
        assert "seccomp" in head["layers"]
        assert status_of(pid)["Seccomp"] == "2"

        assert zygote.asked({"end": pid}) == {"status": -signal.SIGKILL}
        assert zygote.asked({"end": pid}) == {"status": None}


def test_it_never_kills_a_stranger(zygote: Conversation) -> None:
    """A process id that it did not fork is unknown to it, whoever asks."""
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as stranger:
        assert zygote.asked({"end": stranger.pid}) == {"status": None}
        assert stranger.poll() is None
        stranger.kill()


def test_it_ends_when_nobody_asks_any_more(zygote: Conversation) -> None:
    """And so do its workers."""
    zygote.control.shutdown(socket.SHUT_RDWR)

    assert zygote.process.wait(PATIENCE_S) == 0


def test_a_zygote_whose_workers_would_read_the_wrong_formats_ends() -> None:
    """Before it says hello; here one of the loaders is closed."""
    code = (
        "import pyvips, likeness.imaging.worker.zygote as zygote\n"
        "zygote.process.prepare_libraries()\n"
        "pyvips.operation_block_set('VipsForeignLoadWebp', True)\n"
        "zygote.try_out(zygote.Mode.AUTO)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)

    assert done.returncode == 1
    assert "LoadersError" in done.stderr
