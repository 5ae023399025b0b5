"""A real Chromium in which people use the page, and what it must never do while they do so."""

import base64
import io
import json
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Final, TypeVar
from urllib.parse import urlsplit

from PIL import Image
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    FilePayload,
    Page,
    Request,
    Route,
    expect,
    sync_playwright,
)

from support import web
from support.live import LiveServer, Person, add_person
from support.patience import PATIENCE_S

PROGRAM: Final = "/usr/bin/chromium"
FLAGS: Final = ("--no-sandbox", "--force-color-profile=srgb", "--disable-dev-shm-usage")
"""It runs as root in CI, and colours are compared."""

COOKIE: Final = "likeness_session"
PATIENCE_MS: Final = PATIENCE_S * 1000
DESKTOP: Final = {"width": 1280, "height": 900}
PHONE: Final = {"width": 320, "height": 640}

_WATCH: Final = """
window.faults = [];
document.addEventListener("securitypolicyviolation", (event) =>
  faults.push(`${event.violatedDirective} ${event.blockedURI}`));
"""
_DROP: Final = """
([bytes, name, type]) => {
  const transfer = new DataTransfer();
  const data = Uint8Array.from(atob(bytes), (one) => one.charCodeAt(0));
  transfer.items.add(new File([data], name, {type}));
  const fire = (kind) => document.body.dispatchEvent(
    new DragEvent(kind, {dataTransfer: transfer, bubbles: true, cancelable: true}));
  fire("dragenter");
  fire("dragover");
  window.sawVeil = getComputedStyle(document.querySelector(".veil")).display !== "none";
  fire("drop");
}
"""
_PASTE: Final = """
([bytes, name, type]) => {
  const transfer = new DataTransfer();
  const data = Uint8Array.from(atob(bytes), (one) => one.charCodeAt(0));
  transfer.items.add(new File([data], name, {type}));
  document.dispatchEvent(new ClipboardEvent("paste", {clipboardData: transfer, bubbles: true}));
}
"""
_T = TypeVar("_T")


def aside(work: Callable[[], _T]) -> _T:
    """Do something with an event loop of its own, which the thread of Playwright has already."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(work).result()


@contextmanager
def chromium() -> Iterator[Browser]:
    """Debian's Chromium, started once for all that is done inside."""
    expect.set_options(timeout=PATIENCE_MS)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=PROGRAM, args=list(FLAGS))
        yield browser
        browser.close()


@dataclass
class Visit:
    """Somebody on the page. `faults` are what may never happen, `calls` what went to the API."""

    page: Page
    server: LiveServer
    person: Person
    faults: list[str] = field(default_factory=list)
    calls: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    forgiven: tuple[str, ...] = ()

    def choose(self, data: bytes, name: str = "me.jpg", kind: str = "image/jpeg") -> None:
        """Choose a file by the button."""
        file: FilePayload = {"name": name, "mimeType": kind, "buffer": data}
        self.page.set_input_files("#file", files=[file])

    def drop(self, data: bytes, name: str = "me.jpg", kind: str = "image/jpeg") -> None:
        """Drag a file over the page and let it go."""
        self.page.evaluate(_DROP, [_base64(data), name, kind])

    def paste(self, data: bytes, name: str = "image.png", kind: str = "image/png") -> None:
        """Paste a picture, as screenshots are."""
        self.page.evaluate(_PASTE, [_base64(data), name, kind])

    def wait_until_ready(self) -> None:
        """Until the upload is done and the picture can be framed."""
        self.page.wait_for_selector("#framing[data-step=ready]")

    def set(self) -> None:
        """Press the button, and wait for the word that it is done."""
        self.page.click("#set")
        self.page.wait_for_selector("#notice.ok")

    def said(self) -> str:
        """What the page says has happened."""
        self.page.wait_for_selector("#notice:not([hidden])")
        return self.page.inner_text("#notice-text")

    def sent(self, method: str) -> list[dict[str, str]]:
        """The fields of every call of a method, files left out."""
        return [fields for name, fields in self.calls if name == method]

    def profile(self) -> dict[str, Any]:
        """What the Slack door says of this person now."""
        reply = web.get(
            f"{self.server.api}users.profile.get",
            headers={"Authorization": f"Bearer {self.person.token}"},
        )
        profile: dict[str, Any] = reply.json()["profile"]
        return profile

    def stored_bytes(self, size: int | str) -> bytes:
        """The photo as it is served."""
        return web.get(self.profile()[f"image_{size}"]).content

    def stored(self, size: int | str) -> Image.Image:
        """The photo as pixels."""
        return Image.open(io.BytesIO(self.stored_bytes(size))).convert("RGB")

    def screenshot(self, selector: str) -> Image.Image:
        """How a part of the page looks, from whole pixel to whole pixel."""
        part = self.page.locator(selector).first
        part.scroll_into_view_if_needed()
        box = part.bounding_box()
        assert box
        left, top = round(box["x"]), round(box["y"])
        right, bottom = left + round(box["width"]), top + round(box["height"])
        data = self.page.screenshot(animations="disabled")
        return Image.open(io.BytesIO(data)).convert("RGB").crop((left, top, right, bottom))

    def lose(self, method: str, times: int = 1) -> None:
        """Have the network fail at the next calls of a method."""
        left = [times]

        def fail(route: Route) -> None:
            left[0] -= 1
            if left[0] < 0:
                route.continue_()
            else:
                route.abort("connectionreset")

        self.forgiven += ("ERR_CONNECTION_RESET",)
        self.page.route(f"**/api/{method}", fail)

    def check(self) -> None:
        """Nothing happened that may not."""
        self.faults += self.page.evaluate("window.faults ?? []")
        bad = [fault for fault in self.faults if not any(word in fault for word in self.forgiven)]
        assert bad == []


