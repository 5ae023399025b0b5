"""The states of a connection, and the deadline of each. Pure."""

from collections.abc import Mapping
from enum import Enum
from typing import Final

from likeness.server.wire import IDLE_S


class Phase(Enum):
    """The states of a connection."""

    SILENT = "nothing was sent yet"
    HEAD = "a part of a head is here"
    BODY = "a part of a body is awaited"
    ANSWER = "a request is being answered"
    IDLE = "the next request is awaited"
    LINGER = "the last answer is sent, and what the client still sends is read away"
    CLOSING = "what was sent is on its way, and then the connection ends"


DEADLINES: Final[Mapping[Phase, float]] = {
    Phase.SILENT: 10.0,
    Phase.HEAD: 10.0,
    Phase.BODY: 60.0,
    Phase.IDLE: IDLE_S,
    Phase.LINGER: 5.0,
}
"""Seconds, from the beginning of the phase; of a body, from its last byte, since the application
has a deadline for all of it. How long an answer takes is for the application to bound."""

TAKING_S: Final = 30.0
TAKEN_LENGTH_MIN: Final = 16 * 1024
"""A client takes so many bytes of an answer in so many seconds, while there are any left: half a
kilobyte a second, slower than any network that still shows a page."""
