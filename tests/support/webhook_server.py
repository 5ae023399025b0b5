"""A receiver of webhooks in a thread of its own, for verbs and services in other processes."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class Told:
    """What it was told. `status` is what it answers with; `ids` are those of all that came."""

    url: str = ""
    status: int = 200
    headers: list[dict[str, str]] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)

    @property
    def messages(self) -> list[dict[str, Any]]:
        """Each, but for pings."""
        read = [json.loads(body) for body in self.bodies]
        return [each for each in read if each.get("type") not in {"ping", "url_verification"}]

    @property
    def ids(self) -> list[str]:
        """The ids of all webhooks."""
        return [each["webhook-id"] for each in self.headers if "webhook-id" in each]


@contextmanager
def webhook_server() -> Iterator[Told]:
    """One that runs; it answers a challenge of Slack's as apps do."""
    told = Told()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            told.headers.append({name.lower(): value for name, value in self.headers.items()})
            told.bodies.append(body)
            said = str(json.loads(body).get("challenge", "ok")).encode()
            self.send_response(told.status)
            self.send_header("content-length", str(len(said)))
            self.end_headers()
            self.wfile.write(said)

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    told.url = f"http://127.0.0.1:{server.server_port}/hook"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield told
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
