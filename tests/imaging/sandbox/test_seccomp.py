"""A policy as a program, interpreted here; what it does to a process is in test_attacks.py."""

import pytest

from likeness.imaging.sandbox import seccomp
from likeness.imaging.sandbox.calls import ARCHITECTURES
from likeness.imaging.sandbox.seccomp import (
    ALLOWED,
    DENIED,
    KILLED,
    Policy,
    argument,
    if_any_bit,
    if_equal,
    if_one_of,
    unless_equal,
)
from support.filters import ALLOW, EPERM, KILL, verdict

POLICY = Policy(
    ("read", "open"),
    ("write",),
    {
        "close": [argument(1), *if_one_of((3, 5), ALLOWED), KILLED],
        "lseek": [argument(0), *unless_equal(7, [DENIED]), ALLOWED],
        "fstat": [argument(2, high=True), *if_any_bit(0b110, [DENIED]), ALLOWED],
        "exit": [argument(0), *if_equal(9, [KILLED]), ALLOWED],
    },
)


@pytest.mark.parametrize("machine", ARCHITECTURES)
@pytest.mark.parametrize(
    ("call", "arguments", "expected"),
    [
        ("read", (), ALLOW),
        ("write", (), EPERM),
        ("munmap", (), KILL),
        ("close", (0, 3), ALLOW),
        ("close", (0, 5), ALLOW),
        ("close", (3, 4), KILL),
        ("lseek", (7,), ALLOW),
        ("lseek", (6,), EPERM),
        ("fstat", (0, 0, 4 << 32), EPERM),
        ("fstat", (0, 0, 0b110), ALLOW),
        ("exit", (9,), KILL),
        ("exit", (), ALLOW),
    ],
)
def test_a_call_has_its_verdict(
    machine: str, call: str, arguments: tuple[int, ...], expected: int
) -> None:
    """By its number on that machine and, for some, by its arguments."""
    assert expected == verdict(POLICY, machine, ARCHITECTURES[machine].calls[call], *arguments)


@pytest.mark.parametrize("machine", ARCHITECTURES)
def test_whatever_is_not_named_kills(machine: str) -> None:
    """Calls that are to come included; and one that this machine does not have is left out."""
    names = {"read", "open", "write", *POLICY.depending} & set(ARCHITECTURES[machine].calls)
    named = {ARCHITECTURES[machine].calls[name] for name in names}

    assert len(named) == 6 + (machine == "x86_64")
    assert {KILL} == {verdict(POLICY, machine, call) for call in range(600) if call not in named}


def test_other_tables_kill() -> None:
    """Another architecture's, and x32, which numbers the same calls differently."""
    read = ARCHITECTURES["x86_64"].calls["read"]

    assert verdict(POLICY, "x86_64", read, audit=0x40000003) == KILL
    assert verdict(POLICY, "x86_64", read | 0x40000000) == KILL


def test_an_unknown_machine_has_no_filter(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is said, not guessed."""
    assert seccomp.is_available()
    monkeypatch.setattr(seccomp, "MACHINE", "riscv64")
    assert not seccomp.is_available()
