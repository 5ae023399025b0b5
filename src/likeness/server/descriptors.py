"""Raises the limit of open files and sockets of this process as far as it is needed."""

import resource
from typing import Final

RESERVED: Final = 256
"""For the database, files of photos, pipes to picture processes, and spare connections."""


def room_for(connections: int) -> int:
    """How many connections this process may have open, at most `connections`.

    Raises the limit that Linux sets for it as far as that goes and is needed.
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = connections + RESERVED
    if soft < wanted:
        soft = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    return max(1, min(connections, soft - RESERVED))
