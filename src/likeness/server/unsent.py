"""Drops unsent bytes of an answer in the kernel, when its connection is aborted."""

import socket
import struct
from asyncio import BaseTransport
from typing import Final

_NOTHING_LINGERS: Final = struct.pack("ii", 1, 0)
"""struct linger of Linux: on, for no second."""


def discard_unsent(transport: BaseTransport) -> None:
    """Have the end of this connection be a reset.

    Else the kernel would go on offering its part of the answer, megabytes perhaps, to a client that
    takes nothing, for minutes, and the client might never hear of the end.
    """
    connection = transport.get_extra_info("socket")
    if connection is not None:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _NOTHING_LINGERS)
