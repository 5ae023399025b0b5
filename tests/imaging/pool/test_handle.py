"""The parent's end of a worker, against real workers and against impostors on the wire."""

import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest

from likeness.errors import BadImage
from likeness.imaging import wire
from likeness.imaging.formats import Probe
from likeness.imaging.plan import plan
from likeness.imaging.pool.handle import WorkerDeathError, WorkerHandle
from likeness.imaging.pool.spawner import Spawner
from likeness.imaging.sandbox import Mode
from likeness.imaging.worker.process import CPU_MARGIN_S
from likeness.model import Format
from support.developing import BLACK, LENIENT, planned
from support.patience import PATIENCE_S
from support.pictures import encode, gif, jpeg, photo, png

PICTURE = jpeg(64, 64)
PLAN = planned(PICTURE)


def soon(seconds: float = PATIENCE_S) -> float:
    """A deadline."""
    return time.monotonic() + seconds


@pytest.fixture
def worker() -> Iterator[WorkerHandle]:
    """A real worker."""
    spawner = Spawner(Mode.AUTO)
    made = spawner.worker()
    yield made
    made.close()
    spawner.close()


def test_a_worker_makes_one_picture_after_the_other(worker: WorkerHandle) -> None:
    """Named and typed by the plan, not by the worker."""
    for data in (PICTURE, png(64, 64), gif(64, 64), PICTURE):
        made = planned(data)

        renditions = worker.develop(data, made, soon()).files
        assert [(out.name, out.format) for out in made.outputs] == [
            (rendition.name, rendition.format) for rendition in renditions
        ]
    assert worker.pictures == 4


def test_a_refusal_leaves_the_worker_alive(worker: WorkerHandle) -> None:
    """The next picture is served by the same process."""
    data = encode(photo(64, 64), "PNG")
    with pytest.raises(BadImage, match="damaged"):
        worker.develop(data[:300], planned(data), soon())

    assert worker.develop(PICTURE, PLAN, soon())


def test_a_killed_worker_is_named_by_its_signal(worker: WorkerHandle) -> None:
    """In the middle of a picture that takes long enough."""
    big = gif(600, 600, 60)
    threading.Timer(0.3, os.kill, (worker.pid, signal.SIGKILL)).start()

    with pytest.raises(WorkerDeathError, match="SIGKILL"):
        worker.develop(big, planned(big), soon())
    assert not worker.is_alive()


def test_a_worker_that_hangs_is_ended_at_the_deadline(worker: WorkerHandle) -> None:
    """Stopped by a signal it neither answers nor reads; both ways end."""
    os.kill(worker.pid, signal.SIGSTOP)

    with pytest.raises(WorkerDeathError, match="deadline"):
        worker.develop(PICTURE, PLAN, soon(0.3))
    assert not worker.is_alive()


def test_a_worker_that_does_not_read_is_ended_at_the_deadline(worker: WorkerHandle) -> None:
    """An upload that is longer than what the socket holds."""
    os.kill(worker.pid, signal.SIGSTOP)

    with pytest.raises(WorkerDeathError, match="deadline"):
        worker.develop(bytes(10**7), PLAN, soon(0.3))


@dataclass
class ProcessKeeper:
    """Ends a process that no zygote forked."""

    process: subprocess.Popen[bytes]

    def end(self, pid: int) -> int:
        """As the zygote does."""
        assert pid == self.process.pid
        self.process.kill()
        return self.process.wait()


Answer = Callable[[socket.socket], None]


def answering(answer: Answer) -> WorkerHandle:
    """A handle on an impostor, which reads a job and then answers as it likes."""
    ours, theirs = socket.socketpair()

    def serve() -> None:
        with theirs:
            wire.receive(theirs, 10**7)
            answer(theirs)

    threading.Thread(target=serve).start()
    process = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    return WorkerHandle(process.pid, ours, ProcessKeeper(process))


def files(*data: bytes) -> Answer:
    """An answer of the right form."""
    return lambda stream: wire.send(stream, {}, list(data))


GOOD = [encode(photo(side, side), "JPEG") for side in (24, 32, 48, 64)]


