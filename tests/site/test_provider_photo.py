"""The photo of a real OpenID Connect provider's user, from a host that takes its time."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from likeness.model import Photo, Source
from likeness.site.single_sign_on import CALLBACK_PATH, START_PATH
from support import web
from support.browser import HOME, Visitor, visitor
from support.document_host import DocumentHost, document_host, head_of
from support.live import LiveServer, add_person
from support.patience import PATIENCE_S, until
from support.pictures import jpeg
from support.provider import SECRET, log_in, provider, tell

pytestmark = pytest.mark.anyio

ADA = "ada@example.org"


@dataclass
class Scene:
    """Ada's browser, the provider, and the host where it says that her photo is."""

    issuer: str
    host: DocumentHost
    browser: Visitor

    async def enter(self, path: str = "/ada", **claims: object) -> None:
        """Sign in by the provider, which says that her photo is at this path; "" for none."""
        picture = {"picture": f"http://127.0.0.1:{self.host.port}{path}"} if path else {}
        said = {"email": ADA, "email_verified": True} | picture | claims
        await tell(self.issuer, ADA, **said)
        start = await self.browser.get(START_PATH)
        answer = await self.browser.get(await log_in(start.headers["location"], ADA))
        assert (answer.status_code, answer.headers.get("location")) == (303, "/"), answer.text

    async def settled(self) -> None:
        """Return when nothing is under way that a sign-in began."""
        begun = [task for task in asyncio.all_tasks() if "provider photo" in task.get_name()]
        await asyncio.gather(*begun)

    def photo(self) -> Photo | None:
        """What she shows."""
        work = self.browser.work
        return work.service.database.current_photo(work.ada.id)


@asynccontextmanager
async def scene(issuer: str, data: Path, **settings: str) -> AsyncIterator[Scene]:
    """A service at which that host is named."""
    async with document_host() as host:
        own = {"oidc_issuer": issuer, "oidc_client_id": "likeness", "oidc_client_secret": SECRET}
        named = {"picture_hosts": f"127.0.0.1:{host.port}"}
        async with visitor(data, **{**own, **named, **settings}) as browser:
            yield Scene(issuer, host, browser)


async def test_a_slow_host_holds_nobody_up_and_the_photo_comes_later(
    issuer: str, tmp_path: Path
) -> None:
    """The host answers only when the page was seen; then it is shown, with where it is from."""
    asked, seen = asyncio.Event(), asyncio.Event()

    async def once_the_page_was_seen(writer: asyncio.StreamWriter) -> None:
        asked.set()
        await seen.wait()
        writer.write(head_of(200, {"content-type": "image/jpeg"}) + jpeg(600, 600))

    async with scene(issuer, tmp_path) as here:
        here.host.says["/ada"] = once_the_page_was_seen
        await here.enter()
        page = await here.browser.get("/")
        await asked.wait()
        before = here.photo()
        seen.set()
        await until(here.photo)
        [photo] = here.browser.work.service.database.history(here.browser.work.ada.id)

    assert page.status_code == 200
    assert here.browser.work.ada.real_name in page.text
    assert before is None
    assert (photo.source, photo.set_by) == (Source.PROVIDER, f"oidc:{issuer}")


async def test_what_did_not_change_is_not_fetched_again_and_what_did_comes(
    issuer: str, tmp_path: Path
) -> None:
    """By sign-ins of the same person; one without a picture takes it away."""
    async with scene(issuer, tmp_path) as here:
        here.host.answer("/ada", jpeg(600, 600))
        here.host.answer("/new", jpeg(500, 500))
        shown = []
        for path in ("/ada", "/ada", "/new", ""):
            await here.enter(path)
            await here.settled()
            shown.append(here.photo())

    assert [600, 600, 500, None] == [photo and photo.width for photo in shown]
    assert [head.split(" ")[1] for head in here.host.asked] == ["/ada", "/new"]


