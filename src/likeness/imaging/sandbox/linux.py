"""Calls to Linux that Python has no name for. Each fails with OSError, and none silently."""

import ctypes
import os
import platform
import sys
from typing import Final

PR_SET_PDEATHSIG: Final = 1
PR_SET_DUMPABLE: Final = 4
PR_SET_NAME: Final = 15
PR_SET_NO_NEW_PRIVS: Final = 38
PR_SET_MDWE: Final = 65

IS_LINUX: Final = sys.platform == "linux"
MACHINE: Final = platform.machine()

_libc: Final = ctypes.CDLL(None, use_errno=True)


def prctl(option: int, argument: int | bytes) -> None:
    """One setting of this process or thread (prctl(2))."""
    value = ctypes.c_char_p(argument) if isinstance(argument, bytes) else ctypes.c_ulong(argument)
    if _libc.prctl(option, value, ctypes.c_ulong(0), ctypes.c_ulong(0), ctypes.c_ulong(0)) != 0:
        _raise()


def syscall(number: int, *arguments: object) -> int:
    """A system call by its number; the result, which is not negative."""
    result: int = _libc.syscall(ctypes.c_long(number), *arguments)
    if result < 0:
        _raise()
    return result


def _raise() -> None:
    number = ctypes.get_errno()
    raise OSError(number, os.strerror(number))
