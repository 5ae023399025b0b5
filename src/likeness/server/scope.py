"""The ASGI scope of a request and its client."""

from asyncio import BaseTransport
from dataclasses import dataclass
from typing import Any, Final, Self
from urllib.parse import unquote

from starlette.types import Scope

from likeness.server.head import Head

_ASGI: Final = {"version": "3.0", "spec_version": "2.3"}

Address = tuple[str, int]


@dataclass(frozen=True, slots=True)
class Peer:
    """The two ends of a connection: host and port of each, None where it is no TCP connection."""

    client: Address | None = None
    server: Address | None = None

    @classmethod
    def of(cls, transport: BaseTransport) -> Self:
        """The ends of the connection that this is the transport of."""
        client, server = map(transport.get_extra_info, ("peername", "sockname"))
        return cls(_address(client), _address(server))


def scope_of(head: Head, peer: Peer) -> Scope:
    """The scope of a request."""
    return {
        "type": "http",
        "asgi": _ASGI,
        "http_version": head.version,
        "method": head.method,
        "scheme": "http",
        "path": unquote(head.path.decode("ascii")),
        "raw_path": head.path,
        "query_string": head.query,
        "root_path": "",
        "headers": head.headers,
        "client": peer.client,
        "server": peer.server,
    }


def _address(name: Any) -> Address | None:
    """The host and port of a socket's address, which is a path for a UNIX socket."""
    return (name[0], name[1]) if isinstance(name, tuple) else None
