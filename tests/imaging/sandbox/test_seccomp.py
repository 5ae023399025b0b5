"""The filter as a program, interpreted here; what it does to a process is in test_attacks.py."""

import struct
from typing import Final

import pytest

from likeness.imaging.sandbox import seccomp
from likeness.imaging.sandbox.seccomp import ARCHITECTURES, program

OWN_PID: Final = 1234
ALLOW, KILL, EPERM, ENOSYS, ENOTTY = 0x7FFF0000, 0x80000000, 0x50001, 0x50026, 0x50019


def verdict(machine: str, call: int, *arguments: int, audit: int | None = None) -> int:
    """What the filter answers to a system call."""
    architecture = ARCHITECTURES[machine]
    padded = (*arguments, 0, 0, 0, 0, 0, 0)[:6]
    data = struct.pack("=IIQ6Q", call, audit or architecture.audit, 0, *padded)
    code, at, accumulator = program(architecture, OWN_PID), 0, 0
    while True:
        kind, if_true, if_false, value = struct.unpack_from("=HBBI", code, 8 * at)
        at += 1
        if kind == 0x20:
            [accumulator] = struct.unpack_from("=I", data, value)
        elif kind == 0x15:
            at += if_true if accumulator == value else if_false
        elif kind == 0x45:
            at += if_true if accumulator & value else if_false
        else:
            return int(value)


@pytest.mark.parametrize("machine", ARCHITECTURES)
@pytest.mark.parametrize(
    ("call", "arguments", "expected"),
    [
        ("futex", (), ALLOW),
        ("recvfrom", (), ALLOW),
        ("openat", (), EPERM),
        ("socket", (), EPERM),
        ("kill", (), EPERM),
        ("mmap", (0, 4096, 3), ALLOW),
        ("mmap", (0, 4096, 7), EPERM),
        ("mprotect", (0, 4096, 5), EPERM),
        ("clone", (0x3D0F00,), ALLOW),
        ("clone", (17,), EPERM),
        ("clone3", (), ENOSYS),
        ("fcntl", (3, 4), ALLOW),
        ("fcntl", (3, 8), EPERM),
        ("ioctl", (3, 0x5421), ALLOW),
        ("ioctl", (3, 0x5412), ENOTTY),
        ("prctl", (15,), ALLOW),
        ("prctl", (22,), EPERM),
        ("prlimit64", (0, 9, 0), ALLOW),
        ("prlimit64", (0, 9, 1), EPERM),
        ("prlimit64", (0, 9, 1 << 32), EPERM),
        ("prlimit64", (0, 0, 1), ALLOW),
        ("tgkill", (OWN_PID,), ALLOW),
        ("tgkill", (OWN_PID + 1,), KILL),
    ],
)
def test_a_call_has_its_verdict(
    machine: str, call: str, arguments: tuple[int, ...], expected: int
) -> None:
    """By its number there and, for some, by its arguments."""
    assert expected == verdict(machine, ARCHITECTURES[machine].calls[call], *arguments)


@pytest.mark.parametrize("machine", ARCHITECTURES)
def test_whatever_is_not_named_kills(machine: str) -> None:
    """Calls that are to come included."""
    named = set(ARCHITECTURES[machine].calls.values())

    assert {KILL} == {verdict(machine, call) for call in range(600) if call not in named}


def test_other_tables_kill() -> None:
    """Another architecture's, and x32, which numbers the same calls differently."""
    futex = ARCHITECTURES["x86_64"].calls["futex"]

    assert verdict("x86_64", futex, audit=0x40000003) == KILL
    assert verdict("x86_64", futex | 0x40000000) == KILL


def test_an_unknown_machine_has_no_filter(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is said, not guessed."""
    assert seccomp.is_available()
    monkeypatch.setattr(seccomp, "MACHINE", "riscv64")
    assert not seccomp.is_available()
