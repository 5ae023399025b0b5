"""A real OpenID Connect provider on loopback, and somebody who fills in its forms."""

import json
import re
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from html import unescape
from pathlib import Path
from typing import Final
from urllib.parse import urljoin

import httpx

from support import web
from support.live import free_port
from support.node import installed
from support.patience import PATIENCE_S
from support.starting import Started

SOURCES: Final = Path(__file__).parents[1] / "site" / "provider"
SECRET: Final = "the secret of Likeness, which nobody else has"
_STEPS_MAX: Final = 12
_FIRST_PATIENCE_S: Final = PATIENCE_S / 5
"""Node hung once at its start, before it said anything, and does not when it is started again."""


def install(folder: Path) -> Path:
    """The provider with exactly the packages of its lock file; skips where npm is missing."""
    return installed(SOURCES, folder)


@contextmanager
def provider(folder: Path, redirect_uri: str, wrong: str = "") -> Iterator[str]:
    """A running provider; gives its issuer. `wrong` is what is wrong with its ID tokens."""
    port = free_port()
    job = json.dumps({"port": port, "redirectUri": redirect_uri, "wrong": wrong})
    with ExitStack() as running:
        try:
            _start(running, folder, job, _FIRST_PATIENCE_S)
        except AssertionError:
            _start(running, folder, job, PATIENCE_S)
        yield f"http://127.0.0.1:{port}"


def _start(running: ExitStack, folder: Path, job: str, patience_s: float) -> None:
    """Start the provider, which ends when `running` does, and wait until it is ready."""
    process = running.enter_context(Started(["node", "provider.mjs", job], cwd=folder))
    running.callback(process.kill)
    assert process.first_line(patience_s) == "ready", process.complaints()


async def log_in(url: str, login: str, *, is_willing: bool = True) -> str:
    """Follow the provider's pages as `login`, and give the address that it sends back to.

    Somebody unwilling cancels on the first page.
    """
    async with web.AsyncClient() as browser:
        answer = await browser.get(url)
        for _ in range(_STEPS_MAX):
            if answer.is_redirect:
                url = urljoin(str(answer.url), answer.headers["location"])
                if "/sign-in/oidc/callback" in url:
                    return url
                answer = await browser.get(url)
            elif not is_willing:
                answer = await browser.get(_link(answer, "abort"))
            else:
                fields = dict(re.findall(r'name="(prompt)" value="(\w+)"', answer.text))
                fields |= {"login": login, "password": "x"} if fields["prompt"] == "login" else {}
                answer = await browser.post(_target(answer), data=fields)
    raise AssertionError(answer.text)


async def tell(issuer: str, subject: str, **claims: object) -> None:
    """Have a running provider say just this of somebody from now on."""
    said = {"sub": subject, "claims": json.dumps(claims)}
    async with web.AsyncClient() as client:
        answer = await client.get(f"{issuer}/told", params=said)
    assert answer.status_code == 200, answer.text


async def logout(issuer: str, subject: str, sid: str, changes: Mapping[str, object]) -> str:
    """The body by which a running provider says that a session is over.

    `changes` are claims of its token that are to be others, or, None, not there.
    """
    asked = {"sub": subject, "sid": sid}
    asked |= {"change": json.dumps(dict(changes))} if changes else {}
    async with web.AsyncClient() as client:
        answer = await client.get(f"{issuer}/ended", params=asked)
    assert answer.status_code == 200, answer.text
    return answer.text


def _target(answer: httpx.Response) -> str:
    found = re.search(r'<form[^>]* action="([^"]+)"', answer.text)
    assert found, answer.text
    return urljoin(str(answer.url), unescape(found[1]))


def _link(answer: httpx.Response, word: str) -> str:
    found = re.search(rf'href="([^"]*{word}[^"]*)"', answer.text)
    assert found, answer.text
    return urljoin(str(answer.url), unescape(found[1]))
