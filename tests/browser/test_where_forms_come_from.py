"""What Chromium says of a form on a page with our headers, where it says little else.

By plain HTTP to any name but this machine's it sends no `Sec-Fetch-Site`, so that only `Origin`
tells our forms from others'. A stricter `Referrer-Policy` than ours would have it say `null`.
"""

import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Final

import pytest
from starlette.requests import Request

from likeness.errors import NotAdmitted
from likeness.site.assets import Assets
from likeness.site.origin import OwnOrigin
from likeness.site.views import Views
from support.chromium import needs_chromium
from support.patience import PATIENCE_S

pytestmark = [pytest.mark.slow, needs_chromium]

HOST: Final = "photos.test"
OURS: Final = Views(["http://photos.test"], Assets()).message("", 200).headers["referrer-policy"]
FORM: Final = b"<form method=post></form><script>document.forms[0].submit()</script>"


@contextmanager
def pages(policy: str) -> Iterator[tuple[int, list[dict[str, str]]]]:
    """A page that sends its form at once; its port, and the headers that came with forms."""
    seen: list[dict[str, str]] = []

    class Page(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._answer(FORM)

        def do_POST(self) -> None:
            seen.append({name.lower(): value for name, value in self.headers.items()})
            self._answer(b"ok")

        def _answer(self, body: bytes) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.send_header("Referrer-Policy", policy)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Nothing to say."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Page) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_port, seen
        server.shutdown()


def form_sent(policy: str, folder: Path) -> tuple[OwnOrigin, Request, dict[str, str]]:
    """The form that Chromium sends from such a page, and the origin that the page has."""
    with pages(policy) as (port, seen):
        home = f"http://{HOST}:{port}"
        subprocess.run(
            [
                *("chromium", "--headless", "--no-sandbox", "--disable-gpu", "--dump-dom"),
                *("--disable-dev-shm-usage", "--virtual-time-budget=5000"),
                f"--user-data-dir={folder / 'profile'}",
                f"--host-resolver-rules=MAP {HOST} 127.0.0.1",
                f"{home}/sign-in?code=secret",
            ],
            check=True,
            capture_output=True,
            timeout=PATIENCE_S,
        )
    raw = [(name.encode(), value.encode()) for name, value in seen[0].items()]
    return OwnOrigin(home), Request({"type": "http", "method": "POST", "headers": raw}), seen[0]


def test_our_own_forms_are_let_in_and_say_no_path(tmp_path: Path) -> None:
    """The code in the address of a link stays there."""
    origin, request, headers = form_sent(OURS, tmp_path)

    origin.check(request)
    assert "sec-fetch-site" not in headers
    assert "secret" not in str(headers)


def test_the_strictest_policy_would_shut_us_out(tmp_path: Path) -> None:
    """Which is why it is not ours."""
    origin, request, headers = form_sent("no-referrer", tmp_path)

    assert headers["origin"] == "null"
    with pytest.raises(NotAdmitted):
        origin.check(request)