@pytest.mark.parametrize(
    "answer",
    [
        lambda stream: stream.sendall(b"\x7f" * 5000),
        lambda stream: stream.sendall(b"\0\0\0\x02{}"),
        files(),
        files(*GOOD[:3]),
        files(*GOOD, GOOD[0]),
        files(GOOD[1], *GOOD[1:]),
        files(encode(photo(24, 24), "PNG"), *GOOD[1:]),
        files(b"<script>alert(1)</script>", *GOOD[1:]),
        files(GOOD[0], GOOD[1] + bytes(200_000), *GOOD[2:]),
        files(gif(24, 24, 2), *GOOD[1:]),
    ],
)
def test_nothing_that_a_worker_says_is_believed(answer: Answer) -> None:
    """Garbage, too few, too many, another size, another format, no picture, too long, moving."""
    impostor = answering(answer)
    with pytest.raises(WorkerDeathError, match="garbled"):
        impostor.develop(PICTURE, PLAN, soon())

    assert not impostor.is_alive()


def test_what_is_right_is_accepted_from_whomever() -> None:
    """The impostor's answers above fail for their reason, not for the impostor."""
    impostor = answering(files(*GOOD))

    assert [r.data for r in impostor.develop(PICTURE, PLAN, soon()).files] == GOOD
    impostor.close()


def test_whether_pixels_use_their_alpha_is_the_workers_to_say() -> None:
    """A WebP that is seen to be opaque becomes a JPEG; both are checked to the pixel."""
    source = Probe(Format.WEBP, 64, 64, has_alpha=True)
    may_be_clear = plan(source, None, LENIENT, letterbox_rgb=BLACK)
    impostor = answering(lambda stream: wire.send(stream, {"is_opaque": True}, GOOD))

    reply = impostor.develop(PICTURE, may_be_clear, soon())
    assert reply.is_opaque
    assert {made.format for made in reply.files} == {Format.JPEG}
    impostor.close()


@pytest.mark.parametrize("said", [False, 1, "yes", None])
def test_only_true_is_opaque(said: object) -> None:
    """Anything else leaves the plan as it was, whose files would be PNGs."""
    source = Probe(Format.WEBP, 64, 64, has_alpha=True)
    may_be_clear = plan(source, None, LENIENT, letterbox_rgb=BLACK)
    impostor = answering(lambda stream: wire.send(stream, {"is_opaque": said}, GOOD))

    with pytest.raises(WorkerDeathError, match="garbled"):
        impostor.develop(PICTURE, may_be_clear, soon())


def test_what_has_no_alpha_cannot_become_more_opaque() -> None:
    """The plan stands, whatever is said."""
    impostor = answering(lambda stream: wire.send(stream, {"is_opaque": True}, GOOD))

    assert not impostor.develop(PICTURE, PLAN, soon()).is_opaque
    impostor.close()


def test_a_sentence_of_the_worker_is_cut() -> None:
    """It reaches the caller."""
    impostor = answering(lambda stream: wire.send(stream, {"refusal": "no " * 1000}, []))
    with pytest.raises(BadImage) as caught:
        impostor.develop(PICTURE, PLAN, soon())

    assert len(caught.value.message) == 200
    impostor.close()


def test_a_worker_that_exits_is_named_by_its_status() -> None:
    """The socket tells that it is gone, the process why."""
    ours, theirs = socket.socketpair()
    theirs.close()
    process = subprocess.Popen([sys.executable, "-c", "raise SystemExit(7)"])
    process.wait()

    with pytest.raises(WorkerDeathError, match="exit 7"):
        WorkerHandle(process.pid, ours, ProcessKeeper(process)).develop(PICTURE, PLAN, soon())


def test_a_picture_has_a_budget_of_cpu(worker: WorkerHandle) -> None:
    """Each anew, whatever the worker computed before; it counts in whole seconds."""
    worker.develop(PICTURE, PLAN, soon())
    spent_s = sum(psutil.Process(worker.pid).cpu_times()[:2])

    limits = Path(f"/proc/{worker.pid}/limits").read_text()
    [(soft, hard)] = re.findall(r"Max cpu time +(\S+) +(\S+)", limits)
    assert PATIENCE_S - 60 <= int(soft) <= PATIENCE_S + CPU_MARGIN_S + spent_s + 1
    assert hard == "unlimited"


@pytest.mark.parametrize(
    ("said", "focus"),
    [
        ([500, 300], (500, 300)),
        ([0, 1000], (0, 1000)),
        (None, None),
        ([1001, 0], None),
        ([-1, 0], None),
        ([1.5, 2], None),
        ([1], None),
        ("12", None),
        ({"x": 1}, None),
    ],
)
def test_a_suggestion_is_two_numbers_within_bounds_or_none(
    said: object, focus: tuple[int, int] | None
) -> None:
    """Whatever else it is, the files are judged by themselves."""
    impostor = answering(lambda stream: wire.send(stream, {"focus": said}, GOOD))

    assert impostor.develop(PICTURE, PLAN, soon()).focus == focus
    impostor.close()
