"""What all pages share: the page that asks people to sign in."""

from pathlib import Path

import pytest

from support.browser import Visitor, visitor

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize(
    "path", ["/", "/explain", "/imports", "/people", "/people/change", "/sign-in", "/targets"]
)
async def test_whoever_is_nobody_is_shown_the_ways_in(browser: Visitor, path: str) -> None:
    """A provider among them only where there is one."""
    page = (await browser.get(path)).text

    assert "sign in" in page.lower()
    assert "/sign-in/oidc" not in page


async def test_a_provider_is_named_as_the_operator_calls_it(tmp_path: Path) -> None:
    """On each such page."""
    issuer = {"oidc_issuer": "http://127.0.0.1:9", "oidc_client_id": "x", "oidc_name": "Badge"}
    async with visitor(tmp_path, **issuer) as browser:
        for path in ("/", "/explain", "/sign-in"):
            assert "Sign in with Badge" in (await browser.get(path)).text
