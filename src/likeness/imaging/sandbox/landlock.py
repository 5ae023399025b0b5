"""Landlock with no rule at all: no file can be opened, no port reached, nobody signalled.

It binds the process and all its children for good. See landlock(7); what is handled depends on the
version ("ABI") that the kernel speaks.
"""

import ctypes
import os
from typing import Final

from likeness.imaging.sandbox.linux import IS_LINUX, syscall

_CREATE_RULESET: Final = 444
_RESTRICT_SELF: Final = 446
"""The same on every architecture."""

_ASK_VERSION: Final = 1

_FILE_RIGHTS: Final = {1: 13, 2: 14, 3: 15, 5: 16}
"""How many of the rights on files exist from a version on; each is one bit, from the lowest."""

_NET_VERSION: Final = 4
_NET_RIGHTS: Final = 0b11
"""Binding and connecting TCP ports."""

_SCOPE_VERSION: Final = 6
_SCOPES: Final = 0b11
"""Abstract Unix sockets and signals stay within the process and its children."""


class _Ruleset(ctypes.Structure):
    """struct landlock_ruleset_attr."""

    _fields_ = (("fs", ctypes.c_uint64), ("net", ctypes.c_uint64), ("scoped", ctypes.c_uint64))


def version() -> int:
    """The version that this kernel speaks; 0 where there is none."""
    if not IS_LINUX:
        return 0
    try:
        return syscall(_CREATE_RULESET, None, ctypes.c_size_t(0), _ASK_VERSION)
    except OSError:
        return 0


def deny_all() -> None:
    """Give up every file, port and foreign process. Needs no_new_privs. Raises OSError."""
    spoken = version()
    rights = max((count for since, count in _FILE_RIGHTS.items() if since <= spoken), default=0)
    ruleset = _Ruleset(
        fs=(1 << rights) - 1,
        net=_NET_RIGHTS if spoken >= _NET_VERSION else 0,
        scoped=_SCOPES if spoken >= _SCOPE_VERSION else 0,
    )
    length = 24 if spoken >= _SCOPE_VERSION else 16 if spoken >= _NET_VERSION else 8
    descriptor = syscall(_CREATE_RULESET, ctypes.byref(ruleset), ctypes.c_size_t(length), 0)
    try:
        syscall(_RESTRICT_SELF, descriptor, 0)
    finally:
        os.close(descriptor)
