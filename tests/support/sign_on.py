"""Somebody's browser at a service that signs in by a provider, and the way there and back."""

from contextlib import AbstractAsyncContextManager
from pathlib import Path

import httpx

from likeness.site.single_sign_on import START_PATH
from support.browser import Visitor, visitor
from support.provider import SECRET, log_in, tell


def at(issuer: str, data: Path, **settings: str) -> AbstractAsyncContextManager[Visitor]:
    """A browser at a service that signs in by a provider."""
    own = {"oidc_issuer": issuer, "oidc_client_id": "likeness", "oidc_client_secret": SECRET}
    return visitor(data, **{**own, "oidc_name": "Acme & Co", **settings})


async def sent_back(browser: Visitor, login: str, *, is_willing: bool = True) -> str:
    """Go to the provider by the button, and give where it sends the browser back to."""
    start = await browser.get(START_PATH)
    assert start.status_code == 303, start.text
    return await log_in(start.headers["location"], login, is_willing=is_willing)


async def enter(browser: Visitor, login: str) -> httpx.Response:
    """The whole way."""
    return await browser.get(await sent_back(browser, login))


async def enter_as(browser: Visitor, issuer: str, subject: str, **claims: object) -> httpx.Response:
    """The whole way, when the provider says just this of somebody."""
    await tell(issuer, subject, **claims)
    return await enter(browser, subject)
