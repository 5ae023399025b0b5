"""What oauth2-proxy answers to nginx, without an identity provider behind it."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Final

COOKIE: Final = "_oauth2_proxy"
"""Its value is the address of the person who is signed in."""

SIGN_IN: Final = b"Sign in with Acme"


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        """Whether somebody is signed in, by 202 or 401; or the page that asks for it, by 200."""
        name, _, email = self.headers.get("Cookie", "").partition("=")
        if self.path != "/oauth2/auth":
            self._answer(200, SIGN_IN)
        elif name == COOKIE:
            self._answer(202, b"", email)
        else:
            self._answer(401, b"")

    do_POST = do_GET  # noqa: N815 - See http.server.

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - See http.server.
        """Say nothing."""

    def _answer(self, status: int, body: bytes, email: str = "") -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        if email:
            self.send_header("X-Auth-Request-Email", email)
        self.end_headers()
        self.wfile.write(body)


@contextmanager
def oauth2_proxy() -> Iterator[int]:
    """Run it with `--set-xauthrequest`; gives its port."""
    with ThreadingHTTPServer(("127.0.0.1", 0), _Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield server.server_port
        finally:
            server.shutdown()
            thread.join()
