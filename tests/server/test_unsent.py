"""A connection is ended whose client takes nothing: it hears of that, the kernel keeps nothing."""

import asyncio
import socket

import pytest

from likeness.server.unsent import discard_unsent
from support.line import Line
from support.patience import until

pytestmark = pytest.mark.anyio


async def test_a_client_that_takes_nothing_is_reset() -> None:
    """Before it has taken what was sent, of which nothing is left to be taken."""
    theirs, ours = socket.create_server(("127.0.0.1", 0)), socket.socket()
    ours.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    ours.connect(theirs.getsockname())
    accepted, _ = theirs.accept()
    with theirs, ours:
        transport, _ = await asyncio.get_running_loop().connect_accepted_socket(
            asyncio.Protocol, accepted
        )
        transport.write(bytes(10**7))
        discard_unsent(transport)
        transport.abort()
        await until(lambda: ours.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR))


async def test_what_has_no_socket_is_left_alone() -> None:
    """Such as a transport of tests."""
    discard_unsent(Line())
