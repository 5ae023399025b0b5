"""Whether a listener lets connections in, asked while it comes or goes."""

import socket
from collections.abc import Callable
from typing import Final

_TURNED_AWAY: Final = (ConnectionError, FileNotFoundError)
"""A port where nobody listens refuses, and a path where nobody listens may be gone. A listener that
is being closed resets the connections that are in its backlog: nobody has accepted them either."""


def lets_in(connect: Callable[[], socket.socket]) -> bool:
    """Whether a new connection, which `connect` makes, is not turned away at once."""
    try:
        connect().close()
    except _TURNED_AWAY:
        return False
    return True
