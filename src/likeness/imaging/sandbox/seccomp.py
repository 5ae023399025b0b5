"""A policy about system calls, as the small program by which Linux holds a process to it.

Whatever the policy does not name ends the process. The instructions are those of classic BPF; see
seccomp(2).
"""

import ctypes
import errno
import struct
from collections.abc import Iterable, Mapping
from typing import Final, NamedTuple

from likeness.imaging.sandbox.calls import ARCHITECTURES, Architecture
from likeness.imaging.sandbox.linux import IS_LINUX, MACHINE, syscall

_ALLOW: Final = 0x7FFF0000
_KILL: Final = 0x80000000
_ERROR: Final = 0x00050000

_LOAD, _JUMP_EQUAL, _JUMP_MASKED, _RETURN = 0x20, 0x15, 0x45, 0x06
"""Load a word, jump if it is equal, jump if any of these bits is set, return."""

_NUMBER_AT, _ARCHITECTURE_AT, _ARGUMENTS_AT = 0, 4, 16
"""Offsets in struct seccomp_data; arguments have 8 bytes each, the low word first."""

_MODE_FILTER: Final = 1
_ACTION_IS_AVAILABLE: Final = 2
"""Operations of seccomp(2)."""

_X32: Final = 0x40000000

Instructions = list[bytes]


class Policy(NamedTuple):
    """The system calls that a process may make, by their names.

    `freely` is allowed whatever the arguments, the busiest first. `in_vain` gets the error EPERM:
    what an ordinary library tries and can do without. `depending` has instructions for calls that
    depend on an argument; each ends with a verdict.
    """

    freely: tuple[str, ...]
    in_vain: tuple[str, ...]
    depending: Mapping[str, Instructions]


def is_available() -> bool:
    """Whether this machine's calls are known by number, and its kernel takes filters."""
    if not IS_LINUX or MACHINE not in ARCHITECTURES:
        return False
    action = ctypes.c_uint32(_KILL)
    try:
        # It changes nothing, and fails where filters are unknown.
        _seccomp(_ACTION_IS_AVAILABLE, ctypes.byref(action))
    except OSError:
        return False
    return True


class _Program(ctypes.Structure):
    """struct sock_fprog."""

    _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_char_p))


def install(policy: Policy) -> None:
    """Bind this process, which has one thread, and its children to a policy, for good.

    A second policy narrows the first one. Needs no_new_privs. Raises OSError.
    """
    code = program(ARCHITECTURES[MACHINE], policy)
    _seccomp(_MODE_FILTER, ctypes.byref(_Program(len(code) // _LENGTH, code)))


def program(machine: Architecture, policy: Policy) -> bytes:
    """The filter as the kernel takes it: 8 bytes for each instruction.

    Calls that a machine does not have are left out.
    """
    rules = [
        _load(_ARCHITECTURE_AT),
        *unless_equal(machine.audit, [KILLED]),
        _load(_NUMBER_AT),
        *if_any_bit(_X32, [KILLED]),
    ]
    verdicts: list[tuple[str, Instructions]] = [
        *((name, [ALLOWED]) for name in policy.freely),
        *((name, [DENIED]) for name in policy.in_vain),
        *policy.depending.items(),
    ]
    for name, verdict in verdicts:
        if name in machine.calls:
            rules += if_equal(machine.calls[name], verdict)
    return b"".join([*rules, KILLED])


def argument(number: int, *, high: bool = False) -> bytes:
    """Look at an argument of the call from here on, at its low or its high 32 bits."""
    return _load(_ARGUMENTS_AT + 8 * number + (4 if high else 0))


def if_one_of(values: Iterable[int], verdict: bytes) -> Instructions:
    """The verdict for each of these values."""
    return [part for value in values for part in if_equal(value, [verdict])]


def if_equal(value: int, then: Instructions) -> Instructions:
    """The action for this value only."""
    return [_instruction(_JUMP_EQUAL, value, skip_if_not=len(then)), *then]


def unless_equal(value: int, then: Instructions) -> Instructions:
    """The action for every other value."""
    return [_instruction(_JUMP_EQUAL, value, skip_if=len(then)), *then]


def if_any_bit(bits: int, then: Instructions) -> Instructions:
    """The action where one of these bits is set."""
    return [_instruction(_JUMP_MASKED, bits, skip_if_not=len(then)), *then]


def refused_with(error: int) -> bytes:
    """The verdict that gives the caller an error by its number in `errno`."""
    return _instruction(_RETURN, _ERROR | error)


def _load(offset: int) -> bytes:
    return _instruction(_LOAD, offset)


def _instruction(code: int, value: int, *, skip_if: int = 0, skip_if_not: int = 0) -> bytes:
    """One struct sock_filter."""
    return struct.pack("=HBBI", code, skip_if, skip_if_not, value)


def _seccomp(operation: int, argument: object) -> None:
    syscall(ARCHITECTURES[MACHINE].calls["seccomp"], operation, 0, argument)


ALLOWED: Final = _instruction(_RETURN, _ALLOW)
DENIED: Final = refused_with(errno.EPERM)
KILLED: Final = _instruction(_RETURN, _KILL)
"""The verdicts: go on, be told that it may not be, end the process by SIGSYS."""

_LENGTH: Final = len(ALLOWED)
