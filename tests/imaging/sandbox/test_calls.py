"""The tables of system calls: two machines, one vocabulary."""

import platform

import pytest

from likeness.imaging.sandbox.calls import ARCHITECTURES
from likeness.imaging.sandbox.linux import syscall

ONLY_THERE = {
    *("access", "dup2", "fork", "lstat", "open", "poll", "readlink", "select", "stat", "vfork"),
}
"""Calls of x86_64 for which later machines have others only."""


def test_both_machines_have_the_same_calls() -> None:
    """But for those that were old when arm64 was young."""
    ours, others = (set(each.calls) for each in ARCHITECTURES.values())

    assert ours - others == ONLY_THERE
    assert others < ours


@pytest.mark.parametrize("machine", ARCHITECTURES)
def test_no_two_calls_have_one_number(machine: str) -> None:
    """A slip of the pen would allow another call."""
    numbers = ARCHITECTURES[machine].calls.values()

    assert len(set(numbers)) == len(numbers)


def test_the_numbers_are_those_of_this_machine() -> None:
    """As far as a call can be known by what it gives."""
    calls = ARCHITECTURES[platform.machine()].calls

    assert syscall(calls["getpid"]) == syscall(calls["gettid"])
    assert syscall(calls["getppid"]) > 0
