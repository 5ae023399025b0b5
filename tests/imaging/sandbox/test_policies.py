"""What zygote and workers may ask for, call by call; test_attacks.py tells what it holds off."""

import signal
from typing import Final

import pytest

from likeness.imaging.sandbox import policies
from likeness.imaging.sandbox.calls import ARCHITECTURES
from support.filters import ALLOW, ENOSYS, ENOTTY, EPERM, KILL, verdict

OWN_PID: Final = 1234
FORK, THREAD = 0x1200011, 0x3D0F00
"""The flags of clone with which glibc forks and starts threads."""


@pytest.mark.parametrize("machine", ARCHITECTURES)
@pytest.mark.parametrize(
    ("call", "arguments", "expected"),
    [
        ("futex", (), ALLOW),
        ("recvfrom", (), ALLOW),
        ("recvmsg", (), KILL),
        ("seccomp", (), KILL),
        ("wait4", (), KILL),
        ("openat", (), EPERM),
        ("socket", (), EPERM),
        ("kill", (OWN_PID, signal.SIGKILL), EPERM),
        ("mmap", (0, 4096, 3), ALLOW),
        ("mmap", (0, 4096, 7), EPERM),
        ("mprotect", (0, 4096, 5), EPERM),
        ("clone", (THREAD,), ALLOW),
        ("clone", (FORK,), EPERM),
        ("clone3", (), ENOSYS),
        ("fcntl", (3, 4), ALLOW),
        ("fcntl", (3, 8), EPERM),
        ("ioctl", (3, 0x5421), ALLOW),
        ("ioctl", (3, 0x5412), ENOTTY),
        ("prctl", (15,), ALLOW),
        ("prctl", (1,), EPERM),
        ("prctl", (22,), EPERM),
        ("prlimit64", (0, 9, 0), ALLOW),
        ("prlimit64", (0, 9, 1), EPERM),
        ("prlimit64", (0, 9, 1 << 32), EPERM),
        ("prlimit64", (0, 0, 1), ALLOW),
        ("tgkill", (OWN_PID,), ALLOW),
        ("tgkill", (OWN_PID + 1,), KILL),
    ],
)
def test_a_worker_decodes_and_nothing_else(
    machine: str, call: str, arguments: tuple[int, ...], expected: int
) -> None:
    """Memory, threads and the time; its budget of CPU is the one limit that it may set."""
    number = ARCHITECTURES[machine].calls[call]

    assert expected == verdict(policies.worker(OWN_PID), machine, number, *arguments)


@pytest.mark.parametrize("machine", ARCHITECTURES)
@pytest.mark.parametrize(
    ("call", "arguments", "expected"),
    [
        ("recvmsg", (), ALLOW),
        ("wait4", (), ALLOW),
        ("pselect6", (), ALLOW),
        ("seccomp", (), ALLOW),
        ("openat", (), EPERM),
        ("socket", (), EPERM),
        ("connect", (), EPERM),
        ("clone", (FORK,), ALLOW),
        ("clone", (THREAD,), ALLOW),
        ("clone", (0x10000000 | FORK,), EPERM),
        ("clone", (0x2000 | FORK,), EPERM),
        ("clone", (0x8000 | FORK,), EPERM),
        ("clone3", (), ENOSYS),
        ("kill", (OWN_PID, signal.SIGKILL), ALLOW),
        ("kill", (OWN_PID, signal.SIGTERM), EPERM),
        ("kill", (0, signal.SIGKILL), EPERM),
        ("kill", (2**32 - 1, signal.SIGKILL), EPERM),
        ("tgkill", (OWN_PID, OWN_PID, signal.SIGABRT), ALLOW),
        ("tgkill", (OWN_PID, OWN_PID, signal.SIGTERM), KILL),
        ("prctl", (15,), ALLOW),
        ("prctl", (1,), ALLOW),
        ("prctl", (4,), EPERM),
        ("prlimit64", (0, 9, 1), ALLOW),
        ("prlimit64", (OWN_PID, 9, 1), EPERM),
        ("mmap", (0, 4096, 7), EPERM),
    ],
)
def test_a_zygote_forks_and_nothing_else(
    machine: str, call: str, arguments: tuple[int, ...], expected: int
) -> None:
    """It is asked, forks, gives a descriptor away, ends what it forked."""
    number = ARCHITECTURES[machine].calls[call]

    assert expected == verdict(policies.zygote(), machine, number, *arguments)


def test_a_worker_needs_nothing_that_its_zygote_lacks() -> None:
    """It inherits the zygote's filter, which is asked first."""
    ours, above = policies.worker(OWN_PID), policies.zygote()

    assert set(ours.freely) <= set(above.freely)
    assert set(ours.depending) <= set(above.depending)
