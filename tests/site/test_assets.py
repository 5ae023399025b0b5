"""Scripts and styles: names that change with them, and nothing beside them."""

from importlib.resources import files

import pytest

from likeness.site.assets import Assets
from support.browser import Visitor

pytestmark = pytest.mark.anyio


async def test_every_file_is_served_for_ever_under_the_name_that_pages_use(
    browser: Visitor,
) -> None:
    """With the type that its suffix says, since browsers are told not to guess."""
    names = [entry.name for entry in (files("likeness.site") / "static").iterdir()]
    types = {"js": "text/javascript", "css": "text/css"}

    assert {"page.css", "page.js"} <= set(names)
    for name in names:
        answer = await browser.get(Assets().url(name))
        assert answer.status_code == 200
        assert "immutable" in answer.headers["cache-control"]
        assert answer.headers["x-content-type-options"] == "nosniff"
        expected = types.get(name.rpartition(".")[2], "")
        assert answer.headers["content-type"].startswith(expected)


async def test_a_page_from_before_an_upgrade_gets_the_files_of_today(browser: Visitor) -> None:
    """And its browser does not keep them under the old name."""
    answer = await browser.get("/assets/0123456789abcdef/page.js")

    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-cache"


@pytest.mark.parametrize(
    "name",
    [
        "",
        "nothing.js",
        "../pages.py",
        "..%2fpages.py",
        "%2e%2e/pages.py",
        "page.js/",
        "/etc/passwd",
    ],
)
async def test_nothing_else_is_served(browser: Visitor, name: str) -> None:
    """Names are looked up, never opened."""
    version = Assets().url("page.js").split("/")[2]

    assert (await browser.get(f"/assets/{version}/{name}")).status_code == 404


def test_a_template_that_names_a_missing_file_fails() -> None:
    """Rather than to send visitors there."""
    with pytest.raises(KeyError, match=r"missing\.js"):
        Assets().url("missing.js")


async def test_a_page_names_its_files_by_their_version(browser: Visitor) -> None:
    """Both pages: that of a visitor and that of whoever is signed in."""
    assert Assets().url("page.css") in (await browser.get("/")).text
    await browser.sign_in()
    assert Assets().url("page.js") in (await browser.get("/")).text
