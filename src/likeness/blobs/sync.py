"""Makes several written files durable by one syncfs, at less cost than an fsync for each.

The figures and the risk are in docs/decisions/0007-one-sync-for-a-photo.md.
"""

import ctypes
import os
import platform
import re
from collections.abc import Sequence
from typing import Final

_KERNEL_MIN: Final = (5, 8)
"""Before Linux 5.8 syncfs() did not report that writing back had failed."""

_libc: Final = ctypes.CDLL(None, use_errno=True)


def _kernel() -> tuple[int, ...]:
    """The version of the kernel, such as (6, 18); (0,) where it cannot be parsed."""
    match = re.match(r"(\d+)\.(\d+)", platform.release())
    return tuple(map(int, match.groups())) if match else (0,)


HAS_SYNCFS: bool = (
    platform.system() == "Linux" and _kernel() >= _KERNEL_MIN and hasattr(_libc, "syncfs")
)
"""Whether this machine can sync a file system and say whether it worked."""


def sync_files(descriptors: Sequence[int]) -> None:
    """Return when the bytes of all files, which are on one file system, are on the disk.

    Raises OSError when the disk could not take them.
    """
    if len(descriptors) > 1 and HAS_SYNCFS:
        _sync_file_system(descriptors[0])
        return
    for descriptor in descriptors:
        os.fsync(descriptor)


def _sync_file_system(descriptor: int) -> None:
    if _libc.syncfs(descriptor) != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
