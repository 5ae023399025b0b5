"""Abuse of photos by URL: guesses, floods, ranges, forged hosts, and what the time tells."""

import asyncio
import http.client
import secrets
import time
from collections.abc import Iterator
from hashlib import sha256
from typing import Final
from urllib.parse import urlsplit

import httpx
import pytest

from likeness.scopes import SCOPES_DEFAULT
from support import web
from support.live import LiveServer, Person, add_person
from support.patience import PATIENCE_S
from support.pictures import jpeg, opened
from support.processes import pss_mb, server_processes

SIDES: Final = (*range(1, 2048, 5), 2048)
"""A fifth of all there are, which takes half a minute of a core."""

GROWTH_MB_MAX: Final = 180
"""The cache may hold 64 MB, and a worker for views is started."""

GUESSES: Final = 300
ADDRESS: Final = "ada@example.org"


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    """A server that is watched for memory, for its process and for what it logs."""
    folder = tmp_path_factory.mktemp("read") / "data"
    with LiveServer(folder, {"RATE_LIMITS": "off"}) as live:
        pids, before = [process.pid for process in server_processes(live)], pss_mb(live)
        yield live
        assert pids == [process.pid for process in server_processes(live)]
        assert pss_mb(live) - before < GROWTH_MB_MAX
        assert "Traceback" not in live.log()


@pytest.fixture(scope="module")
def ada(guarded: LiveServer) -> Person:
    """Somebody with a photo."""
    person = add_person(guarded, ADDRESS, scopes=SCOPES_DEFAULT)
    reply = web.post(
        f"{guarded.api}users.setPhoto",
        files={"image": jpeg(600, 600)},
        headers={"Authorization": f"Bearer {person.token}"},
    )
    assert reply.json()["ok"]
    return person


@pytest.fixture(scope="module")
def photo(guarded: LiveServer, ada: Person) -> str:
    """The URL of her photo."""
    headers = {"Authorization": f"Bearer {ada.token}"}
    profile = web.get(f"{guarded.api}users.profile.get", headers=headers).json()["profile"]
    url: str = profile["image_72"]
    return url


def by_hash(server: LiveServer, email: str = ADDRESS) -> str:
    """Where somebody is found by the hash of an address."""
    return f"{server.url}/avatar/{sha256(email.encode()).hexdigest()}"


def test_hundreds_of_guesses_learn_nothing(guarded: LiveServer, photo: str) -> None:
    """Never there, taken away, or another secret of somebody's: the same answer to the byte."""
    answers = set()
    with web.Client() as client:
        for number in range(GUESSES):
            secret = secrets.token_hex(10)
            parts = photo.rsplit("_", 2)
            guess = f"{parts[0]}_{secret}_{parts[2]}"
            if number % 2:
                guess = (
                    f"{guarded.url}/avatars/2026-11-25/{100_000_000_000 + number}_{secret}_72.jpg"
                )
            reply = client.get(guess)
            headers = {name: text for name, text in reply.headers.items() if name != "date"}
            answers.add((reply.status_code, reply.content, tuple(sorted(headers.items()))))

    assert len(answers) == 1
    assert answers.pop()[0] == 404


@pytest.mark.parametrize(
    "ranges", ["bytes=0-0", "bytes=-1", "bytes=5-2", "bytes=0-1,5-9", ",".join(["0-"] * 1000), "x"]
)
def test_ranges_are_ignored(photo: str, ranges: str) -> None:
    """The whole picture, 200, however many are asked for (CVE-2026-33658)."""
    whole = web.get(photo)
    reply = web.get(photo, headers={"Range": ranges})

    assert (reply.status_code, reply.content) == (200, whole.content)
    assert "content-range" not in reply.headers


