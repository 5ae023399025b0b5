"""The pages for administrators in a real Chromium: by keys alone, without scripts, by axe."""

import io
from collections.abc import Callable, Iterator
from typing import Any, Final
from zipfile import ZipFile

import pytest
from playwright.sync_api import Browser, FilePayload, expect

from likeness.scopes import ADMIN_SCOPE, SCOPES_DEFAULT
from support.live import LiveServer, Person, add_person
from support.pictures import jpeg
from support.screen import DESKTOP, PHONE, Visit, aside, violations, visit

OpenPeople = Callable[..., Visit]

pytestmark = pytest.mark.slow

NAMES: Final = (
    "Ada Lovelace",
    "محمد بن موسى الخوارزمي",
    "<b onclick=alert(1)>Mallory</b>",
    "Wolfeschlegelsteinhausenbergerdorff" * 4,
)
FIELDS: Final = "#people tbody tr"


@pytest.fixture
def open_people(
    chrome: Browser, server: LiveServer, request: pytest.FixtureRequest
) -> Iterator[OpenPeople]:
    """Opens a page as an administrator of a workspace of its own, whose names are hard to show."""
    letters = (each if each.isalnum() else " " for each in request.node.name)
    workspace = " ".join("".join(letters).split())[-60:].strip()

    def arrive(number: int, name: str, scopes: tuple[str, ...] = SCOPES_DEFAULT) -> Person:
        email = f"p{number}@example.org"
        return aside(
            lambda: add_person(server, email, workspace=workspace, real_name=name, scopes=scopes)
        )

    for number, name in enumerate(NAMES):
        arrive(number, name)
    admin = arrive(len(NAMES), "Adam Admin", (*SCOPES_DEFAULT, ADMIN_SCOPE))
    seen: list[Visit] = []

    def opened(path: str = "/people", **options: Any) -> Visit:
        seen.append(visit(chrome, server, admin, path=path, **options))
        return seen[-1]

    yield opened
    for one in seen:
        one.check()
        one.page.context.close()


STATES: Final = {
    "table": "/people",
    "nobody": "/people?q=zzz",
    "faces": "/people?view=faces",
    "asked": "/people/change?do=lock&all=yes",
    "links": "/people/change?do=links&all=yes",
    "refused": "/people/change?do=lock",
    "imports": "/imports",
}


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("viewport", [PHONE, DESKTOP], ids=["phone", "desktop"])
@pytest.mark.parametrize("state", STATES)
def test_axe_finds_nothing_and_nothing_is_too_wide(
    open_people: OpenPeople, axe: str, state: str, viewport: dict[str, int], scheme: str
) -> None:
    """In every state, in both schemes, on the smallest and a usual screen."""
    seen = open_people(STATES[state], viewport=viewport, color_scheme=scheme, bypass_csp=True)
    seen.forgiven = ("403",)

    assert violations(seen.page, axe) == []
    assert seen.page.evaluate("document.documentElement.scrollWidth") == viewport["width"]


def test_all_of_a_page_are_chosen_by_one_box(open_people: OpenPeople) -> None:
    """Which says how many are; the page that asks then names them."""
    seen = open_people()
    page = seen.page
    page.get_by_label("Choose all on this page").check()
    expect(page.locator("#chosen")).to_have_text("(5 of 5)")
    page.get_by_label("Choose Adam Admin").uncheck()
    expect(page.locator("#chosen")).to_have_text("(4 of 5)")
    assert page.evaluate("document.querySelector('thead input').indeterminate")
    page.select_option("#do", "lock")
    page.get_by_role("button", name="Go on").click()
    expect(page.locator("h1")).to_have_text("Lock the photo: 4 people?")
    page.fill("#reason", "the badge shows it")
    page.get_by_role("button", name="Lock the photo").click()
    expect(page.locator("[role=status]")).to_have_text("4 people are locked.")
    page.get_by_role("link", name="Back to the people").click()
    expect(page.locator("#state option:checked")).to_have_text("Everybody (5)")


def test_it_works_without_scripts(open_people: OpenPeople) -> None:
    """Each box for itself; names that are markup are names."""
    seen = open_people(java_script_enabled=False)
    page = seen.page
    assert page.locator("thead input").count() == 0
    page.get_by_label("Name or address").fill("mallory")
    page.get_by_role("button", name="Search").click()
    expect(page.locator(FIELDS)).to_have_count(1)
    page.locator("[name=chosen]").check()
    page.select_option("#do", "hide")
    page.get_by_role("button", name="Go on").click()
    expect(page.locator(".names")).to_contain_text("<b onclick=alert(1)>Mallory</b>")
    page.get_by_role("button", name="Hide from look-ups").click()
    expect(page.locator("[role=status]")).to_have_text("1 person is hidden.")
    page.goto(f"{seen.server.url}/people?state=hidden")
    expect(page.locator(FIELDS)).to_have_count(1)


