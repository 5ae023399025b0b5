"""What every answer of the site says to the browser, and pages about what went wrong."""

from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from starlette.requests import Request
from starlette.responses import Response

from likeness.errors import InvalidFormData, NotAdmitted, Ratelimited, ServiceUnavailable
from likeness.site.assets import Assets
from likeness.site.views import Instead, Views, status_of
from support.browser import Visitor, visitor

pytestmark = pytest.mark.anyio

VIEWS = Views(["https://photos.example.org"], Assets())


def raising(error: Exception) -> Callable[[Request], Awaitable[Response]]:
    """A page that fails."""

    async def page(_: Request) -> Response:
        raise error

    return VIEWS.guarded(page)


def asked(verb: str) -> Request:
    """A request that nothing is read from."""
    return Request({"type": "http", "method": verb, "headers": []})


@pytest.mark.parametrize(
    ("error", "status", "said"),
    [
        (NotAdmitted("Not you."), 403, "Not you."),
        (InvalidFormData("the form is odd"), 400, "The form is odd"),
        (Ratelimited("too fast", 3), 429, "ratelimited"),
        (ServiceUnavailable("too many uploads"), 503, "service_unavailable"),
        (ZeroDivisionError("division by <b>zero</b>"), 500, "internal_error"),
    ],
)
async def test_whatever_goes_wrong_is_a_page(error: Exception, status: int, said: str) -> None:
    """With its status, and never a trace of where it happened."""
    answer = await raising(error)(asked("GET"))

    text = bytes(answer.body).decode()
    assert status == answer.status_code
    assert said in text
    assert "zero" not in text
    assert "Traceback" not in text


async def test_after_a_form_that_was_not_read_the_connection_is_closed() -> None:
    """What is left of it would be taken for the next request."""
    assert "close" == (await raising(NotAdmitted("no"))(asked("POST"))).headers["connection"]
    assert "connection" not in (await raising(NotAdmitted("no"))(asked("GET"))).headers


@pytest.mark.parametrize("code", ["too_large", "bad_image", "user_not_found", "what_is_new"])
def test_every_refusal_has_a_status_of_its_kind(code: str) -> None:
    """One that nobody thought of is the visitor's."""
    assert 400 <= status_of(code) < 500


async def test_what_is_shown_is_escaped(browser: Visitor) -> None:
    """Somebody may be called anything."""
    people = browser.work.service.people
    eve = await people.add_user(
        '"><img/src=x>@evil.example', "Acme", name="<script>alert('x')</script> \"&"
    )
    code = await browser.link(eve)

    asking = (await browser.get(f"/sign-in?code={code}")).text
    await browser.sign_in(eve)
    page = (await browser.get("/")).text

    for text in (asking, page):
        assert "<script>alert" not in text
        assert "<img/src" not in text
        assert "&lt;script&gt;" in text


@pytest.mark.parametrize("path", ["/", "/sign-in", "/sign-in?code=x", "/sign-out"])
async def test_every_answer_keeps_strangers_out(tmp_path: Path, path: str) -> None:
    """No frames, no scripts but ours, no guessing, nothing kept, no path told to anybody."""
    async with visitor(tmp_path, home="https://likeness.invalid") as browser:
        verb = browser.post if path == "/sign-out" else browser.get
        headers = (await verb(path)).headers

    policy = headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "form-action 'self'" in policy
    assert "unsafe" not in policy
    assert headers["cache-control"] == "no-store"
    assert headers["referrer-policy"] == "strict-origin"
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["cross-origin-opener-policy"] == "same-origin"
    assert headers["strict-transport-security"] == "max-age=31536000"


@pytest.mark.parametrize(
    ("cdn_url", "sources"),
    [
        ("", "https://likeness.invalid"),
        ("https://likeness.invalid", "https://likeness.invalid"),
        ("https://cdn.test/faces", "https://likeness.invalid https://cdn.test"),
    ],
)
async def test_pictures_may_come_from_where_photos_are_said_to_be(
    tmp_path: Path, cdn_url: str, sources: str
) -> None:
    """And from nowhere else: of a CDN by its origin, whatever path it has."""
    async with visitor(tmp_path, home="https://likeness.invalid", cdn_url=cdn_url) as browser:
        policy = (await browser.get("/")).headers["content-security-policy"]

    assert f"img-src 'self' blob: {sources}; " in policy


async def test_by_http_nobody_is_told_to_insist_on_https(browser: Visitor) -> None:
    """Whoever runs it so has no certificate."""
    assert "strict-transport-security" not in (await browser.get("/")).headers


async def test_head_is_get_without_a_body(browser: Visitor) -> None:
    """For those who look whether it is there."""
    head = await browser.client.head("/")

    assert head.status_code == 200
    assert head.headers["content-length"] == (await browser.get("/")).headers["content-length"]


async def test_another_page_may_be_the_answer() -> None:
    """As it was made, but for what follows from a form that was not read."""
    page = VIEWS.message("Sign in first.", 403)

    answer = await raising(Instead(page))(asked("POST"))

    assert answer is page
    assert (answer.status_code, answer.headers["connection"]) == (403, "close")
