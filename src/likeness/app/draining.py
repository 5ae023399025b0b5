"""The time between being told to stop and stopping: everything is still answered, with a hint."""

import signal
from typing import Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

DRAIN_SIGNAL: Final = signal.SIGUSR1
"""What the supervisor sends to its server processes. SIGTERM, SIGINT and SIGHUP are Granian's."""

_CLOSE: Final = (b"connection", b"close")


class Draining:
    """Whether this server process is about to stop. It never goes back."""

    def __init__(self) -> None:
        self.has_begun = False

    def begin(self, *_: object) -> None:
        """From now on `/readyz` says no, and every connection ends with its next answer.

        It can be a handler of signals; it only sets a flag, since a log line could interrupt one.
        """
        self.has_begun = True

    def listen(self) -> None:
        """Begin at DRAIN_SIGNAL. For the main thread of a server process only."""
        signal.signal(DRAIN_SIGNAL, self.begin)

    def around(self, app: ASGIApp) -> ASGIApp:
        """The same application, whose answers say `Connection: close` once draining has begun.

        A connection that is kept alive could get its next request while it is being closed. Who
        is told to open a new one opens it to a node that stays.
        """

        async def answer(scope: Scope, receive: Receive, send: Send) -> None:
            await app(scope, receive, _closing(send) if self.has_begun else send)

        return answer


def _closing(send: Send) -> Send:
    async def send_closing(message: Message) -> None:
        if message["type"] == "http.response.start":
            message = {**message, "headers": [*message.get("headers", ()), _CLOSE]}
        await send(message)

    return send_closing
