"""Coming in and going out again, in a real browser: by a link, and by a provider."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, FilePayload, Page, expect

from likeness.site.single_sign_on import CALLBACK_PATH
from support.commands import CommandLine
from support.live import LiveServer, add_person
from support.pictures import jpeg
from support.provider import SECRET, provider
from support.screen import PATIENCE_MS, aside, somebody, violations

pytestmark = pytest.mark.slow


@pytest.fixture
def newcomer(chrome: Browser) -> Iterator[Page]:
    """A browser that nobody is signed in with; it fails on errors of a script."""
    page = chrome.new_context(bypass_csp=True).new_page()
    page.set_default_timeout(PATIENCE_MS)
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    yield page
    page.context.close()
    assert faults == []


def test_a_link_signs_in_once(newcomer: Page, server: LiveServer, axe: str) -> None:
    """It asks first, since programs open links; then there is the page, and it is used up."""
    person = somebody(server, "invited")
    line, settings = CommandLine(server.data), {"LIKENESS_PUBLIC_URL": server.url}
    words = ("user", "link", person.user.email)
    link = aside(lambda: line.run(*words, settings=settings)).output.strip()

    newcomer.goto(link)
    assert violations(newcomer, axe) == []
    newcomer.get_by_role("button", name="Sign in").click()
    newcomer.wait_for_url(f"{server.url}/")
    expect(newcomer.get_by_role("heading", name=person.user.real_name)).to_be_visible()

    newcomer.get_by_role("button", name="Sign out").click()
    expect(newcomer.get_by_role("heading", name="Sign in")).to_be_visible()
    assert violations(newcomer, axe) == []
    assert newcomer.context.cookies() == []

    newcomer.goto(link)
    expect(newcomer.get_by_role("button", name="Sign in")).not_to_be_visible()


def test_a_provider_signs_in_and_the_photo_is_set(
    newcomer: Page, provider_folder: Path, tmp_path: Path
) -> None:
    """There, through its forms, back, and on to what one came for."""
    server = LiveServer(tmp_path / "data", {"RATE_LIMITS": "off"})
    aside(lambda: add_person(server, "ada@example.org", real_name="Ada Lovelace"))
    with provider(provider_folder, server.url + CALLBACK_PATH) as issuer:
        own = {"ISSUER": issuer, "CLIENT_ID": "likeness", "CLIENT_SECRET": SECRET, "NAME": "Acme"}
        server.settings |= {f"OIDC_{name}": value for name, value in own.items()}
        with server:
            newcomer.goto(server.url)
            newcomer.get_by_text("Sign in with Acme").click()
            newcomer.fill("input[name=login]", "ada@example.org")
            newcomer.fill("input[name=password]", "x")
            newcomer.locator("button[type=submit]").click()
            newcomer.locator("button[type=submit]").click()
            newcomer.wait_for_url(f"{server.url}/")
            expect(newcomer.get_by_role("heading", name="Ada Lovelace")).to_be_visible()

            picture: FilePayload = {
                "name": "me.jpg",
                "mimeType": "image/jpeg",
                "buffer": jpeg(600, 600),
            }
            newcomer.set_input_files("#file", files=[picture])
            newcomer.locator("#set").click()
            expect(newcomer.locator("#notice-text")).to_contain_text("The photo is set")
