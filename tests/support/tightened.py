"""A program that starts another as systemd does: by a unit's filter of calls, without new code.

It is run by its text, `python -c TEXT CALLS FAMILIES PROGRAM ARGUMENT...`, by users who may not
read this folder. CALLS are names of system calls with commas, FAMILIES numbers of address families.
"""

import ctypes
import errno
import os
import sys
from typing import Final

_SET_NO_NEW_PRIVS: Final = 38
_SET_MDWE: Final = 65
_ALLOW: Final = 0x7FFF0000
_ERROR: Final = 0x00050000
_EQUAL: Final = 4

_libc: Final = ctypes.CDLL(None, use_errno=True)


class _Condition(ctypes.Structure):
    """struct scmp_arg_cmp of libseccomp."""

    _fields_ = (
        ("argument", ctypes.c_uint),
        ("operation", ctypes.c_int),
        ("value", ctypes.c_uint64),
        ("unused", ctypes.c_uint64),
    )


def give_up_new_code() -> None:
    """What MemoryDenyWriteExecute and NoNewPrivileges mean. Raises OSError."""
    for option in (_SET_MDWE, _SET_NO_NEW_PRIVS):
        if _libc.prctl(option, 1, 0, 0, 0):
            raise OSError(ctypes.get_errno(), f"prctl {option}")


def filter_calls(names: list[str], families: list[int]) -> None:
    """Have everything but these answered with EPERM, by the library that systemd uses too.

    Names of other machines' calls are left out. Raises OSError.
    """
    library = ctypes.CDLL("libseccomp.so.2")
    library.seccomp_init.restype = ctypes.c_void_p
    rules = ctypes.c_void_p(library.seccomp_init(_ERROR | errno.EPERM))

    def allow(name: str, *conditions: _Condition) -> None:
        number = library.seccomp_syscall_resolve_name(name.encode())
        these = (_Condition * len(conditions))(*conditions)
        if number >= 0:
            _check(library.seccomp_rule_add_array(rules, _ALLOW, number, len(these), these))

    for name in set(names) - {"socket"}:
        allow(name)
    for family in families:
        allow("socket", _Condition(0, _EQUAL, family, 0))
    _check(library.seccomp_load(rules))


def _check(result: int) -> None:
    if result < 0:
        raise OSError(-result, os.strerror(-result))


if __name__ == "__main__":
    calls, numbers, *command = sys.argv[1:]
    give_up_new_code()
    filter_calls(calls.split(","), [int(number) for number in numbers.split(",")])
    os.execv(command[0], command)  # noqa: S606 - A shell would be another program.