@pytest.mark.parametrize("is_none", [False, True])
async def test_what_the_person_chose_outlives_each_sign_in(
    issuer: str, tmp_path: Path, is_none: bool
) -> None:
    """Their own photo on the page, or that they want none."""
    async with scene(issuer, tmp_path) as here:
        here.host.answer("/ada", jpeg(600, 600))
        await here.enter()
        await here.settled()
        await here.browser.change(**({"action": "remove"} if is_none else {}), image=jpeg(700, 700))
        chosen = here.photo()
        for path in ("/ada", "/new", ""):
            await here.enter(path)
            await here.settled()

    assert (chosen is None) is is_none
    assert here.photo() == chosen
    assert len(here.host.asked) == 1


async def test_a_host_that_sends_elsewhere_or_nonsense_changes_nothing(
    issuer: str, tmp_path: Path
) -> None:
    """What was there stays, and the log says why."""
    async with scene(issuer, tmp_path) as here:
        here.host.answer("/ada", jpeg(600, 600))
        await here.enter()
        await here.settled()
        here.host.answer("/moved", status=302, location="/ada")
        here.host.answer("/page", b"<p>Who are you?</p>", "text/html")
        here.host.answer("/big", content_length=str(20 * 2**20))
        here.host.answer("/rubbish", b"GIF89a")
        told = []
        for path in ("/moved", "/page", "/big", "/rubbish"):
            with capture_logs() as lines:
                await here.enter(path)
                await here.settled()
            told += [line["event"] for line in lines if line["log_level"] == "warning"]
        [photo] = here.browser.work.service.database.history(here.browser.work.ada.id)

    assert photo.width == 600
    # Such lines come once a minute, each kind by itself.
    assert told == ["document_not_fetched", "provider_photo_unusable"]


async def test_by_default_no_host_is_asked(issuer: str, tmp_path: Path) -> None:
    """And nothing is said of it."""
    async with scene(issuer, tmp_path, picture_hosts="") as here:
        here.host.answer("/ada", jpeg(600, 600))
        with capture_logs() as lines:
            await here.enter()
            await here.settled()

    assert here.host.asked == []
    assert here.photo() is None
    assert [line for line in lines if line["log_level"] == "warning"] == []


async def test_a_service_stops_while_a_host_keeps_it_waiting(
    provider_folder: Path, tmp_path: Path
) -> None:
    """A real one, over sockets: the page is there before the host has said anything."""
    asked, never = asyncio.Event(), asyncio.Event()

    async def never_answer(_writer: asyncio.StreamWriter) -> None:
        asked.set()
        await never.wait()

    server = LiveServer(tmp_path)
    callback = server.url + CALLBACK_PATH
    with provider(provider_folder, callback) as issuer:
        async with document_host() as host:
            host.says["/ada"] = never_answer
            picture = f"http://127.0.0.1:{host.port}/ada"
            await tell(issuer, ADA, email=ADA, email_verified=True, picture=picture)
            named = {"PICTURE_HOSTS": f"127.0.0.1:{host.port}", "OIDC_ISSUER": issuer}
            server.settings |= {**named, "OIDC_CLIENT_ID": "likeness", "OIDC_CLIENT_SECRET": SECRET}
            await asyncio.to_thread(add_person, server, ADA)
            with server:
                async with web.AsyncClient(base_url=server.url) as browser:
                    start = await browser.get(START_PATH)
                    await browser.get(await log_in(start.headers["location"], ADA))
                    page = await browser.get("/")
                await asyncio.wait_for(asked.wait(), PATIENCE_S)
            never.set()

    assert "<title>Photo of ada</title>" in page.text
    assert server.process is None
    assert "error" not in server.log()


async def test_a_provider_is_asked_for_what_its_id_token_leaves_out(
    provider_folder: Path, tmp_path: Path
) -> None:
    """One that has an address and a picture in the token is not; see `inline` of the provider."""
    with provider(provider_folder, HOME + CALLBACK_PATH, "inline") as talkative:
        async with scene(talkative, tmp_path) as here:
            here.host.answer("/ada", jpeg(600, 600))
            await here.enter()
            await here.settled()

    assert here.photo() is not None
