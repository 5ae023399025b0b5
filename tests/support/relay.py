"""A wire with an ear: passes connections on to a server, and keeps what was asked on them."""

import socket
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Final

_CHUNK: Final = 65536


@dataclass
class Relay:
    """`asked` has what callers sent, piece by piece; a request begins with a piece of its own."""

    target: int
    address: str = ""
    asked: list[bytes] = field(default_factory=list)

    def asked_for(self, path: str) -> list[bytes]:
        """The heads of requests for a path."""
        return [head for head in self.asked if head.split(b" ")[1:2] == [path.encode()]]


@contextmanager
def relaying(target: int) -> Iterator[Relay]:
    """Listen on a free port of loopback for as long as the context lasts."""
    relay = Relay(target)

    class Handler(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            with suppress(OSError), socket.create_connection(("127.0.0.1", target)) as other:
                back = threading.Thread(target=_pump, args=(other, self.request, []), daemon=True)
                back.start()
                _pump(self.request, other, relay.asked)
                back.join()

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        host, port = server.server_address[:2]
        relay.address = f"{host!s}:{port}"
        thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        yield relay
        server.shutdown()


def _pump(source: socket.socket, sink: socket.socket, kept: list[bytes]) -> None:
    with suppress(OSError):
        while data := source.recv(_CHUNK):
            kept.append(data)
            sink.sendall(data)
        sink.shutdown(socket.SHUT_WR)