def visit(
    browser: Browser, server: LiveServer, person: Person, *, path: str = "/", **options: Any
) -> Visit:
    """Open the page as somebody who is signed in. `options` are those of a browser's context."""
    context = browser.new_context(**{"viewport": DESKTOP, **options})
    context.add_cookies([{"name": COOKIE, "value": person.token, "url": server.url}])
    return _watched(context, server, person, path)


def _watched(context: BrowserContext, server: LiveServer, person: Person, path: str) -> Visit:
    context.add_init_script(_WATCH)
    context.set_default_timeout(PATIENCE_MS)
    page = context.new_page()
    seen = Visit(page, server, person)
    page.on("console", lambda line: _note_line(seen, line))
    page.on("pageerror", lambda error: seen.faults.append(str(error)))
    page.on("request", lambda request: _note(seen, request))
    page.goto(server.url + path)
    return seen


def _note_line(seen: Visit, line: ConsoleMessage) -> None:
    if line.type == "error":
        seen.faults.append(line.text)


def _note(seen: Visit, request: Request) -> None:
    url = urlsplit(request.url)
    if url.scheme not in {"blob", "data"} and f"{url.scheme}://{url.netloc}" != seen.server.url:
        seen.faults.append(f"request to {request.url}")
    if url.path.startswith("/api/"):
        seen.calls.append((url.path.removeprefix("/api/"), _fields(request)))


def _fields(request: Request) -> dict[str, str]:
    """The texts of a multipart form; browsers hide the bytes of files."""
    body = request.post_data_buffer or b""
    kind = request.headers.get("content-type", "")
    boundary = kind.partition("boundary=")[2].encode()
    fields = {}
    for part in body.split(b"--" + boundary) if boundary else []:
        head, _, value = part.partition(b"\r\n\r\n")
        if b'name="' in head and b"filename=" not in head:
            name = head.partition(b'name="')[2].partition(b'"')[0]
            fields[name.decode()] = value.removesuffix(b"\r\n").decode()
    return fields


def somebody(server: LiveServer, name: str) -> Person:
    """A new person; `name` is what the test is called, of which an address holds the end."""
    local = "".join(character if character.isalnum() else "-" for character in name)[-60:]
    return aside(lambda: add_person(server, f"{local.strip('-')}@example.org"))


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def violations(page: Page, source: str) -> list[str]:
    """What axe-core finds on the page as it stands; `source` is its script."""
    page.add_script_tag(content=source)
    found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    return [
        f"{rule['id']}: {json.dumps([node['target'] for node in rule['nodes']])}"
        for rule in found["violations"]
    ]


def script_url(page: Page, name: str) -> str:
    """Where a module of the page is, by the address of its style sheet."""
    style: str = page.locator("link[href$='/page.css']").get_attribute("href") or ""
    return style.replace("page.css", name)
