"""What an application is told of a request."""

from likeness.server.head import Head
from likeness.server.scope import Peer, scope_of
from support.line import Line


def test_a_request_is_told_as_asgi_has_it() -> None:
    """The path decoded, and as it came."""
    head = Head("GET", b"/a%2Fb%FF", b"c=%20", "1.1", [(b"host", b"x")], 0, True, False)

    scope = scope_of(head, Peer.of(Line(("10.0.0.1", 1234))))

    assert ("http", "GET", "1.1", "http") == (
        scope["type"],
        scope["method"],
        scope["http_version"],
        scope["scheme"],
    )
    assert ("/a/b\ufffd", b"/a%2Fb%FF", b"c=%20") == (
        scope["path"],
        scope["raw_path"],
        scope["query_string"],
    )
    assert [(b"host", b"x")] == scope["headers"]
    assert (("10.0.0.1", 1234), ("127.0.0.1", 8080)) == (scope["client"], scope["server"])


def test_a_unix_socket_has_no_address() -> None:
    """Its name is a path, or empty."""
    assert Peer.of(Line(None)).client is None