def test_it_works_by_keys_alone(open_people: OpenPeople) -> None:
    """From the box, over the state, to somebody's box, what to do, and the page that asks."""
    seen = open_people()
    page = seen.page
    page.focus("#q")
    page.keyboard.type("MULL ada")
    page.keyboard.press("Control+A")
    page.keyboard.type("lovelace")
    page.keyboard.press("Enter")
    expect(page.locator(FIELDS)).to_have_count(1)
    page.focus("[name=chosen]")
    page.keyboard.press("Space")
    for _ in range(20):
        if page.evaluate("document.activeElement.id") == "do":
            break
        page.keyboard.press("Tab")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_have_text("Hide from look-ups: 1 person?")
    page.get_by_role("button", name="Hide from look-ups").focus()
    page.keyboard.press("Enter")
    expect(page.locator("[role=status]")).to_have_text("1 person is hidden.")


def test_the_script_is_small(open_people: OpenPeople) -> None:
    """About a kilobyte."""
    seen = open_people()
    source = seen.page.locator("script").get_attribute("src")
    answer = seen.page.request.get(f"{seen.server.url}{source}")

    assert len(answer.body()) < 1300


def test_links_come_down_as_a_file(open_people: OpenPeople) -> None:
    """Which the browser stores and does not show."""
    seen = open_people("/people/change?do=links&all=yes")
    with seen.page.expect_download() as download:
        seen.page.get_by_role("button", name="Make sign-in links").click()

    assert download.value.suggested_filename == "sign-in-links.csv"


def imported(seen: Visit, name: str, data: bytes, kind: str) -> None:
    """Upload a file and wait for its plan."""
    page = seen.page
    page.goto(f"{seen.server.url}/imports")
    page.check(f"[name=kind][value={kind}]")
    file: FilePayload = {"name": name, "mimeType": "application/octet-stream", "buffer": data}
    page.set_input_files("#upload", files=[file])
    page.get_by_role("button", name="Upload and plan").click()
    # The page looks again by itself.
    expect(page.get_by_role("button", name="Apply this plan")).to_be_visible()


@pytest.mark.parametrize("has_scripts", [True, False], ids=["scripts", "none"])
def test_people_and_photos_come_in_by_a_file(open_people: OpenPeople, has_scripts: bool) -> None:
    """The page looks again by itself until it is done; the report comes down, and all goes back."""
    seen = open_people(java_script_enabled=has_scripts)
    page = seen.page
    imported(seen, "staff.csv", b"email,name\nnew@example.org,New Person\n", "people")
    page.get_by_role("button", name="Apply this plan").click()
    expect(page.locator("main [role=status]")).to_have_text("Done.")
    packed = io.BytesIO()
    with ZipFile(packed, "w") as archive:
        archive.writestr("new@example.org.jpg", jpeg(600, 600))
        archive.writestr("nobody@example.org.jpg", jpeg(600, 600))
    imported(seen, "photos.zip", packed.getvalue(), "photos")
    expect(page.locator("tbody tr")).to_have_count(2)
    expect(page.locator("tbody tr").first).to_contain_text("unknown person")
    page.get_by_role("button", name="Apply this plan").click()
    expect(page.locator("main [role=status]")).to_have_text("Done.")
    with page.expect_download() as download:
        page.get_by_role("link", name="Report as CSV").click()
    assert download.value.suggested_filename.startswith("import-")
    page.get_by_role("button", name="Take the photos back").click()
    expect(page.locator("main [role=status]")).to_have_text("1 put back.")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("viewport", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_axe_finds_nothing_on_a_plan(
    open_people: OpenPeople, axe: str, viewport: dict[str, int], scheme: str
) -> None:
    """Nor on the list with it, nor on the page of a person with their log."""
    seen = open_people(viewport=viewport, color_scheme=scheme, bypass_csp=True)
    imported(seen, "staff.csv", f"email,name\nbad,\nn@example.org,{'x' * 150}\n".encode(), "people")
    assert violations(seen.page, axe) == []
    assert seen.page.evaluate("document.documentElement.scrollWidth") == viewport["width"]
    seen.page.goto(f"{seen.server.url}/imports")
    assert violations(seen.page, axe) == []
    seen.page.goto(f"{seen.server.url}/?user=p0@example.org")
    expect(seen.page.locator("#log")).to_contain_text("added the account")
    assert violations(seen.page, axe) == []
    assert seen.page.evaluate("document.documentElement.scrollWidth") == viewport["width"]
