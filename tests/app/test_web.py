"""The application around a service, from start to end."""

from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from likeness.app.web import build, create, in_words
from likeness.webapi.methods import METHODS
from support import web
from support.live import LiveServer
from support.studio import studio

pytestmark = pytest.mark.anyio


async def test_unknown_paths_are_404_and_never_a_redirect(tmp_path: Path) -> None:
    """A trailing slash is another path."""
    async with studio(tmp_path) as work:
        transport = httpx.ASGITransport(build(work.service))
        async with httpx.AsyncClient(transport=transport, base_url="http://x") as client:
            for path in ("/nothing", "/healthz/", "/avatars"):
                assert (await client.get(path)).status_code == 404


async def test_the_openapi_document_lists_every_method(tmp_path: Path) -> None:
    """It is made from the same table that routes."""
    async with studio(tmp_path) as work:
        transport = httpx.ASGITransport(build(work.service))
        async with httpx.AsyncClient(transport=transport, base_url="http://x") as client:
            document = (await client.get("/openapi.json")).json()

    listed = {path.removeprefix("/api/") for path in document["paths"]}
    assert listed == set(METHODS), "openapi() of src/likeness/webapi/openapi.py leaves some out"


async def test_the_factory_reads_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a server process calls builds an application from settings."""
    monkeypatch.setenv("LIKENESS_DATA", str(tmp_path / "deep" / "data"))

    application = create()

    assert callable(application)
    assert (tmp_path / "deep" / "data" / "secret.key").is_file()


def test_the_server_answers_after_a_stop_and_a_start(tmp_path: Path) -> None:
    """SIGTERM ends it cleanly; the same folder and port serve again."""
    server = LiveServer(tmp_path)
    with server:
        first = web.get(f"{server.url}/readyz").status_code
    with pytest.raises(httpx.ConnectError):
        web.get(f"{server.url}/readyz")
    with server:
        second = web.get(f"{server.url}/readyz").status_code

    assert (first, second) == (200, 200)


@pytest.mark.parametrize(
    ("span", "words"),
    [
        (timedelta(0), "a minute"),
        (timedelta(minutes=6), "6 minutes"),
        (timedelta(seconds=301), "6 minutes"),
        (timedelta(minutes=119), "119 minutes"),
        (timedelta(minutes=121), "3 hours"),
        (timedelta(days=2), "2 days"),
    ],
)
def test_a_span_is_told_as_people_say_it(span: timedelta, words: str) -> None:
    """Never shorter than it is."""
    assert in_words(span) == words
