"""An interpreter of the programs by which Linux filters system calls."""

import struct
from typing import Final

from likeness.imaging.sandbox.calls import ARCHITECTURES
from likeness.imaging.sandbox.seccomp import Policy, program

ALLOW: Final = 0x7FFF0000
KILL: Final = 0x80000000
EPERM: Final = 0x50001
ENOSYS: Final = 0x50026
ENOTTY: Final = 0x50019
"""What a program answers: the verdict in the high word, the error in the low one."""

_LOAD, _JUMP_EQUAL, _JUMP_MASKED = 0x20, 0x15, 0x45


def verdict(
    policy: Policy, machine: str, call: int, *arguments: int, audit: int | None = None
) -> int:
    """What the policy's program for a machine answers to a system call."""
    architecture = ARCHITECTURES[machine]
    padded = (*arguments, 0, 0, 0, 0, 0, 0)[:6]
    data = struct.pack("=IIQ6Q", call, audit or architecture.audit, 0, *padded)
    code, at, accumulator = program(architecture, policy), 0, 0
    while True:
        kind, if_true, if_false, value = struct.unpack_from("=HBBI", code, 8 * at)
        at += 1
        if kind == _LOAD:
            [accumulator] = struct.unpack_from("=I", data, value)
        elif kind == _JUMP_EQUAL:
            at += if_true if accumulator == value else if_false
        elif kind == _JUMP_MASKED:
            at += if_true if accumulator & value else if_false
        else:
            return int(value)