def test_nothing_that_a_reader_says_of_itself_comes_back(guarded: LiveServer, photo: str) -> None:
    """Host, forwarded hosts, unknown parameters: neither in a body nor in a header."""
    forged = {
        "Host": "evil.example",
        "X-Forwarded-Host": "evil.example",
        "X-Forwarded-Proto": "evil",
        "Forwarded": "host=evil.example",
        "Origin": "https://evil.example",
    }
    for url in (photo, by_hash(guarded), f"{guarded.url}/avatars/evil.example"):
        usual = web.get(url)
        reply = web.get(f"{url}?evil=evil.example", headers=forged)
        assert (reply.status_code, reply.content) == (usual.status_code, usual.content)
        assert "evil" not in str(reply.headers)
        assert "set-cookie" not in reply.headers


@pytest.mark.parametrize(
    "target",
    [
        "/avatars/../../../etc/passwd",
        "/avatars/%2e%2e/%2e%2e/likeness.db",
        "/avatars/..%2fsecret.key",
        "/avatars/default/%2e%2e/%2e%2e/x_72.png",
        "/staged/../secret.key",
        "/avatar/../secret.key?s=80",
        "/avatar/%00?d=404",
        "/avatar/" + "a" * 4000 + "?d=404",
        "/avatar/x?d=" + "%0d%0aSet-Cookie:x=y",
        "/avatar/x?" + "&".join(["s=1"] * 1000),
    ],
)
def test_odd_targets_are_answered_and_nothing_leaks(guarded: LiveServer, target: str) -> None:
    """As they are on the wire, which no client library tidies up first."""
    host = urlsplit(guarded.url)
    connection = http.client.HTTPConnection(host.hostname or "", host.port, timeout=PATIENCE_S)
    connection.putrequest("GET", target, skip_accept_encoding=True)
    connection.endheaders()
    reply = connection.getresponse()
    body = reply.read()
    connection.close()

    assert reply.status in {200, 400, 404, 414}
    assert b"root:" not in body
    assert b"SQLite" not in body
    assert reply.getheader("Set-Cookie") is None


@pytest.mark.slow
def test_sides_of_every_size_can_be_asked_for_at_once(guarded: LiveServer, ada: Person) -> None:
    """Each has its side, in whatever order they come, and the server stays within its bounds."""

    async def flood() -> None:
        limits = httpx.Limits(max_connections=32)
        async with web.AsyncClient(limits=limits) as client:

            async def one(side: int) -> None:
                reply = await client.get(f"{by_hash(guarded)}?s={side}")
                assert reply.status_code == 200
                # One that stands in for a busy moment says so by its short life.
                if "max-age=60" not in reply.headers["cache-control"]:
                    assert opened(reply.content).size == (side, side)

            await asyncio.gather(*map(one, SIDES))

    asyncio.run(flood())


def seconds(client: httpx.Client, url: str) -> float:
    """How long one answer takes."""
    start = time.perf_counter()
    client.get(url)
    return time.perf_counter() - start


@pytest.mark.usefixtures("ada")
def test_the_time_does_not_tell_who_hides(guarded: LiveServer) -> None:
    """Hidden people and strangers, in turns, each looked at for the first time."""
    hidden = [f"hidden-{number}@example.org" for number in range(150)]

    async def hide() -> None:
        service = guarded.service()
        try:
            for email in hidden:
                await service.people.add_user(email, "Acme")
                await service.people.set_listed(email, "Acme", is_listed=False)
        finally:
            await service.close()

    asyncio.run(hide())
    taken: dict[str, list[float]] = {"hidden": [], "stranger": []}
    with web.Client() as client:
        for number, email in enumerate(hidden):
            taken["hidden"].append(seconds(client, f"{by_hash(guarded, email)}?d=404"))
            stranger = by_hash(guarded, f"stranger-{number}@example.org")
            taken["stranger"].append(seconds(client, f"{stranger}?d=404"))

    # Whatever else this machine does only ever adds to the time, so the fastest ones are compared.
    quicker, slower = sorted(min(times) for times in taken.values())
    assert slower < 1.25 * quicker
